"""The border pixels of all cells of one plane: perimeters, and which cells touch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.metrics.regions import Regions

__all__ = ["Outlines"]

EDGES = ((-1, 0), (0, -1), (0, 1), (1, 0))
CORNERS = ((-1, -1), (-1, 1), (1, -1), (1, 1))


def _length_of_code() -> NDArray[np.float64]:
    """Length that a border pixel adds, by 1 + 2 (border pixels at edges) + 10 (at corners).

    The estimator of Benkrid and Crookes, the one that scikit-image's ``perimeter`` uses.
    """
    lengths = np.zeros(50)
    lengths[[5, 7, 15, 17, 25, 27]] = 1
    lengths[[21, 33]] = np.sqrt(2)
    lengths[[13, 23]] = (1 + np.sqrt(2)) / 2
    return lengths


class Outlines:
    """Border pixels: those of a cell with an edge to another cell, the outside or the frame.

    Attributes
    ----------
    cell
        Of each border pixel: index of its cell in ``regions.ids``.
    place
        Of each border pixel: its index in a flat plane that has a frame of one pixel.
    """

    def __init__(self, regions: Regions) -> None:
        height, width = regions.labels.shape
        # A frame of background saves every question whether a neighbour is inside the image.
        framed = np.zeros((height + 2, width + 2), dtype=regions.labels.dtype)
        framed[1:-1, 1:-1] = regions.labels
        border = np.zeros((height, width), dtype=bool)
        for row, column in EDGES:
            beside = framed[1 + row : 1 + row + height, 1 + column : 1 + column + width]
            border |= beside != regions.labels
        border &= regions.labels != 0
        pixel = np.flatnonzero(border)
        self._regions = regions
        self._framed = framed.ravel()
        self._stride = width + 2
        self.place = pixel + 2 * (pixel // width) + self._stride + 1
        self._label = self._framed[self.place]
        self.cell = np.searchsorted(regions.ids, self._label)

    def frame(self, plane: NDArray[Any], value: float) -> NDArray[Any]:
        """Flat copy of a plane with a frame of ``value``, to be indexed like `neighbours`."""
        return np.pad(plane, 1, constant_values=value).ravel()

    def neighbours(
        self, steps: tuple[tuple[int, int], ...]
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[Any]]]:
        """For each step: each border pixel's neighbour there, as place and as label."""
        for row, column in steps:
            place = self.place + (row * self._stride + column)
            yield place, self._framed[place]

    def perimeter(self) -> NDArray[np.float64]:
        """Perimeter of each cell, as if it were alone in the plane."""
        is_border = np.zeros(self._framed.size, dtype=bool)
        is_border[self.place] = True
        code = np.ones(self.place.size, dtype=np.intp)
        for steps, weight in ((EDGES, 2), (CORNERS, 10)):
            for place, label in self.neighbours(steps):
                code += weight * (is_border[place] & (label == self._label))
        lengths = _length_of_code()[code]
        total = np.bincount(self.cell, weights=lengths, minlength=len(self._regions))
        return np.asarray(total, dtype=np.float64)

    def contacts(
        self, steps: tuple[tuple[int, int], ...] = EDGES + CORNERS
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]]:
        """For each step: border pixels whose neighbour there is of another cell.

        Given as index into `cell`, the neighbour's place, and the neighbour's cell. All pairs of
        touching pixels come up: of two that touch at a corner, at least one has an edge to the
        other cell.
        """
        for place, label in self.neighbours(steps):
            pixel = np.flatnonzero((label != self._label) & (label != 0))
            yield pixel, place[pixel], np.searchsorted(self._regions.ids, label[pixel])

    def touching(self) -> NDArray[np.int64]:
        """Pairs of touching cells, each once, the smaller index first: (pairs, 2)."""
        count = len(self._regions)
        keys = [
            np.unique(
                np.minimum(self.cell[pixel], other) * count + np.maximum(self.cell[pixel], other)
            )
            for pixel, _, other in self.contacts()
        ]
        merged = np.unique(np.concatenate(keys)).astype(np.int64)
        return np.stack(np.divmod(merged, max(count, 1)), axis=1)
