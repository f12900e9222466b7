"""The watershed of touching cells without a queue: every pixel looks to its lowest neighbour.

A queue that floods from markers by height, then by age of entry, gives a pixel the label of that
neighbour which leaves the queue first. A pixel leaves it at its *flood level*: the highest point
of the lowest way that leads there from a marker. So a pixel's label is that of its neighbour of
lowest level, and the labels follow from the levels without a queue. Ages only decide where several
neighbours share the lowest level. Where all of them lead to one cell nothing is left to decide;
where they do not, those pixels and all that hangs on them go through `ties.settle_ties`, which
keeps the ages.

Levels differ from heights in pits only, hollows without a marker: see `pits.fill_pits`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.postprocess.pits import fill_pits
from samcell_core.postprocess.terrain import Terrain
from samcell_core.postprocess.ties import settle_ties

__all__ = ["flood"]

FEW = 16
"""Where more than one pixel in this many is a pit or hangs on a tie, a queue is faster."""

SOME = 32
"""Where more than one pixel in this many has a choice of neighbours, too much hangs on ties."""


def flood(
    height: NDArray[np.floating[Any]], seeds: NDArray[np.int32], *, threads: int
) -> NDArray[np.int32] | None:
    """Flood from the seeds, lowest heights first, 4-connected.

    Parameters
    ----------
    height
        2D; infinite outside the extent, and on a frame of one pixel. Each 4-connected component
        of the extent holds a seed and has more than one pixel.
    seeds
        Labels of the pixels that the flood starts from, 0 elsewhere.
    threads
        Processor threads to use.

    Returns
    -------
    labels
        0 outside the extent; ``None`` where the order of equally high seeds would decide, which
        only the queue itself knows, where the queue would be faster, or where some pixel found no
        way to a seed.
    """
    terrain = Terrain(height, seeds)
    few = height.size // FEW
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(terrain.descend, terrain.bands))
        pits = terrain.find_pits()
        if pits.size > few or terrain.count_choices() > height.size // SOME:
            return None
        terrain.join_bands()
        if not all(pool.map(terrain.label, terrain.bands)):
            return None
        if pits.size:
            level, raised, exits = fill_pits(height, terrain.labels, pits.size)
            changed = terrain.raise_to(level, raised)
            list(pool.map(terrain.descend, changed))
            terrain.leave_pits(exits)
            terrain.join_bands()
            if not all(pool.map(terrain.label, terrain.bands)):
                return None
    return settle_ties(terrain.level, terrain.lowest, seeds, terrain.labels, limit=few)
