"""Pixels whose label hangs on the age of their neighbours in the queue of the flood."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["settle_ties"]

Pixels = NDArray[np.intp]
"""Flat indices into the framed plane."""


def settle_ties(
    level: NDArray[np.floating[Any]],
    lowest: NDArray[np.uint8],
    seeds: NDArray[np.int32],
    labels: NDArray[np.int32],
    *,
    limit: int,
) -> NDArray[np.int32] | None:
    """Correct the labels of pixels whose lowest neighbours belong to different cells.

    A pixel is flooded by one of its lowest neighbours. Where they all agree with it, and so do
    theirs, and so on to the seeds, its label is right. The other pixels are flooded anew with a
    queue, together with all that they may be flooded from: alone these are flooded in the same
    order as within the whole plane.

    Parameters
    ----------
    level
        2D flood levels with a frame, infinite outside the extent.
    lowest
        A bit for each of the neighbours above, left, right and below that may flood the pixel,
        and a further one where none of them is lower; 0 for seeds and outside the extent.
    seeds
        Labels of the pixels that the flood starts from.
    labels
        Labels found without regard to ages; corrected in place.
    limit
        Number of pixels up to which a queue in Python is worth while.

    Returns
    -------
    labels
        Or ``None`` where there are more pixels to flood, or where the order of equally high
        seeds decides.
    """
    width = level.shape[1]
    codes, found = lowest.ravel(), labels.ravel()
    contested = _contested(codes, found, width)
    if contested.size == 0:
        return labels
    affected = _closure(contested, _flooded, codes, width, limit)
    part = None if affected is None else _closure(affected, _flooding, codes, width, limit)
    if part is None:
        return None
    settled = _flood_by_age(part, level.ravel()[part], seeds.ravel()[part], width)
    if settled is None:
        return None
    found[part] = settled
    return labels


def _contested(codes: NDArray[np.uint8], labels: NDArray[np.int32], width: int) -> Pixels:
    """Pixels with a label that one of their lowest neighbours does not have."""
    choice = np.flatnonzero(codes & (codes - np.uint8(1)))  # more than one bit
    differs = np.zeros(choice.size, bool)
    for bit, offset in enumerate(_offsets(width)):
        leads = (codes[choice] & np.uint8(1 << bit)) != 0
        differs |= leads & (labels[choice + offset] != labels[choice])
    return choice[differs]


def _closure(
    pixels: Pixels,
    relation: Callable[[Pixels, NDArray[np.uint8], int], Pixels],
    codes: NDArray[np.uint8],
    width: int,
    limit: int,
) -> Pixels | None:
    """Return the pixels with all that stand in the relation to them; ``None`` beyond the limit."""
    known = np.zeros(codes.size, bool)
    known[pixels] = True
    total = [pixels]
    count = pixels.size
    while pixels.size and count <= limit:
        pixels = relation(pixels, codes, width)
        pixels = np.unique(pixels[~known[pixels]])
        known[pixels] = True
        total.append(pixels)
        count += pixels.size
    return np.concatenate(total) if count <= limit else None


def _flooding(pixels: Pixels, codes: NDArray[np.uint8], width: int) -> Pixels:
    """Neighbours that may flood one of the pixels."""
    return np.concatenate(
        [
            pixels[(codes[pixels] & np.uint8(1 << bit)) != 0] + offset
            for bit, offset in enumerate(_offsets(width))
        ]
    )


def _flooded(pixels: Pixels, codes: NDArray[np.uint8], width: int) -> Pixels:
    """Neighbours that one of the pixels may flood."""
    return np.concatenate(
        [
            pixels[(codes[pixels - offset] & np.uint8(1 << bit)) != 0] - offset
            for bit, offset in enumerate(_offsets(width))
        ]
    )


def _flood_by_age(
    pixels: Pixels, level: NDArray[np.floating[Any]], seeds: NDArray[np.int32], width: int
) -> NDArray[np.int32] | None:
    """Flood the pixels with a queue ordered by level, then by age.

    Equally high seeds have the same age, and their order in scikit-image's queue follows from
    everything else in it. They leave this one together, and so do their successors of one level.
    Within a cell the order of such pixels is of no consequence; where different cells reach for
    the same pixel at once, the answer is ``None``.
    """
    places = pixels.tolist()
    label = dict(zip(places, seeds.tolist(), strict=True))
    levels = dict(zip(places, level.tolist(), strict=True))
    queue = [(levels[place], 0, place) for place in places if label[place]]
    heapq.heapify(queue)
    age = 0
    while queue:
        head, born, place = heapq.heappop(queue)
        peers = [place]
        while queue and queue[0][0] == head and queue[0][1] == born:
            peers.append(heapq.heappop(queue)[2])
        age += 1
        reached: dict[int, int] = {}
        for place in peers:
            cell = label[place]
            for offset in _offsets(width):
                if (
                    label.get(place + offset, 1) == 0
                    and reached.setdefault(place + offset, cell) != cell
                ):
                    return None
        for place, cell in reached.items():
            label[place] = cell
            heapq.heappush(queue, (levels[place], age, place))
    return np.fromiter((label[place] for place in places), np.int32, len(places))


def _offsets(width: int) -> tuple[int, int, int, int]:
    return (-width, -1, 1, width)
