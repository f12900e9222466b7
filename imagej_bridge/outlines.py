"""Outlines of cells along the edges of their pixels, all cells of a plane at once.

A ring is an array (n, 2) of x and y: the corners of a closed line in whole numbers, pixel (0, 0)
reaching from (0, 0) to (1, 1). Outer rings run clockwise on the screen, those of holes the other
way round. Filled by the even-odd rule the rings of a cell are the cell, to the pixel.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = ["Ring", "trace", "trace_polygons"]

Ring = NDArray[np.int64]

# Sides of a pixel in the order in which a ring that goes clockwise meets them.
_TOP, _RIGHT, _BOTTOM, _LEFT = range(4)


def trace(plane: NDArray[Any]) -> Iterator[tuple[int, list[Ring]]]:
    """Give every label above 0 in ascending order with its rings.

    Parts of a cell that touch at a corner of a pixel share a ring, which then passes that corner
    twice.

    Parameters
    ----------
    plane
        Whole numbers of shape (H, W), 0 outside cells.
    """
    width = plane.shape[1] + 2
    values = np.pad(plane, 1)
    edges = _edges(values)
    if edges.size == 0:
        return
    pixels, sides = edges >> 2, edges & 3
    values = values.ravel()
    following = _following(edges, pixels, sides, values, width)
    before = np.empty_like(following)
    before[following] = np.arange(len(following))
    heads = _heads(following)
    order = np.lexsort((_ranks(before, heads), heads, values[pixels[heads]]))
    order = order[(sides != sides[before])[order]]  # corners only, in the order of the rings
    pixels, sides, heads = pixels[order], sides[order], heads[order]
    rows, columns = np.divmod(pixels, width)
    corners = np.stack(
        [
            columns - 1 + ((sides == _RIGHT) | (sides == _BOTTOM)),
            rows - 1 + ((sides == _BOTTOM) | (sides == _LEFT)),
        ],
        axis=1,
    ).astype(np.int64)
    starts = np.flatnonzero(np.diff(heads, prepend=-1))
    stops = [*starts[1:].tolist(), len(corners)]
    current = -1
    rings: list[Ring] = []
    for start, stop, label in zip(
        starts.tolist(), stops, values[pixels[starts]].tolist(), strict=True
    ):
        if label != current and rings:
            yield current, rings
            rings = []
        current = label
        rings.append(corners[start:stop])
    yield current, rings


def trace_polygons(plane: NDArray[Any]) -> Iterator[tuple[int, list[list[Ring]]]]:
    """Give every label above 0 in ascending order with its polygons.

    A polygon is one part of the cell, pixels joined by their edges: its outer ring, then those of
    its holes. No ring passes a point twice, so polygons are valid in the sense of OGC and GeoJSON.
    """
    parts, label_of_part = _parts(plane)
    polygons: dict[int, list[list[Ring]]] = {}
    for part, rings in trace(parts):
        polygons.setdefault(int(label_of_part[part]), []).append(rings)
    yield from sorted(polygons.items())


def _edges(values: NDArray[Any]) -> NDArray[np.int64]:
    """Edges between pixels of other labels, sorted: 4 times the pixel inside plus its side."""
    inner = values[1:-1, 1:-1]
    inside = inner != 0
    width = values.shape[1]
    outer = {
        _TOP: values[:-2, 1:-1],
        _RIGHT: values[1:-1, 2:],
        _BOTTOM: values[2:, 1:-1],
        _LEFT: values[1:-1, :-2],
    }
    found = []
    for side, other in outer.items():
        places = np.flatnonzero(inside & (inner != other))
        rows, columns = np.divmod(places, max(width - 2, 1))
        found.append(((rows + 1) * width + columns + 1) * 4 + side)
    edges = np.concatenate(found).astype(np.int64)
    edges.sort()
    return edges


def _following(
    edges: NDArray[np.int64],
    pixels: NDArray[np.int64],
    sides: NDArray[np.int64],
    values: NDArray[Any],
    width: int,
) -> NDArray[np.int64]:
    """Index of the edge that follows each, the cell on its right hand."""
    ahead = pixels + np.array([1, width, -1, -width])[sides]
    beside = ahead + np.array([-width, 1, width, -1])[sides]
    labels = values[pixels]
    follows = pixels * 4 + (sides + 1) % 4
    follows = np.where(values[ahead] == labels, ahead * 4 + sides, follows)
    # The pixel across the corner comes first: parts that touch there are joined.
    follows = np.where(values[beside] == labels, beside * 4 + (sides + 3) % 4, follows)
    indices: NDArray[np.int64] = np.searchsorted(edges, follows).astype(np.int64)
    return indices


def _heads(following: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each edge the lowest index in its ring, found in steps that double."""
    heads, jump = np.arange(len(following)), following
    while (heads != heads[following]).any():
        heads = np.minimum(heads, heads[jump])
        jump = jump[jump]
    return heads


def _ranks(before: NDArray[np.int64], heads: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each edge its number in its ring, counted from the head in steps that double."""
    is_head = heads == np.arange(len(heads))
    ranks: NDArray[np.int64] = (~is_head).astype(np.int64)
    jump = np.where(is_head, heads, before)
    while (jump != heads).any():
        ranks += ranks[jump]
        jump = jump[jump]
    return ranks


def _parts(plane: NDArray[Any]) -> tuple[NDArray[np.int32], NDArray[Any]]:
    """Number the parts of all labels, pixels joined by their edges, and tell the label of each."""
    new_run = np.ones(plane.shape, bool)
    new_run[:, 1:] = plane[:, 1:] != plane[:, :-1]
    runs = (np.cumsum(new_run, dtype=np.int64) - 1).reshape(plane.shape)
    joined = (plane[1:] == plane[:-1]) & (new_run[1:] | new_run[:-1])
    upper, lower = runs[:-1][joined], runs[1:][joined]
    count = int(runs[-1, -1]) + 1
    graph = coo_array((np.ones(len(upper), np.int8), (upper, lower)), shape=(count, count))
    _, part_of_run = connected_components(graph, directed=False)
    label_of_run = plane[new_run]
    part_of_run = np.where(label_of_run == 0, 0, part_of_run + 1)
    label_of_part = np.zeros(int(part_of_run.max()) + 1, plane.dtype)
    label_of_part[part_of_run] = label_of_run
    label_of_part[0] = 0
    return part_of_run.astype(np.int32)[runs], label_of_part
