"""From raw labels to cells that a user wants to see: holes, sizes, border, numbers."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import ImageError

__all__ = ["clean_labels", "find_holes"]


def clean_labels(
    labels: NDArray[Any],
    *,
    fill_holes: bool,
    min_size: int,
    max_size: int | None,
    discard_border: bool,
    mask: NDArray[np.bool_] | None = None,
) -> NDArray[np.uint16] | NDArray[np.uint32]:
    """Fill holes, drop cells by size and place, and number the rest, in this order.

    Parameters
    ----------
    labels
        2D whole numbers, 0 outside cells. Not modified.
    fill_holes
        Give a hole to the cell around it. A hole is a 4-connected region of background that does
        not touch the border of the image and whose direct neighbours all belong to one cell; so
        holes that hold another cell and gaps between cells stay.
    min_size, max_size
        Cells of fewer or more pixels, counted after filling, are dropped; ``None``: no limit.
    discard_border
        Drop cells that touch the border of the image.
    mask
        Where cells may be: its edge counts as border, too, and a hole that reaches beyond it stays.

    Returns
    -------
    labels
        Cells numbered 1..n without gaps, in the order in which their first pixels come row by
        row; uint16, or uint32 where there are more than 65,535.
    """
    labels = np.asarray(labels)
    if labels.ndim != 2:
        raise ImageError(
            f"The labels have the shape {labels.shape}: give one plane of height x width."
        )
    if not np.issubdtype(labels.dtype, np.integer):
        raise ImageError(f"The labels have the type {labels.dtype}: give whole numbers.")
    if labels.size == 0:
        return np.zeros(labels.shape, np.uint16)
    if labels.min() < 0:
        raise ImageError("The labels hold negative numbers: give 0 for background, cells above.")
    if fill_holes:
        labels = _fill_holes(labels, mask)
    border = _border(labels, mask) if discard_border else labels[:0, 0]
    return _select(labels, min_size=min_size, max_size=max_size, unwanted=border)


def _border(values: NDArray[Any], mask: NDArray[np.bool_] | None) -> NDArray[Any]:
    """Values at the border of the image, and those beside a pixel outside the mask."""
    parts = [values[0], values[-1], values[:, 0], values[:, -1]]
    if mask is not None:
        parts += [values[1:][~mask[:-1]], values[:-1][~mask[1:]]]
        parts += [values[:, 1:][~mask[:, :-1]], values[:, :-1][~mask[:, 1:]]]
    return np.unique(np.concatenate(parts))


def find_holes(
    labels: NDArray[Any],
    outside: NDArray[np.bool_],
    *,
    mask: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Find the pixels in holes, as flat indices, and the cell that each of them is given to.

    See `clean_labels` for what a hole is.

    Parameters
    ----------
    labels
        2D numbers of cells; they do not count where ``outside``.
    outside
        Where no cell is.
    mask
        As `clean_labels` takes it.
    """
    count, numbered = cv2.connectedComponents(outside.view(np.uint8), connectivity=4)
    region: NDArray[np.int32] = numbered.astype(np.int32, copy=False)
    hole = np.ones(count, bool)
    hole[0] = False  # the cells
    hole[_border(region, None)] = False
    if mask is not None:
        hole[region[~mask]] = False
    if not hole.any():
        return np.empty(0, np.intp), np.empty(0, labels.dtype)
    pixels = np.flatnonzero(hole.take(region))
    regions = region.take(pixels)
    owner = np.zeros(count, labels.dtype)
    width = labels.shape[1]
    beside = [_cells_at(pixels + step, labels, outside) for step in (-width, -1, 1, width)]
    for neighbour in beside:
        owner[regions[neighbour != 0]] = neighbour[neighbour != 0]
    for neighbour in beside:
        hole[regions[(neighbour != 0) & (neighbour != owner[regions])]] = False
    filled = hole[regions]
    return pixels[filled], owner[regions[filled]]


def _cells_at(
    pixels: NDArray[np.intp], labels: NDArray[Any], outside: NDArray[np.bool_]
) -> NDArray[Any]:
    cells: NDArray[Any] = labels.take(pixels)
    cells[outside.take(pixels)] = 0
    return cells


def _fill_holes(labels: NDArray[Any], mask: NDArray[np.bool_] | None) -> NDArray[Any]:
    pixels, owners = find_holes(labels, labels == 0, mask=mask)
    if not pixels.size:
        return labels
    filled = labels.copy()
    filled.ravel()[pixels] = owners
    return filled


def _select(
    labels: NDArray[Any], *, min_size: int, max_size: int | None, unwanted: NDArray[Any]
) -> NDArray[np.uint16] | NDArray[np.uint32]:
    """Number the cells that may stay, working on runs of equal labels instead of on pixels."""
    pixels = labels.ravel()
    starts = np.concatenate([[0], np.flatnonzero(pixels[1:] != pixels[:-1]) + 1])
    lengths = np.diff(starts, append=pixels.size)
    names, first, cell = np.unique(pixels[starts], return_index=True, return_inverse=True)
    sizes = np.bincount(cell, weights=lengths, minlength=names.size)
    kept = (names != 0) & (sizes >= min_size) & ~np.isin(names, unwanted)
    if max_size is not None:
        kept &= sizes <= max_size
    cells = np.flatnonzero(kept)
    count = cells.size
    numbers = np.zeros(names.size, np.uint16 if count <= np.iinfo(np.uint16).max else np.uint32)
    numbers[cells[np.argsort(first[cells])]] = np.arange(1, count + 1)
    return np.repeat(numbers[cell], lengths).reshape(labels.shape)
