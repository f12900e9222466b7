"""The cells of one plane as runs of pixels: the basis of every measure of size and place.

A run is a row of neighbouring pixels of one cell. There are some tens of runs in a cell and
hundreds or thousands of pixels, so sums over runs are cheap; they are exact whole numbers, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ellipses", "Regions", "fit_ellipses"]

# Below this part of the larger moment the smaller one is nothing but rounding.
_ROUNDING = 1e-14


class Regions:
    """Cells of one plane.

    Attributes
    ----------
    labels
        The plane, 2D.
    ids
        Labels of the cells, ascending, int64.
    cell, row, left, length
        Of each run, in the order of the pixels: index into ``ids``, row, first column, pixels.
    """

    def __init__(self, labels: NDArray[Any]) -> None:
        width = labels.shape[1]
        flat = labels.ravel()
        begins = np.empty(flat.size, dtype=bool)
        begins[0] = True
        np.not_equal(flat[1:], flat[:-1], out=begins[1:])
        begins[::width] = True
        start = np.flatnonzero(begins)
        length = np.diff(start, append=flat.size)
        inside = flat[start] != 0
        start = start[inside]
        ids, cell = np.unique(flat[start], return_inverse=True)
        self.labels = labels
        self.ids = ids.astype(np.int64)
        self.cell = cell
        self.row, self.left = np.divmod(start, width)
        self.length = length[inside]

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """Runs sorted by cell; those of a cell stay in the order of the pixels."""
        return np.argsort(self.cell, kind="stable")

    @cached_property
    def first(self) -> NDArray[np.intp]:
        """Where in ``order`` each cell begins."""
        return np.searchsorted(self.cell[self.order], np.arange(len(self)))

    def reduce(self, function: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
        """One value a cell from one value a run, such as ``reduce(np.add, length)``."""
        if not len(self):
            return values[:0]
        reduced: NDArray[Any] = function.reduceat(values[self.order], self.first)
        return reduced

    @cached_property
    def area(self) -> NDArray[np.int64]:
        """Pixels of each cell."""
        return self.reduce(np.add, self.length)

    @cached_property
    def bounds(self) -> NDArray[np.int64]:
        """First row, first column, last row + 1, last column + 1 of each cell: (n, 4)."""
        edges = (
            (np.minimum, self.row),
            (np.minimum, self.left),
            (np.maximum, self.row + 1),
            (np.maximum, self.left + self.length),
        )
        return np.stack([self.reduce(*edge) for edge in edges], axis=1)

    @cached_property
    def _sums(self) -> tuple[NDArray[np.float64], ...]:
        """Sums of y, x, yy, xx, yx over each cell, counted from its bounding box."""
        top, left = self.bounds[:, 0], self.bounds[:, 1]
        y = self.row - top[self.cell]
        x = self.left - left[self.cell]
        n = self.length
        sum_x = n * x + n * (n - 1) // 2
        sum_xx = n * x * x + x * n * (n - 1) + (n - 1) * n * (2 * n - 1) // 6
        return tuple(
            self.reduce(np.add, values).astype(np.float64)
            for values in (n * y, sum_x, n * y * y, sum_xx, y * sum_x)
        )

    @cached_property
    def centroid(self) -> NDArray[np.float64]:
        """Row and column of each cell's centre: (n, 2)."""
        local = np.stack(self._sums[:2], axis=1) / self.area[:, np.newaxis]
        centres: NDArray[np.float64] = local + self.bounds[:, :2]
        return centres

    @cached_property
    def covariance(self) -> NDArray[np.float64]:
        """Variance of y and of x and covariance of both, of each cell's pixels: (n, 3)."""
        y, x, yy, xx, yx = self._sums
        n = self.area
        return np.stack([yy - y * y / n, xx - x * x / n, yx - y * x / n], axis=1) / n[:, None]


@dataclass(frozen=True)
class Ellipses:
    """Ellipses that have the same second moments as the cells."""

    major: NDArray[np.float64]
    minor: NDArray[np.float64]
    eccentricity: NDArray[np.float64]
    orientation: NDArray[np.float64]


def fit_ellipses(
    covariance: NDArray[np.float64], height: float = 1.0, width: float = 1.0
) -> Ellipses:
    """Ellipses of cells whose pixels have this height and width.

    A cell without a direction (a disc, a square, one pixel) has the orientation -pi/4, as in
    scikit-image.
    """
    var_y, var_x, cov = (covariance * [height**2, width**2, height * width]).T
    half_sum, half_difference = (var_y + var_x) / 2, (var_y - var_x) / 2
    spread = np.hypot(half_difference, cov)
    large, small = half_sum + spread, half_sum - spread
    small = np.where(small > _ROUNDING * large, small, 0.0)
    ratio = np.divide(small, large, out=np.ones_like(large), where=large > 0)
    angle = 0.5 * np.arctan2(2 * cov, var_y - var_x)
    level = var_y == var_x
    angle[level] = np.where(cov[level] > 0, np.pi / 4, -np.pi / 4)
    return Ellipses(4 * np.sqrt(large), 4 * np.sqrt(small), np.sqrt(1 - ratio), angle)
