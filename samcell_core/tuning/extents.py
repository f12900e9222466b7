"""How far cells reach at each of many fill thresholds, wherever they start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Extents"]


class Extents:
    """The 4-connected components of a distance map above each of many fill thresholds, as a tree.

    A component lies inside one of each lower threshold, its parents. It is part of a cell where it
    holds a marker. That is known for all pixels at once from the component of the highest threshold
    that each pixel is above: its *leaf*.

    Parameters
    ----------
    distance
        2D map of floats without NaN.
    fills
        Ascending thresholds.
    """

    def __init__(self, distance: NDArray[Any], fills: Sequence[float]) -> None:
        self._leaf = np.zeros(distance.shape, np.int32)  # component 0: below all thresholds
        self._parents = [np.zeros(1, np.int32)]
        self._starts = [0, 1]
        pixels = np.arange(distance.size, dtype=np.int64 if distance.size >> 31 else np.int32)
        for fill in fills:
            above = distance > fill
            count, component = cv2.connectedComponents(above.view(np.uint8), connectivity=4)
            somewhere = np.empty(count, pixels.dtype)  # any pixel of each will do
            somewhere[component.ravel()] = pixels
            self._parents.append(self._leaf.ravel()[somewhere[1:]])
            start = self._starts[-1]
            np.add(component, start - 1, out=self._leaf, where=above)
            self._starts.append(start + count - 1)

    def reach(self, markers: NDArray[np.int32]) -> NDArray[np.uint8]:
        """For each pixel at how many of the fill thresholds, from the lowest, it is in a cell.

        A marker counts at a threshold where the map is above it.
        """
        levels = len(self._parents) - 1
        marked = np.zeros(self._starts[-1], bool)
        marked[self._leaf[markers != 0]] = True
        for level in range(levels, 0, -1):
            marked[self._parents[level][marked[self._of(level)]]] = True
        marked[0] = False
        highest = np.zeros(marked.size, np.uint8)
        for level in range(1, levels + 1):
            inherited = highest[self._parents[level]]
            highest[self._of(level)] = np.where(marked[self._of(level)], level, inherited)
        return highest.take(self._leaf)

    def _of(self, level: int) -> slice:
        """Components above the fill threshold of that number, counted from 1."""
        return slice(self._starts[level], self._starts[level + 1])
