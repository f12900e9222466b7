"""Results as fields and arrays: tables of cells, and scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.worker.request import Request

if TYPE_CHECKING:
    from samcell_core.images import Image
    from samcell_core.metrics import Table
    from samcell_core.segmentation import Segmentation

__all__ = ["Result", "evaluate_arrays", "measure_arrays", "table_reply"]


class Result:
    """Fields of a reply's header, and its arrays."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields
        self.arrays: dict[str, NDArray[Any]] = {}

    def add(self, other: Result) -> None:
        """Take over another one's fields and arrays."""
        self.fields |= other.fields
        self.arrays |= other.arrays


def table_reply(found: Segmentation, image: Image) -> Result:
    """Measures of the cells that were found, and of the image."""
    from samcell_core.metrics import measure, summarize

    table = measure(found, image)
    return _of_table(table, summarize(table, found))


def measure_arrays(request: Request) -> Result:
    """Measures of labels that are given."""
    from samcell_core.metrics import measure, summarize

    labels = request.array("labels")
    image, distance = request.optional_array("image"), request.optional_array("distance")
    label_axes = request.field("label_axes", str, "")
    axes = request.field("axes", str, "") or None
    pixel_size = request.pixel_size()
    request.done()
    table = measure(
        image=image,
        axes=axes,
        labels=labels,
        label_axes=label_axes,
        distance_map=distance,
        pixel_size=pixel_size,
    )
    reply = _of_table(table, summarize(table, labels=labels, pixel_size=pixel_size))
    reply.fields["count"] = len(table)
    return reply


def evaluate_arrays(request: Request) -> Result:
    """Scores of labels, and the cells that are wrong."""
    from samcell_core.metrics import evaluate_planes
    from samcell_core.metrics.average_precision import THRESHOLDS

    predicted, truth = request.array("predicted"), request.array("truth")
    thresholds = request.numbers("thresholds")
    request.done()
    scores = evaluate_planes(
        predicted, truth, thresholds=THRESHOLDS if thresholds is None else thresholds
    )
    reply = Result(scores=scores.to_dict())
    planes = list(enumerate(scores.images))
    for name in ("missed", "spurious"):
        rows = [(plane, cell) for plane, image in planes for cell in getattr(image, name)]
        reply.arrays[name] = np.array(rows, np.int64).reshape(-1, 2)
    for name in ("merged", "split"):
        pieces = [
            (plane, whole, part)
            for plane, image in planes
            for whole, parts in getattr(image, name).items()
            for part in parts
        ]
        reply.arrays[name] = np.array(pieces, np.int64).reshape(-1, 3)
    return reply


def _of_table(table: Table, summary: dict[str, float]) -> Result:
    from samcell_core.metrics.columns import describe

    reply = Result(summary=summary, columns=[])
    for name in table.names:
        column = describe(name)
        reply.fields["columns"].append({"name": name, "unit": column.unit, "help": column.help})
        reply.arrays[f"cells.{name}"] = table[name]
    return reply
