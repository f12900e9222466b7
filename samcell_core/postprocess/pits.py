"""Pits of a terrain: hollows without a seed, which the flood fills to their lowest pass."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

__all__ = ["Pass", "fill_pits"]

SEEDS = 0
"""The node that stands for all seeds in the graph of pits."""


class Pass(NamedTuple):
    """Pairs of neighbouring pixels in different basins, as flat indices.

    Attributes
    ----------
    near
        Those in the basins spoken of.
    far
        Those in the other basins.
    """

    near: NDArray[np.intp]
    far: NDArray[np.intp]


def fill_pits(
    height: NDArray[np.floating[Any]], basins: NDArray[np.int32], count: int
) -> tuple[NDArray[np.floating[Any]], NDArray[np.intp], Pass]:
    """Raise the pits to the level at which a flood from the seeds fills them.

    The lowest way from a pit to the seeds, and so the highest point on it, lies in the minimum
    spanning tree of the passes between pits.

    Parameters
    ----------
    height
        2D terrain with a frame, infinite outside the extent.
    basins
        Where the way down from each pixel ends: -1, -2, .. for pits, positive for seeds, 0
        outside the extent.
    count
        Number of pits.

    Returns
    -------
    level
        The heights with all pits filled.
    raised
        Flat indices of the pixels whose level is above their height.
    exits
        The pass from each pit towards the seeds, through which the flood comes in.
    """
    heights = height.ravel()
    nodes = np.maximum(-basins.ravel(), SEEDS)
    inside = np.flatnonzero(nodes)
    passes = _passes(basins.ravel(), inside, height.shape[1])
    rise = np.maximum(heights[passes.near], heights[passes.far])
    pairs, lowest = _lowest(_pair(nodes[passes.near], nodes[passes.far], count), rise)
    towards = _towards_seeds(pairs, rise[lowest], count)
    pits = np.arange(1, count + 1)
    taken = lowest[np.searchsorted(pairs, _pair(pits, towards[1:], count))]
    near, far = passes.near[taken], passes.far[taken]
    outward = nodes[near] == pits
    exits = Pass(np.where(outward, near, far), np.where(outward, far, near))

    # Highest pass on the way: each round looks twice as far along it.
    filled = np.full(count + 1, -np.inf, heights.dtype)
    filled[1:] = rise[taken]
    for _ in range(count.bit_length()):
        filled = np.maximum(filled, filled[towards])
        towards = towards[towards]
    surface = filled[nodes[inside]]
    under = heights[inside] < surface
    level = height.copy()
    level.ravel()[inside[under]] = surface[under]
    return level, inside[under], exits


def _passes(basins: NDArray[np.int32], inside: NDArray[np.intp], width: int) -> Pass:
    """All pairs of neighbours of which one lies in a pit and the other in another basin, once."""
    near, far = [], []
    own = basins[inside]
    for offset in (-width, -1, 1, width):
        beyond = basins[inside + offset]
        different = (beyond < own) | (beyond > 0)
        near.append(inside[different])
        far.append(near[-1] + offset)
    return Pass(np.concatenate(near), np.concatenate(far))


def _pair(one: NDArray[Any], other: NDArray[Any], count: int) -> NDArray[np.int64]:
    """Give one number for two nodes, the same in either order."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    return np.asarray(low.astype(np.int64) * (count + 1) + high)


def _lowest(
    pairs: NDArray[np.int64], rise: NDArray[np.floating[Any]]
) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Each pair once, in order, and where the lowest of its passes stands."""
    order = np.argsort(pairs)
    pairs, rise = pairs[order], rise[order]
    starts = np.flatnonzero(np.diff(pairs, prepend=-1))
    lengths = np.diff(starts, append=pairs.size)
    is_lowest = np.flatnonzero(rise == np.repeat(np.minimum.reduceat(rise, starts), lengths))
    group = np.searchsorted(starts, is_lowest, side="right") - 1
    lowest = np.empty(starts.size, np.intp)
    lowest[group] = order[is_lowest]
    return pairs[starts], lowest


def _towards_seeds(
    pairs: NDArray[np.int64], rise: NDArray[np.floating[Any]], count: int
) -> NDArray[np.int32]:
    """For each node the next one on the lowest way to the seeds; the seeds' own is itself."""
    # Ranks in place of heights, as the sparse graph takes an edge of weight 0 for none.
    weight = np.empty(rise.size)
    weight[np.argsort(rise)] = np.arange(1, rise.size + 1)
    ends = (pairs // (count + 1), pairs % (count + 1))
    graph = csr_matrix((weight, ends), shape=(count + 1, count + 1))
    _, towards = breadth_first_order(minimum_spanning_tree(graph), SEEDS, directed=False)
    towards[SEEDS] = SEEDS
    result: NDArray[np.int32] = towards
    return result
