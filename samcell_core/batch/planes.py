"""Files of plain numbers: the distance map as TIFF, labels as 16-bit PNG."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile

from samcell_core.batch.results import Result
from samcell_core.errors import ImageError

__all__ = ["write_distance_map", "write_mask"]

# Of a file that ImageJ reads without a plug-in.
_MOST_BYTES = 2**32 - 2**20
_MOST_LABELS = np.iinfo(np.uint16).max


def write_distance_map(path: Path, result: Result, plane: int) -> None:  # noqa: ARG001
    """Write the distance map as a 32-bit TIFF that ImageJ opens with its axes and pixel size."""
    segmentation = result.segmentation
    values, axes = segmentation.distance_map, segmentation.axes
    # ImageJ knows one order of the axes.
    order = sorted(range(len(axes)), key=lambda place: "TZYX".index(axes[place]))
    metadata: dict[str, Any] = {"axes": "".join(sorted(axes, key="TZYX".index))}
    metadata |= {"min": 0.0, "max": 1.0}
    options: dict[str, Any] = {}
    if segmentation.pixel_size is not None:
        height, width = segmentation.pixel_size
        metadata["unit"] = "um"
        options["resolution"] = (1 / width, 1 / height)
    tifffile.imwrite(
        path,
        np.ascontiguousarray(values.transpose(order)),
        imagej=values.nbytes < _MOST_BYTES,
        metadata=metadata,
        **options,
    )


def write_mask(path: Path, result: Result, plane: int) -> None:
    """Write the labels of one plane as a 16-bit PNG."""
    labels = result.planes[plane]
    if labels.max(initial=0) > _MOST_LABELS:
        raise ImageError(
            f"{result.shown} has more than {_MOST_LABELS} cells, which a 16-bit PNG cannot hold: "
            "save labels instead of masks-png."
        )
    good, data = cv2.imencode(".png", labels.astype(np.uint16), [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not good:
        raise ImageError(f"The labels of {result.shown} cannot be written as PNG.")
    path.write_bytes(data.tobytes())
