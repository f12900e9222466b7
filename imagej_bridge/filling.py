"""Pixels inside an outline, by the rule of ImageJ.

A pixel belongs to an outline if its centre lies inside, counting crossings from the left. A centre
exactly on the line is outside at the left and upper border and inside at the right and lower one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import ImageError

__all__ = ["Patch", "fill_oval", "fill_rectangle", "fill_rings"]

_NUDGE = 1e-8  # ImageJ's own: decides centres exactly on the line whatever the rounding
_MOST_CROSSINGS = 2**24  # of one outline; a cell of ten thousand pixels has a few hundred


class Patch(NamedTuple):
    """Pixels of a rectangular part of the image.

    Attributes
    ----------
    mask
        True inside, of shape (height, width); it may have no pixel at all.
    top, left
        Where its first row and column lie in the image.
    """

    mask: NDArray[np.bool_]
    top: int
    left: int


def fill_rings(
    rings: Sequence[NDArray[Any]],
    height: int,
    width: int,
    *,
    origin: tuple[int, int] = (0, 0),
) -> Patch:
    """Pixels of an image inside closed rings, by the even-odd rule over all of them.

    Parameters
    ----------
    rings
        Arrays (n, 2) of x and y. The last corner is joined to the first.
    height, width
        Size of the image. What lies outside is cut off.
    origin
        x and y that are to be added to the rings. Exact to the last bit only if rings are given
        relative to the same whole numbers as in ImageJ.
    """
    corners = [np.asarray(ring, np.float64) for ring in rings if len(ring) > 1]
    if not corners:
        return _nothing()
    start = np.concatenate(corners)
    stop = np.concatenate([np.roll(ring, -1, axis=0) for ring in corners])
    crossings = _crossings(start, stop, -origin[1], height - origin[1])
    if crossings is None:
        return _nothing()
    rows, columns = crossings
    rows += origin[1]
    columns = np.clip(columns + origin[0], 0, width)
    top, left = int(rows.min()), int(columns.min())
    box_height, box_width = int(rows.max()) + 1 - top, int(columns.max()) - left
    if box_width == 0:
        return _nothing()
    # Each crossing turns outside into inside or back for all pixels to its right.
    turns = np.zeros((box_height, box_width + 1), np.uint8)
    np.add.at(turns, (rows - top, columns - left), 1)
    inside = np.cumsum(turns, axis=1, dtype=np.uint8) & 1
    return Patch(inside[:, :-1].astype(bool), top, left)


def fill_rectangle(left: int, top: int, right: int, bottom: int, height: int, width: int) -> Patch:
    """Pixels of an image from ``left``, ``top`` up to, not including, ``right``, ``bottom``."""
    left, right = max(left, 0), min(right, width)
    top, bottom = max(top, 0), min(bottom, height)
    if left >= right or top >= bottom:
        return _nothing()
    return Patch(np.ones((bottom - top, right - left), bool), top, left)


def fill_oval(left: int, top: int, right: int, bottom: int, height: int, width: int) -> Patch:
    """Pixels of an image inside the ellipse that fits into such a rectangle."""
    patch = fill_rectangle(left, top, right, bottom, height, width)
    if patch.mask.size == 0:
        return patch
    half_width, half_height = (right - left) / 2, (bottom - top) / 2
    x = patch.left - left + np.arange(patch.mask.shape[1]) - (half_width - 0.5)
    y = patch.top - top + np.arange(patch.mask.shape[0]) - (half_height - 0.5)
    distance = (x * x / (half_width * half_width))[None, :] + (y * y / (half_height * half_height))[
        :, None
    ]
    return patch._replace(mask=distance <= 1)


def _nothing() -> Patch:
    return Patch(np.zeros((0, 0), bool), 0, 0)


def _crossings(
    start: NDArray[np.float64], stop: NDArray[np.float64], first: int, last: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Rows from ``first`` to ``last - 1`` and the pixel in each from which a line is to the left.

    ``None`` where no line crosses any row.
    """
    down = start[:, 1] <= stop[:, 1]
    x_start, y_start = np.where(down[:, None], start, stop).T
    x_stop, y_stop = np.where(down[:, None], stop, start).T
    row_start = np.floor(y_start + 0.5).astype(np.int64)
    row_stop = np.floor(y_stop + 0.5).astype(np.int64)
    begin, end = np.maximum(row_start, first), np.minimum(row_stop, last)
    lines = np.flatnonzero(end > begin)
    if lines.size == 0:
        return None
    counts = (end - begin)[lines]
    if int(counts.sum()) > _MOST_CROSSINGS:
        raise ImageError(
            "An outline crosses the rows of the image more than 16 million times, which no cell "
            "does: draw it anew."
        )
    slope = (x_stop - x_start)[lines] / (y_stop - y_start)[lines]
    x_first = x_start[lines] + (row_start[lines] - y_start[lines] + 0.5) * slope + _NUDGE
    line = np.repeat(np.arange(len(lines)), counts)
    rows = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    rows += begin[lines][line]
    x = x_first[line] + slope[line] * (rows - row_start[lines][line])
    return rows, np.floor(x + 0.5).astype(np.int64)
