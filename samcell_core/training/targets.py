"""What the network is to learn, from labels: distance map, contacts, diameters."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from samcell_core.errors import ImageError

__all__ = ["Targets", "make_targets"]

# Width of the strip on both sides of a contact between cells, in diameters of the cell. Cells that
# are so far apart, or parted by a drawn line, are in contact, too.
_CONTACT = 0.06
_LINE = 2  # pixels


@dataclass(frozen=True, eq=False)
class Targets:
    """Targets of one plane.

    Attributes
    ----------
    distance
        Exact Euclidean distance of each pixel to the nearest pixel that is not of its cell, over
        the largest in the cell; float32, 0 in the background. The border of the image is no
        border of a cell: what a cell cut by it hides is not known.
    contact
        Whether a pixel lies along the border between two cells that touch or nearly do.
    diameter
        Equivalent diameter of each label, 0 where there is none; ``diameter[labels]`` is a map.
    cut
        Whether the border of the image cuts the cell, so that its diameter is that of a part.
    """

    distance: NDArray[np.float32]
    contact: NDArray[np.bool_]
    diameter: NDArray[np.float32]
    cut: NDArray[np.bool_]

    @property
    def typical_diameter(self) -> float:
        """Median over the whole cells; over all where the border cuts each of them."""
        there = self.diameter > 0
        whole = there & ~self.cut
        return float(np.median(self.diameter[whole if whole.any() else there]))


def make_targets(labels: NDArray[np.integer]) -> Targets:
    """Targets of a label image, in which 0 is background.

    Raises
    ------
    ImageError
        They are no labels: whole numbers from 0 on in a plane.
    """
    _check(labels)
    labels = np.ascontiguousarray(labels, np.int32)
    distance = np.zeros(labels.shape, np.float32)
    contact = np.zeros(labels.shape, np.uint8)
    areas = np.bincount(labels.ravel())
    areas[0] = 0
    diameter = np.sqrt(4 / np.pi * areas).astype(np.float32)
    cut = np.zeros(len(areas), bool)
    cut[np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])] = True
    height, width = labels.shape
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is None:
            continue
        reach = max(1, round(_CONTACT * float(diameter[number])))
        gap = max(_LINE, reach)
        # Around it, where the image has it: the nearest pixels that are not of the cell lie there.
        rows = slice(max(0, box[0].start - gap), min(height, box[0].stop + gap))
        columns = slice(max(0, box[1].start - gap), min(width, box[1].stop + gap))
        around = labels[rows, columns]
        mine = around == number
        own = mine.view(np.uint8)
        distance[rows, columns][mine] = _relative(own)[mine]
        foreign = ((around != 0) & ~mine).view(np.uint8)
        if foreign.any():
            near = _widened(foreign, gap)
            edge = _widened(1 - own, 1) & own
            strip = _widened(edge & near, reach) & (around != 0).view(np.uint8)
            between = _widened(own, gap) & near & (around == 0).view(np.uint8)
            contact[rows, columns] |= strip | between
    return Targets(distance, contact.view(np.bool_), diameter, cut)


def _widened(mask: NDArray[np.uint8], by: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.dilate(mask, np.ones((2 * by + 1, 2 * by + 1), np.uint8)), np.uint8)


def _relative(own: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Distance to the nearest pixel that is 0, over the largest; 1 where there is none."""
    if own.all():
        return np.ones(own.shape)
    near = cv2.distanceTransform(own, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    # Its last digits depend on where in memory the mask lies; its square is a whole number.
    squared = np.rint(near.astype(np.float64) ** 2)
    return np.asarray(np.sqrt(squared / squared.max()))


def _check(labels: NDArray[np.integer]) -> None:
    advice = "number the cells of a plane 1, 2, 3 ..., and what is outside cells 0"
    if labels.ndim != 2 or labels.dtype.kind not in "iu" or not labels.size:
        raise ImageError(f"{labels.dtype} of shape {labels.shape} are no labels: {advice}.")
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high > labels.size:
        raise ImageError(
            f"Labels of {labels.size} pixels cannot be numbers from {low} to {high}: {advice}."
        )
