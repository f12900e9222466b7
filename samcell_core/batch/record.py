"""The record of a run: what it was made with, in enough detail to repeat it."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from importlib import metadata
from typing import Any

from samcell_core._version import __version__
from samcell_core.batch.inputs import Problem, Source, printable
from samcell_core.batch.job import Worked
from samcell_core.segmentation import ModelInfo

__all__ = ["Clock", "run_record"]

_PACKAGES = ("torch", "numpy", "scipy", "scikit-image", "opencv-python-headless", "tifffile")


@dataclass(frozen=True)
class Clock:
    """When a run began and ended, and how long it took."""

    started: datetime
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "started": self.started.astimezone(timezone.utc).isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 3),
        }


def run_record(
    *,
    identity: Mapping[str, Any],
    model: ModelInfo,
    device: str,
    arguments: Sequence[str],
    workers: int,
    worked: Mapping[Source, Worked],
    problems: Sequence[Problem],
    clock: Clock,
) -> dict[str, Any]:
    """Return the content of ``run.json``.

    Parameters
    ----------
    identity
        What the results depend on.
    model, device
        The model, and where it ran.
    arguments
        The command that was given; empty where there was none.
    workers
        Images at work at a time.
    worked
        What became of each image, in order.
    problems
        What could not be looked into.
    clock
        The time it took. Images that an earlier run had finished have no times of their own.
    """
    images = []
    for source, each in worked.items():
        row = each.row
        images.append(
            {
                "image": row.image,
                "path": printable(str(source.path)),
                "sha256": row.sha256 or None,
                "status": "error" if row.error else "ok",
                "error": row.error or None,
                "cells": None if row.error else row.count,
                "outputs": list(row.outputs),
                "seconds": None
                if each.timing is None
                else {name: round(value, 3) for name, value in asdict(each.timing).items()},
            }
        )
    return {
        "program": "samcell-suite",
        "version": __version__,
        "arguments": [printable(each) for each in arguments],
        "model": asdict(model),
        "made_with": dict(identity),
        "device": device,
        "workers": workers,
        "machine": platform.machine(),
        "system": platform.platform(),
        "python": sys.version.split()[0],
        "packages": {name: _version_of(name) for name in _PACKAGES},
        "time": clock.to_dict(),
        "images": images,
        "problems": [asdict(problem) for problem in problems],
    }


def _version_of(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
