"""Pixels inside the convex hull of each cell, for all cells of a plane at once.

A pixel at (y, x) spans a diamond with the corners (y, x -+ 1/2) and (y -+ 1/2, x); the hull of a
cell is that of its diamonds, and the pixels whose centres lie in it or on its edge are counted.
That is scikit-image's ``area_convex``. All coordinates are doubled here, so they are whole numbers
and the answer is exact.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samcell_core.metrics.regions import Regions

__all__ = ["convex_area"]

_Integers = NDArray[np.int64]


def convex_area(regions: Regions) -> _Integers:
    """Pixels inside the convex hull of each cell."""
    if not len(regions):
        return np.zeros(0, dtype=np.int64)
    cell = regions.cell[regions.order]
    row = regions.row[regions.order]
    left = regions.left[regions.order]
    right = left + regions.length[regions.order] - 1
    opens = np.ones(cell.size, dtype=bool)
    opens[1:] = (cell[1:] != cell[:-1]) | (row[1:] != row[:-1])
    first = np.flatnonzero(opens)
    # In each row only the outermost pixels can be corners of the hull.
    cell, row, left = cell[first], row[first], left[first]
    right = np.maximum.reduceat(right, first)

    top, bottom = regions.bounds[:, 0], regions.bounds[:, 2]
    rows = bottom - top
    asked_cell = np.repeat(np.arange(len(regions)), rows)
    begin = np.cumsum(rows) - rows
    asked_row = np.arange(asked_cell.size) - np.repeat(begin - top, rows)

    first_column = _hull_columns(cell, row, left, asked_cell, asked_row)
    last_column = -_hull_columns(cell, row, -right, asked_cell, asked_row)
    return np.add.reduceat(last_column - first_column + 1, begin)


def _hull_columns(
    cell: _Integers, row: _Integers, column: _Integers, asked_cell: _Integers, asked_row: _Integers
) -> _Integers:
    """First pixel inside the left side of the hull in each row asked for.

    ``cell, row, column`` are the leftmost pixels, sorted by cell and row.
    """
    y = (2 * row[:, np.newaxis] + np.array([-1, 0, 1])).ravel()
    x = (2 * column[:, np.newaxis] + np.array([0, -1, 0])).ravel()
    group = np.repeat(cell, 3)
    # The lower corner of a pixel is at the height of the upper corner of the pixel below it.
    opens = np.ones(group.size, dtype=bool)
    opens[1:] = (group[1:] != group[:-1]) | (y[1:] != y[:-1])
    first = np.flatnonzero(opens)
    group, y, x = _left_chain(group[first], y[first], np.minimum.reduceat(x, first))

    span = int(y.max()) + 3
    asked_y = 2 * asked_row
    above = np.searchsorted(group * span + y, asked_cell * span + asked_y, side="right") - 1
    height = y[above + 1] - y[above]
    doubled = x[above] * height + (x[above + 1] - x[above]) * (asked_y - y[above])
    columns: _Integers = -(-doubled // (2 * height))
    return columns


def _left_chain(
    group: _Integers, y: _Integers, x: _Integers
) -> tuple[_Integers, _Integers, _Integers]:
    """Corners of the left side of each group's hull; points are sorted by group and y.

    A point on or right of the line between its two neighbours is no corner, whichever other
    points are dropped at the same time; what is left when none such remains is convex.
    """
    done: list[tuple[_Integers, _Integers, _Integers]] = []
    while group.size:
        drop = np.zeros(group.size, dtype=bool)
        drop[1:-1] = (group[2:] == group[:-2]) & (
            (x[1:-1] - x[:-2]) * (y[2:] - y[:-2]) >= (x[2:] - x[:-2]) * (y[1:-1] - y[:-2])
        )
        # Groups that are convex already leave, so that one large cell does not delay all.
        changed = np.zeros(int(group[-1]) + 1, dtype=bool)
        changed[group[drop]] = True
        settled = ~changed[group]
        done.append((group[settled], y[settled], x[settled]))
        stay = ~settled & ~drop
        group, y, x = group[stay], y[stay], x[stay]
    groups, ys, xs = (np.concatenate(parts) for parts in zip(*done, strict=True))
    order = np.argsort(groups, kind="stable")
    return groups[order], ys[order], xs[order]
