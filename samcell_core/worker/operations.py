"""What the engine does for each operation that docs/worker.md lists."""

from __future__ import annotations

import dataclasses
import os
import platform
import sys
import time
from collections.abc import Mapping
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from samcell_core._version import __version__
from samcell_core.machine import available_cores
from samcell_core.models.registry import list_models
from samcell_core.settings import Option, Settings
from samcell_core.worker.faults import FaultError
from samcell_core.worker.kept_models import KeptModels
from samcell_core.worker.measuring import Result, evaluate_arrays, measure_arrays, table_reply
from samcell_core.worker.request import Report, Request

__all__ = ["OPERATIONS", "PROTOCOL", "Engine"]

PROTOCOL = 1
"""Version of docs/worker.md."""

_OUTPUTS = ("labels", "unfiltered", "small_removed", "distance", "cells")
_PRECISIONS = ("auto", "fp32", "bf16", "fp16")


class _Way(TypedDict):
    """Which model is to run, and how."""

    model: str
    device: str
    precision: str
    threads: int | None


class Engine:
    """The models in memory, and what can be asked of them.

    Parameters
    ----------
    limits
        What `hello` tells of frames and requests.
    """

    def __init__(self, limits: Mapping[str, int]) -> None:
        self._limits = limits
        self._models = KeptModels()

    def hello(self, request: Request, _: Report) -> Result:
        """Who is there."""
        protocol = request.whole_number("protocol")
        request.field("client", str, "")
        request.done()
        if protocol != PROTOCOL:
            raise FaultError(
                "protocol",
                f"This SAMCell engine (version {__version__}) speaks protocol {PROTOCOL}, not "
                f"{protocol}: install the same version of SAMCell and of its module.",
            )
        return Result(
            protocol=PROTOCOL,
            engine=__version__,
            python=platform.python_version(),
            executable=sys.executable,
            pid=os.getpid(),
            models=_known_models(),
            settings=[_described(option) for option in Settings.options()],
            outputs=_OUTPUTS,
            precisions=_PRECISIONS,
            cores=available_cores(),
            limits=self._limits,
        )

    def models(self, request: Request, _: Report) -> Result:
        """The models that have a name."""
        request.done()
        return Result(models=_known_models())

    def devices(self, request: Request, _: Report) -> Result:
        """Where the network can run."""
        request.done()
        # Late: torch takes seconds to import.
        from samcell_core.devices import list_devices

        return Result(devices=[dataclasses.asdict(device) for device in list_devices()])

    def load(self, request: Request, report: Report) -> Result:
        """Read a model."""
        way = _way(request)
        offline = request.field("offline", bool, True)
        request.done()
        start = time.monotonic()
        segmenter = self._models.get(**way, offline=offline, report=report)
        return Result(**_of_model(segmenter), seconds=time.monotonic() - start)

    def segment(self, request: Request, report: Report) -> Result:
        """Find the cells of an image."""
        way = _way(request)
        settings = Settings.from_dict(request.field("settings", dict, {}))
        outputs = request.texts("outputs", ["labels"])
        for output in outputs:
            if output not in _OUTPUTS:
                raise FaultError(
                    "request",
                    f"There is no output {output[:80]!r}: known are {', '.join(_OUTPUTS)}.",
                )
        name = request.field("name", str, "") or "The image"
        pixel_size = request.pixel_size()
        pixels, mask = request.array("image"), request.optional_array("mask")
        request.done()

        start = time.monotonic()
        segmenter = self._models.get(**way, offline=True, report=report)
        loaded = time.monotonic()
        from samcell_core.images import Image
        from samcell_core.images.axes import tell_axes
        from samcell_core.postprocess import filter_labels

        axes = settings.axes or tell_axes(pixels.shape, name)
        image = Image(pixels, axes, pixel_size, name=name)
        found = segmenter.segment(
            image,
            settings,
            mask=mask,
            unfiltered=bool({"unfiltered", "small_removed"} & set(outputs)),
            progress=lambda done, total: report("tiles", done, total),
        )
        request.check()
        segmented = time.monotonic()
        reply = Result(
            **_of_model(segmenter),
            count=found.count,
            counts=[int(plane.max(initial=0)) for plane in _planes(found.labels)],
            axes=found.axes,
            settings=found.settings.to_dict(),
            pixel_size=found.pixel_size,
            notes=found.notes,
        )
        if "labels" in outputs:
            reply.arrays["labels"] = found.labels
        if "unfiltered" in outputs and found.unfiltered is not None:
            reply.arrays["unfiltered"] = found.unfiltered
        if "small_removed" in outputs and found.unfiltered is not None:
            by_size = found.settings.replace(discard_border=False)
            kept = [filter_labels(plane, by_size) for plane in _planes(found.unfiltered)]
            reply.arrays["small_removed"] = np.stack(kept).reshape(found.labels.shape)
        if "distance" in outputs:
            reply.arrays["distance"] = found.distance_map
        if "cells" in outputs:
            reply.add(table_reply(found, image))
        reply.fields["seconds"] = {
            "load": loaded - start,
            "segment": segmented - loaded,
            "measure": time.monotonic() - segmented,
        }
        return reply

    def measure(self, request: Request, _: Report) -> Result:
        """Measure labels that are given."""
        return measure_arrays(request)

    def evaluate(self, request: Request, _: Report) -> Result:
        """Hold labels against the truth."""
        return evaluate_arrays(request)

    def release(self, request: Request, _: Report) -> Result:
        """Free all models."""
        request.done()
        self._models.release()
        return Result()


OPERATIONS = {
    "hello": Engine.hello,
    "models": Engine.models,
    "devices": Engine.devices,
    "load": Engine.load,
    "segment": Engine.segment,
    "measure": Engine.measure,
    "evaluate": Engine.evaluate,
    "release": Engine.release,
}
"""What waits in line; `cancel` and `shutdown` do not."""


def _way(request: Request) -> _Way:
    return _Way(
        model=request.field("model", str, "samcell-lite"),
        device=request.field("device", str, "auto"),
        precision=request.field("precision", str, "auto"),
        threads=request.whole_number("threads"),
    )


def _of_model(segmenter: Any) -> dict[str, Any]:
    return {
        "model": dataclasses.asdict(segmenter.model),
        "device": segmenter.device,
        "precision": segmenter.precision,
        "threads": segmenter.threads,
    }


def _planes(labels: NDArray[Any]) -> NDArray[Any]:
    return labels.reshape(-1, *labels.shape[-2:])


def _known_models() -> list[dict[str, Any]]:
    return [
        {
            "name": model.entry.name,
            "summary": model.entry.summary,
            "licence": model.entry.licence,
            "citation": model.entry.citation,
            "bytes": model.entry.size,
            "path": str(model.path),
            "present": model.present,
        }
        for model in list_models()
    ]


def _described(option: Option) -> dict[str, Any]:
    facts = {
        name: getattr(option, name)
        for name in ("name", "default", "help", "low", "high", "choices", "unit", "auto")
    }
    return {**facts, "types": [kind.__name__ for kind in option.kinds]}
