"""Floods that serve many fill thresholds at once.

A queue floods by height, so what lies above a fill threshold is flooded before anything below it.
The labels at that threshold are therefore those of the flood of any lower one, as far as cells
reach at the higher one: the order among the pixels above it is the same in both, and so are their
ages in relation to each other.

One thing can differ: the order of equally high pixels of different markers, which all have the age
0 and leave the queue as its inside happens to be arranged. Where that may decide (`Flooded.settled`
is false, and there are such pixels), a flood serves only thresholds at which the queue is arranged
in the same way:

* Markers that are whole components above the peak leave the queue before anything else. Until then
  only their neighbours enter it, so it is the same at all thresholds between which no neighbour of
  a marker lies.
* Markers of single pixels leave it between others, so each threshold gets a flood of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from samcell_core.postprocess.basins import flood_from

__all__ = ["Flood", "floods"]

_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)


class Flood(NamedTuple):
    """Labels, and the numbers of the fill thresholds that they hold for: from ``first`` to before
    ``stop``.
    """  # noqa: D205 - one sentence

    labels: NDArray[np.int32]
    first: int
    stop: int


def floods(
    markers: NDArray[np.int32],
    distance: NDArray[Any],
    fills: Sequence[float],
    *,
    whole_components: bool,
) -> Iterator[Flood]:
    """Flood from markers at as few of the thresholds as give the labels at all of them.

    Parameters
    ----------
    markers, distance
        As `flood_from` takes them.
    fills
        Ascending thresholds, at least one.
    whole_components
        Whether the markers are all pixels above some height, not single ones.
    """
    labels, settled = flood_from(markers, distance, fill=fills[0])
    if settled or not _order_may_decide(markers, distance):
        yield Flood(labels, 0, len(fills))
        return
    starts = _changes(markers, distance, fills) if whole_components else range(len(fills))
    stops = [*starts[1:], len(fills)]
    for first, stop in zip(starts, stops, strict=True):
        if first:
            labels = flood_from(markers, distance, fill=fills[first]).labels
        yield Flood(labels, first, stop)


def _order_may_decide(markers: NDArray[np.int32], distance: NDArray[Any]) -> bool:
    """Whether pixels of different markers are equally high."""
    places = np.flatnonzero(markers)
    height, owner = distance.ravel()[places], markers.ravel()[places]
    order = np.argsort(height, kind="stable")
    height, owner = height[order], owner[order]
    return bool(((height[1:] == height[:-1]) & (owner[1:] != owner[:-1])).any())


def _changes(
    markers: NDArray[np.int32], distance: NDArray[Any], fills: Sequence[float]
) -> Sequence[int]:
    """Numbers of the thresholds at which other neighbours of markers enter the queue, and 0."""
    inside = (markers != 0).view(np.uint8)
    beside = distance[(cv2.dilate(inside, _CROSS) - inside).view(bool)]
    counts = np.array([np.count_nonzero(beside > fill) for fill in fills])
    return [0, *(np.flatnonzero(counts[1:] != counts[:-1]) + 1).tolist()]
