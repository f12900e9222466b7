"""Which summits of a distance map are cells of their own, where several rise from one component."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from samcell_core.postprocess.basins import flood_from

__all__ = ["summit_markers"]

# Two summits are two cells where the way between them falls below this part of the lower one ...
_PASS = 0.8
# ... on a map that has been smoothed by so many pixels, so that ripples are no summits.
_RIPPLE = 1.5
_LOWEST = 1e-6


def summit_markers(distance: NDArray[Any], *, peak: float, threads: int = 1) -> NDArray[np.int32]:
    """Mark where each cell starts: the ground above ``peak`` around a summit, or several near ones.

    Parameters
    ----------
    distance
        2D map of floats in 0..1 without NaN.
    peak
        Summits are looked for where the map is above it.
    threads
        Processor threads to use; the markers do not depend on it.

    Returns
    -------
    markers
        0 where no cell starts; markers are numbered 1..n. Together they are all that lies above
        the peak threshold, and those of one component may touch.
    """
    if distance.size == 0:
        return np.zeros(distance.shape, np.int32)
    above = distance > peak
    wide = np.float64 if distance.dtype == np.float64 else np.float32
    smooth = cv2.GaussianBlur(distance.astype(wide), (0, 0), _RIPPLE)
    # Smoothed ground may lie at or below the threshold, and is ground all the same.
    height: NDArray[np.floating] = np.where(above, np.maximum(smooth, _LOWEST), wide(0))
    # Also true of flat shoulders; what they hold joins the summit above them.
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    top = (cv2.dilate(height, cross) == height) & above
    numbered: NDArray[Any] = cv2.connectedComponents(top.view(np.uint8), connectivity=4)[1]
    basins = flood_from(numbered.astype(np.int32, copy=False), height, fill=0, threads=threads)
    return _joined(basins.labels, height)


def _joined(basins: NDArray[np.int32], height: NDArray[Any]) -> NDArray[np.int32]:
    """Basins, those of summits that no deep enough pass parts made one, numbered 1..n."""
    # A frame spares the neighbours of border pixels their own case.
    framed, ground = np.pad(basins, 1), np.pad(height, 1)
    places = np.flatnonzero(framed)
    tops_of = np.zeros(int(basins.max(initial=0)) + 1, height.dtype)
    np.maximum.at(tops_of, framed.ravel()[places], ground.ravel()[places])
    tops = tops_of.tolist()
    above = list(range(len(tops)))

    def last(number: int) -> int:
        while above[number] != number:
            above[number] = above[above[number]]
            number = above[number]
        return number

    for one, other, level in _passes(framed, ground, places):
        one, other = last(one), last(other)
        lower, higher = (one, other) if tops[one] <= tops[other] else (other, one)
        if one != other and level >= _PASS * tops[lower]:
            above[lower] = higher
    ends = np.array([last(number) for number in range(len(tops))])
    kept = np.zeros(len(tops), np.int32)
    kept[np.unique(ends[1:])] = 1
    return np.asarray((np.cumsum(kept, dtype=np.int32) * kept)[ends][basins])


def _passes(
    basins: NDArray[np.int32], height: NDArray[Any], places: NDArray[np.intp]
) -> list[tuple[int, int, float]]:
    """Pairs of basins that touch, and the height of the pass between them, the highest first.

    Parameters
    ----------
    basins, height
        Framed by zeros.
    places
        Where in them, flattened, basins are.
    """
    owner, ground, width = basins.ravel(), height.ravel(), basins.shape[1]
    mine = owner[places]
    ones, others, levels = [], [], []
    for step in (1, width, width + 1, width - 1):
        theirs = owner[places + step]
        where = np.flatnonzero((theirs != mine) & (theirs > 0))
        ones.append(mine[where])
        others.append(theirs[where])
        here = places[where]
        levels.append(np.minimum(ground[here], ground[here + step]))
    low = np.minimum(np.concatenate(ones), np.concatenate(others))
    high = np.maximum(np.concatenate(ones), np.concatenate(others))
    level = np.concatenate(levels)
    # Of each pair the highest pixel is the pass; equal heights in the order of the numbers.
    order = np.lexsort((high, low, -level))
    pair = low[order].astype(np.int64) * len(owner) + high[order]
    first = order[np.sort(np.unique(pair, return_index=True)[1])]
    return list(zip(low[first].tolist(), high[first].tolist(), level[first].tolist(), strict=True))
