"""A row of pictures that shows at a glance what a network makes of an image."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.segmentation import find_boundaries

from samcell_core.errors import ImageError
from samcell_core.files import new_file
from samcell_core.metrics.inputs import as_labels, as_map, same_shape
from samcell_core.metrics.overlap import overlap

__all__ = ["Colour", "draw_text", "sample_picture", "text_width", "write_png"]

Colour = tuple[int, int, int]
"""Red, green and blue."""

_MATCH = 0.5
_FONT = cv2.FONT_HERSHEY_SIMPLEX
# The letters of OpenCV 5 are filled outlines; before, they were strokes of a pen.
_STROKE = 1 if int(cv2.__version__.split(".")[0]) >= 5 else 2

# Told apart by people who see no red or no green, too.
_TRUE: Colour = (130, 235, 150)
_MATCHED: Colour = (70, 190, 255)
_MISSED: Colour = (255, 214, 10)
_SPURIOUS: Colour = (255, 70, 170)
_PAPER: Colour = (24, 25, 30)
_INK: Colour = (225, 226, 230)
_GAP = 6
_CAPTION = 26
_SHARPER = 2  # captions are drawn larger and reduced


def sample_picture(
    image: NDArray[Any],
    truth: Any,
    distance_map: Any,
    found: Any,
    *,
    title: str = "image",
    size: int = 448,
) -> NDArray[np.uint8]:
    """Four captioned panels: image, true cells, predicted distance map, cells found.

    Cells found are outlined in blue where they match a true one at an IoU of at least 0.5 and in
    pink where they are spurious; true cells without a match are outlined in yellow.

    Parameters
    ----------
    image
        Grey values of 8 bits, height and width.
    truth, found
        True and predicted labels of the same size.
    distance_map
        Prediction in 0..1 of the same size, shown from violet to yellow.
    title
        Caption of the first panel, in plain letters.
    size
        Longest side of a panel in pixels: larger images are reduced, smaller ones enlarged by
        whole numbers.

    Returns
    -------
    array
        RGB in 8 bits.

    Raises
    ------
    ImageError
        The four differ in size, or are not what they should be.
    """
    if image.dtype != np.uint8 or image.ndim != 2:
        raise ImageError(
            f"A picture is made of a grey plane of 8 bits, not of {image.dtype} in the shape "
            f"{image.shape}: give the image as the network sees it."
        )
    true = same_shape(as_labels(truth, "The true labels"), image, "The image of the true labels")
    cells = same_shape(as_labels(found, "The found labels"), image, "The image of found labels")
    prediction = np.nan_to_num(as_map(distance_map, true).astype(np.float32))
    missed, matched, spurious = _compared(true, cells)

    grey = cv2.cvtColor(_fitted(image, size, smooth=True), cv2.COLOR_GRAY2RGB)
    true_cells, found_cells = (
        _fitted(_renumbered(each), size, smooth=False) for each in (true, cells)
    )
    truth_panel, found_panel = grey.copy(), grey.copy()
    truth_panel[_outlines(true_cells)] = _TRUE
    for shown, numbers, colour in (
        (found_cells, matched, _MATCHED),
        (true_cells, missed, _MISSED),
        (found_cells, spurious, _SPURIOUS),
    ):
        found_panel[_outlines(np.where(np.isin(shown, numbers), shown, 0))] = colour
    heat = (np.clip(_fitted(prediction, size, smooth=True), 0, 1) * 255).astype(np.uint8)
    panels = (
        (grey, [(title, _INK)]),
        (truth_panel, [(f"true cells: {len(matched) + len(missed)}", _TRUE)]),
        (_viridis(heat), [("distance map: 0 violet, 1 yellow", _INK)]),
        (
            found_panel,
            [
                (f"{len(matched)} matched", _MATCHED),
                (f"{len(missed)} missed", _MISSED),
                (f"{len(spurious)} spurious", _SPURIOUS),
            ],
        ),
    )
    return _row(panels)


def write_png(
    picture: NDArray[np.uint8], path: str | os.PathLike[str], *, overwrite: bool = False
) -> None:
    """Write RGB as PNG: whole, or not at all, and over an existing file only on demand.

    Raises
    ------
    SamcellError
        The file exists, or cannot be written there.
    """
    with new_file(path, overwrite=overwrite, kind="picture") as draft:
        _, encoded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        draft.write_bytes(encoded.tobytes())


def draw_text(
    canvas: NDArray[np.uint8], text: str, at: tuple[int, int], *, scale: float, colour: Colour
) -> None:
    """Write one line onto an RGB picture; ``at`` is the left end of its base line (x, y)."""
    cv2.putText(canvas, text, at, _FONT, scale, colour, _STROKE, cv2.LINE_AA)


def text_width(text: str, scale: float) -> int:
    """Width in pixels of a line that `draw_text` writes."""
    return int(cv2.getTextSize(text, _FONT, scale, _STROKE)[0][0])


def _compared(true: NDArray[Any], found: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Numbers, counted from 1, of missed true cells, of matched and of spurious found ones."""
    table = overlap(found, true)
    agree = table.iou >= _MATCH
    # Two halves of a cell both have an IoU of 1/2 with it: the first one is the match.
    pairs = np.stack([table.truth[agree], table.predicted[agree]])
    for side in (0, 1):
        pairs = pairs[:, np.unique(pairs[side], return_index=True)[1]]
    missed = np.setdiff1d(np.arange(len(table.truth_ids)), pairs[0])
    spurious = np.setdiff1d(np.arange(len(table.predicted_ids)), pairs[1])
    return missed + 1, pairs[1] + 1, spurious + 1


def _renumbered(labels: NDArray[Any]) -> NDArray[np.float32]:
    """Labels 0..n of a type that OpenCV can resize."""
    numbers, index = np.unique(labels, return_inverse=True)
    return (index.reshape(labels.shape) + int(numbers[0] != 0)).astype(np.float32)


def _fitted(plane: NDArray[Any], size: int, *, smooth: bool) -> NDArray[Any]:
    """Plane at the size of a panel; enlarged pixels stay what they are."""
    height, width = plane.shape
    longest = max(height, width)
    factor = size / longest if longest > size else size // longest
    shape = max(1, round(width * factor)), max(1, round(height * factor))
    average = smooth and factor < 1
    return cv2.resize(
        plane, shape, interpolation=cv2.INTER_AREA if average else cv2.INTER_NEAREST_EXACT
    )


def _outlines(labels: NDArray[Any]) -> NDArray[np.bool_]:
    outlines: NDArray[np.bool_] = find_boundaries(labels.astype(np.int32), mode="inner")
    return outlines


def _viridis(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    coloured = cv2.applyColorMap(grey, cv2.COLORMAP_VIRIDIS)
    return np.asarray(cv2.cvtColor(coloured, cv2.COLOR_BGR2RGB), np.uint8)


def _row(
    panels: Sequence[tuple[NDArray[Any], Sequence[tuple[str, Colour]]]],
) -> NDArray[np.uint8]:
    """Panels side by side, each below its caption."""
    captions = [_caption(parts) for _, parts in panels]
    widths = [
        max(panel.shape[1], caption.shape[1])
        for (panel, _), caption in zip(panels, captions, strict=True)
    ]
    height = panels[0][0].shape[0]
    shape = (_CAPTION + height + _GAP, sum(widths) + _GAP * (len(panels) + 1), 3)
    row = np.full(shape, _PAPER, np.uint8)
    left = _GAP
    for (panel, _), caption, width in zip(panels, captions, widths, strict=True):
        row[:_CAPTION, left : left + caption.shape[1]] = caption
        row[_CAPTION : _CAPTION + height, left : left + panel.shape[1]] = panel
        left += width + _GAP
    return row


def _caption(parts: Sequence[tuple[str, Colour]]) -> NDArray[np.uint8]:
    scale, space = 0.45 * _SHARPER, 12 * _SHARPER
    width = sum(text_width(text, scale) + space for text, _ in parts)
    width += -width % _SHARPER
    canvas = np.full((_CAPTION * _SHARPER, width, 3), _PAPER, np.uint8)
    left = 0
    for text, colour in parts:
        draw_text(canvas, text, (left, 18 * _SHARPER), scale=scale, colour=colour)
        left += text_width(text, scale) + space
    reduced = cv2.resize(canvas, (width // _SHARPER, _CAPTION), interpolation=cv2.INTER_AREA)
    return np.asarray(reduced, np.uint8)
