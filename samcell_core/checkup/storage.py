"""Memory, and the disk that downloaded models lie on."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from samcell_core.checkup.finding import BROKEN, NOTE, OK, Finding
from samcell_core.errors import SamcellError
from samcell_core.machine import memory_size
from samcell_core.models.cache import cache_folder
from samcell_core.models.registry import list_models

__all__ = ["check_cache", "check_memory"]

_LEAST_MEMORY = 4e9
_LEAST_DISK = 2e9  # four models of SAM's smallest size


def check_memory() -> Finding:
    """Memory that this process may use."""
    size = memory_size()
    if math.isinf(size):
        return Finding("memory", OK, "its size is not known on this system")
    if size < _LEAST_MEMORY:
        return Finding(
            "memory",
            NOTE,
            f"{_gigabytes(size)}",
            "close other programs, and use samcell-lite: large models need about 4 GB.",
        )
    return Finding("memory", OK, _gigabytes(size))


def check_cache() -> Iterator[Finding]:
    """The folder of downloaded models: whether it may be written, and what is in it."""
    try:
        folder = cache_folder()
    except SamcellError as error:
        yield Finding("model folder", BROKEN, str(error))
        return
    fetched = [model.entry.name for model in list_models() if model.entry.url and model.present]
    held = f"holds {', '.join(fetched)}" if fetched else "holds no downloaded model"
    above = _existing(folder)
    if not os.access(above, os.W_OK):
        yield Finding(
            "model folder",
            NOTE,
            f"{folder} cannot be written; {held}",
            "that will do for models that are there; to download, set SAMCELL_HOME to a folder of "
            "yours.",
        )
        return
    yield Finding("model folder", OK, f"{folder}; {held}")
    free = shutil.disk_usage(above).free
    if free < _LEAST_DISK:
        yield Finding(
            "free disk",
            NOTE,
            f"{_gigabytes(free)} where models lie",
            "free some space, or set SAMCELL_HOME to a folder on another disk.",
        )
    else:
        yield Finding("free disk", OK, f"{_gigabytes(free)} where models lie")


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:,.1f} GB"
