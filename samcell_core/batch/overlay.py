"""Outlines on the image, and close-ups of single cells."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from samcell_core.batch.lettering import draw_caption, draw_scale_bar
from samcell_core.batch.pictures import Picture, outline_pixels
from samcell_core.batch.results import Result, plane_name
from samcell_core.errors import ImageError

__all__ = [
    "DOUBTFUL",
    "closeup",
    "doubtful_labels",
    "draw_outlines",
    "encode",
    "fullest_plane",
    "overlay_picture",
    "write_overlay",
]

DOUBTFUL = 0.4
"""Cells of less confidence are drawn in another colour and counted as doubtful."""

# Blue, green, red. Both stand out on grey, and from each other also for the colour-blind.
_SURE = (240, 220, 60)
_UNSURE = (60, 130, 255)
_CLOSEUP_SIDE = 132
_LEAST_CLOSEUP = 24
_LEAST_WITH_BAR = 400


def write_overlay(path: Path, result: Result, plane: int) -> None:  # noqa: ARG001
    """Write a PNG: outlines on the plane with most cells, the doubtful ones in orange."""
    path.write_bytes(encode(overlay_picture(result), ".png"))


def overlay_picture(result: Result, side: int | None = None) -> NDArray[np.uint8]:
    """Outlines, scale bar and, for stacks, the name of the plane on the plane with most cells.

    With no side longer than ``side``; small pictures have no scale bar, which would hide cells.
    """
    plane = fullest_plane(result)
    picture = result.picture(plane)
    full = picture.labels.shape[1]
    if side is not None:
        picture = picture.smaller(side)
    colours = draw_outlines(picture, doubtful_labels(result, plane))
    pixel_size = result.segmentation.pixel_size
    if pixel_size is not None and (side is None or side >= _LEAST_WITH_BAR):
        draw_scale_bar(colours, pixel_size[1] * picture.step * full / colours.shape[1])
    name = plane_name(result, plane)
    if name:
        draw_caption(colours, name)
    return colours


def fullest_plane(result: Result) -> int:
    """The plane with most cells, the first of several."""
    return int(np.argmax([int(plane.max(initial=0)) for plane in result.planes]))


def doubtful_labels(result: Result, plane: int) -> NDArray[Any]:
    """Labels of the cells of a plane that one should look at."""
    table = result.table
    here = (table["plane"] == plane) & (table["confidence"] < DOUBTFUL)
    return np.asarray(table["id"][here])


def draw_outlines(picture: Picture, doubtful: NDArray[Any]) -> NDArray[np.uint8]:
    """Colours of a picture with the innermost border pixels of each cell drawn in."""
    border = outline_pixels(picture.labels)
    colours = picture.colours.copy()
    colours[border] = _SURE
    if len(doubtful):
        colours[border & np.isin(picture.labels, doubtful)] = _UNSURE
    return colours


def closeup(picture: Picture, label: int, box: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """A square around one cell, enlarged, with its outline.

    Parameters
    ----------
    picture
        The plane.
    label
        The cell's label.
    box
        Its top, left, bottom, right in pixels of the image.
    """
    top, left, bottom, right = (edge / picture.step for edge in box)
    half = max(_LEAST_CLOSEUP, 0.9 * max(bottom - top, right - left)) / 2 + 4
    rows = _window((top + bottom) / 2, half, picture.labels.shape[0])
    columns = _window((left + right) / 2, half, picture.labels.shape[1])
    colours = picture.colours[rows, columns]
    labels = picture.labels[rows, columns]
    # Drawn at twice the size, then reduced, so that the lines are smooth.
    factor = 2 * _CLOSEUP_SIDE / max(labels.shape)
    size = (round(labels.shape[1] * factor), round(labels.shape[0] * factor))
    enlarged = np.asarray(cv2.resize(colours, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    for mask, colour, width in (
        ((labels != 0) & (labels != label), _SURE, 3),
        (labels == label, _UNSURE, 5),
    ):
        smooth = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
        inside = (smooth > 0.5).astype(np.uint8)
        inner = cv2.erode(inside, np.ones((width, width), np.uint8))
        enlarged[inside != inner] = colour
    canvas = np.zeros((2 * _CLOSEUP_SIDE, 2 * _CLOSEUP_SIDE, 3), np.uint8)
    canvas[: size[1], : size[0]] = enlarged
    half_size = (_CLOSEUP_SIDE, _CLOSEUP_SIDE)
    return np.asarray(cv2.resize(canvas, half_size, interpolation=cv2.INTER_AREA), np.uint8)


def encode(colours: NDArray[np.uint8], ending: str, quality: int = 80) -> bytes:
    """A picture as the content of a PNG or JPEG file."""
    options = (
        [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
        if ending == ".jpg"
        else [cv2.IMWRITE_PNG_COMPRESSION, 1]
    )
    good, data = cv2.imencode(ending, colours, options)
    if not good:
        raise ImageError(f"A picture of {colours.shape} pixels cannot be written as {ending}.")
    return data.tobytes()


def _window(centre: float, half: float, length: int) -> slice:
    """A stretch around a centre, moved into a length where it leaves it."""
    size = min(length, math.ceil(2 * half))
    start = min(max(0, round(centre - half)), length - size)
    return slice(start, start + size)
