"""Tidy labels: no slivers between cells, no crumbs, one piece a label."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

__all__ = ["close_gaps", "drop_scraps", "label_pieces", "median_diameter"]

_LEAST_PIXELS = 20
_LEAST_SHARE = 0.12


def close_gaps(owner: NDArray[np.int32], diameter: float) -> None:
    """Give slivers of bare ground between the cells of a closed layer to the nearest cell."""
    bare = owner == 0
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(bare.view(np.uint8), connectivity=4)
    if count < 2 or bare.all():
        return
    small = stats[:, cv2.CC_STAT_AREA] < 0.15 * diameter**2
    small[0] = False
    gap = small[pieces]
    if gap.any():
        nearest = ndimage.distance_transform_edt(bare, return_distances=False, return_indices=True)
        owner[gap] = owner[tuple(nearest)][gap]


def drop_scraps(owner: NDArray[np.int32], whole: NDArray[np.int64], diameter: float) -> None:
    """Shave hairs off the cells, and remove crumbs and what is left of cells nearly hidden.

    Parameters
    ----------
    owner
        Number of the cell of each pixel, changed in place.
    whole
        Pixels of each cell if nothing hid it.
    diameter
        Usual diameter of the cells, in pixels.
    """
    shape = cv2.MORPH_RECT if 30 < diameter < 60 else cv2.MORPH_ELLIPSE
    brush = cv2.getStructuringElement(shape, (5, 5) if diameter >= 60 else (3, 3))
    for number, box in enumerate(ndimage.find_objects(owner), 1):
        if box is None:
            continue
        mask = (owner[box] == number).astype(np.uint8)
        # The rim of the box is no border of the cell.
        padded = cv2.copyMakeBorder(mask, 3, 3, 3, 3, cv2.BORDER_REPLICATE)
        shaved = cv2.morphologyEx(padded, cv2.MORPH_OPEN, brush)[3:-3, 3:-3]
        pieces, areas = _pieces(np.ascontiguousarray(shaved))
        kept = areas >= max(_LEAST_PIXELS, _LEAST_SHARE * whole[number - 1])
        kept[0] = False
        owner[box][(mask > 0) & ~kept[pieces]] = 0


def label_pieces(owner: NDArray[np.int32]) -> NDArray[np.int32]:
    """Labels 1..n, each one 4-connected piece, without crumbs."""
    labels = np.zeros(owner.shape, np.int32)
    count = 0
    for number, box in enumerate(ndimage.find_objects(owner), 1):
        if box is None:
            continue
        pieces, areas = _pieces((owner[box] == number).view(np.uint8))
        least = max(_LEAST_PIXELS, _LEAST_SHARE * int(areas[1:].sum()))
        for piece in range(1, len(areas)):
            if areas[piece] >= least:
                count += 1
                labels[box][pieces == piece] = count
    return labels


def median_diameter(labels: NDArray[np.int32]) -> float:
    """Median diameter of circles with the cells' areas; cells at the border only if all are."""
    areas = np.bincount(labels.ravel())[1:]
    if not len(areas):
        return 0.0
    clear = np.ones(len(areas) + 1, bool)
    clear[np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])] = False
    inner = areas[clear[1:]]
    return float(np.sqrt(np.median(inner if len(inner) else areas) * 4 / np.pi))


def _pieces(mask: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Pieces of a mask by number, and the area of each number."""
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    return np.asarray(pieces), np.asarray(stats[:, cv2.CC_STAT_AREA])
