"""Recognises a label image that was given in place of a microscope image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samcell_core.images.blocks import blocks
from samcell_core.images.planes import Plane

__all__ = ["looks_like_labels"]

_MOST_LABELS = 2**20
_FEWEST_LABELS = 8  # fewer may as well be a mask of a few tissues, or a test chart
_WITHOUT_GAPS = 0.9  # share of the numbers 1..n that occur
_SOLID = 0.6  # share of a label's pixels whose left and upper neighbours are of it, too
_COMPACT = 0.1  # share of a label's bounding box that it fills
_PROPER_LABELS = 0.9
_STEPS_OF_ONE = 0.75
_ENOUGH_PIXELS = 100_000
_MOST_PIXELS = 2**25  # rows from the top, so that a huge plane takes no time


def looks_like_labels(plane: Plane) -> bool:
    """Whether a plane is a segmentation (0 outside cells, 1..n inside) rather than an image.

    Cautious: it says yes only if the values are nearly all of 0..n with n of at least 8, if 0 is
    commoner than each of them, if nearly every value fills one compact, solid region, and if
    values side by side differ by more than a smooth gradient would. Noise, saturation, a black
    background, thresholded, smooth or enlarged images and charts of equal patches do not look
    like that.
    """
    if plane.dtype.kind not in "iu":
        return False
    regions = _Regions(min(_MOST_LABELS, np.iinfo(plane.dtype).max) + 1)
    height, width = plane.shape
    for top, bottom, left, right in blocks((min(height, max(1, _MOST_PIXELS // width)), width)):
        values = plane.read(top, bottom, left, right)
        if values.min() < 0 or values.max() >= regions.size:
            return False
        regions.add(values.astype(np.int64), top, left)
        if regions.are_noise():
            return False  # no need to read the rest of a large image
    return regions.are_labels()


class _Regions:
    """What is known of the pixels of each value, block after block."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._counts = np.zeros(size, np.int64)
        self._solid = np.zeros(size, np.int64)
        self._lowest = np.full((2, size), np.iinfo(np.int64).max)
        self._highest = np.full((2, size), -1)
        self._borders = self._steps_of_one = 0

    def add(self, values: NDArray[np.int64], top: int, left: int) -> None:
        self._counts += np.bincount(values.ravel(), minlength=self.size)
        for one, other in ((values[:, 1:], values[:, :-1]), (values[1:], values[:-1])):
            same = one == other
            self._solid += np.bincount(one[same], minlength=self.size)
            differences = np.abs(one[~same] - other[~same])
            self._borders += differences.size
            self._steps_of_one += int(np.count_nonzero(differences == 1))
        rows, columns = np.nonzero(values)
        labels = values[rows, columns]
        for axis, places in ((0, rows + top), (1, columns + left)):
            np.maximum.at(self._highest[axis], labels, places)
            np.minimum.at(self._lowest[axis], labels, places)

    def are_noise(self) -> bool:
        inside = int(self._counts[1:].sum())
        return inside > _ENOUGH_PIXELS and int(self._solid[1:].sum()) < inside

    def are_labels(self) -> bool:
        found = np.flatnonzero(self._counts[1:]) + 1
        if found.size < _FEWEST_LABELS or found.size < _WITHOUT_GAPS * found[-1]:
            return False
        counts = self._counts[found]
        if self._counts[0] <= counts.max():  # in a chart of grey patches all are equally large
            return False
        if self._steps_of_one > _STEPS_OF_ONE * self._borders:
            return False
        height, width = self._highest[:, found] - self._lowest[:, found] + 1
        solid = self._solid[found] >= 2 * _SOLID * counts
        compact = counts >= _COMPACT * height * width
        return bool((solid & compact).mean() >= _PROPER_LABELS)
