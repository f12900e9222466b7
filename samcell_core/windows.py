"""Which parts of a large plane to look at: those where cells were seen, looking at less of it.

Windows spread over the plane serve where cells are all over it. Where they are few and far between,
such windows may hold none, so a window counts by the cells that are known to be in it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Window", "WindowChooser"]

Window = tuple[slice, slice]
"""Rows and columns of a plane, as it is when scaled."""

# What is known of a plane lies on a grid: this many pixels apart, or this many places across.
_PITCH = 32
_PLACES = 1024
# So much of a window covered by cells is enough: fuller ones are no better.
_ENOUGH = 0.25


class WindowChooser:
    """Chooses windows of a plane, shown at several sizes, and learns where its cells are.

    Parameters
    ----------
    shape
        Height and width of the plane.
    side
        Longest side of a window, in pixels of the scaled plane.
    """

    def __init__(self, shape: tuple[int, int], side: int) -> None:
        self._side = side
        pitch = max(_PITCH, -(-max(shape) // _PLACES))
        self._known = np.zeros([-(-length // pitch) for length in shape], np.float32)

    def choose(self, scaled: tuple[int, int]) -> list[Window]:
        """Windows of the plane when scaled to a shape, few where it is large."""
        seen = bool(self._known.any())
        corners = self._spread(scaled, sides=not seen)
        if seen and max(scaled) > 2 * self._side:
            every = np.concatenate([corners, self._covering(scaled)])
            corners = every[self._fullest(self._places(scaled, every), len(corners))]
        return [
            (
                slice(int(top), min(int(top) + self._side, scaled[0])),
                slice(int(left), min(int(left) + self._side, scaled[1])),
            )
            for top, left in corners
        ]

    def learn(self, scaled: tuple[int, int], window: Window, presence: NDArray[np.float32]) -> None:
        """Take in where in a window cells are, told on a grid of any pitch."""
        corner = np.array([[window[0].start, window[1].start]])
        ((top, bottom, left, right),) = self._places(scaled, corner)
        # Squared, so that sure cells count more than doubts all over the ground.
        sure = np.square(presence, dtype=np.float32)
        self._known[top:bottom, left:right] = cv2.resize(
            sure, (int(right - left), int(bottom - top)), interpolation=cv2.INTER_AREA
        )

    def _spread(self, scaled: tuple[int, int], *, sides: bool) -> NDArray[np.integer]:
        """Upper left corners all over a plane: its corners, its middle, and those of its sides."""
        rows, columns = (
            sorted({0, max(0, length - self._side) // 2, max(0, length - self._side)})
            if length > 2 * self._side
            else sorted({0, max(0, length - self._side)})
            for length in scaled
        )
        every = np.array([(row, column) for row in rows for column in columns])
        return every[::2] if len(every) == 9 and not sides else every

    def _covering(self, scaled: tuple[int, int]) -> NDArray[np.integer]:
        """Upper left corners of windows that leave nothing out."""
        rows, columns = (
            np.linspace(0, max(0, length - self._side), -(-length // self._side)).astype(int)
            for length in scaled
        )
        return np.stack(np.meshgrid(rows, columns, indexing="ij"), -1).reshape(-1, 2)

    def _fullest(self, places: NDArray[np.integer], most: int) -> list[int]:
        """Numbers of windows that hold most cells, each cell counted once; first ones first."""
        known = self._known.copy()
        chosen: list[int] = []
        while len(chosen) < most:
            number = int(np.argmax(np.minimum(_means(known, places), _ENOUGH)))
            if number in chosen:  # nothing is left
                break
            chosen.append(number)
            top, bottom, left, right = places[number]
            known[top:bottom, left:right] = 0
        return sorted(chosen)

    def _places(self, scaled: tuple[int, int], corners: NDArray[np.integer]) -> NDArray[np.integer]:
        """Of each window the first row, last row, first column and last column of the grid."""
        ends: list[NDArray[np.integer]] = []
        for shown, places, first in zip(scaled, self._known.shape, corners.T, strict=True):
            last = np.minimum(first + self._side, shown)
            start = np.minimum(first * places // shown, places - 1)
            ends += [start, np.maximum(last * places // shown, start + 1)]
        return np.stack(ends, -1)


def _means(values: NDArray[np.float32], places: NDArray[np.integer]) -> NDArray[np.float64]:
    """Means of parts of a map: of each its first row, last row, first column and last column."""
    sums = cv2.integral(values, sdepth=cv2.CV_64F)
    top, bottom, left, right = places.T
    total = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    mean: NDArray[np.float64] = total / ((bottom - top) * (right - left))
    return mean
