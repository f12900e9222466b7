"""From markers to cells: each marker's basin of the map, as far as the map is above a threshold."""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.segmentation import watershed

from samcell_core.postprocess.flooding import flood

__all__ = ["Flooded", "flood_from"]


class Flooded(NamedTuple):
    """Cells after the flood.

    Attributes
    ----------
    labels
        0 outside cells; a cell has the number of its marker.
    settled
        Whether heights alone, and ages that follow from them, gave each pixel its cell. Where not,
        some pixel may hang on the order in which equally high markers lie in the queue, which
        follows from everything else in it.
    """

    labels: NDArray[np.int32]
    settled: bool


def flood_from(
    markers: NDArray[np.int32], distance: NDArray[Any], *, fill: float, threads: int = 1
) -> Flooded:
    """Flood each cell from its marker.

    Parameters
    ----------
    markers
        Numbers of the markers, 0 elsewhere. Those outside the extent have no cell.
    distance
        2D map of floats in 0..1 without NaN.
    fill
        A cell reaches as far as the map is above it.
    threads
        Processor threads to use; the labels do not depend on it.
    """
    extent = distance > fill
    seeds = markers * extent
    labels, shared = _separate_cells(extent, seeds)
    if not shared.any():
        return Flooded(labels, settled=True)
    height = np.negative(distance, dtype=np.result_type(distance, np.float32))
    touching = flood(
        _framed(height, shared, outside=np.inf),
        _framed(seeds, shared, outside=0),
        threads=threads,
    )
    if touching is None:
        return Flooded(watershed(height, seeds, mask=extent), settled=False)
    np.copyto(labels, touching[1:-1, 1:-1], where=shared)
    return Flooded(labels, settled=True)


def _separate_cells(
    extent: NDArray[np.bool_], seeds: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Give each component of the extent that holds one marker to it whole.

    Also returns where the others are: components that several markers share.
    """
    if extent.size == 0:
        return np.zeros(extent.shape, np.int32), np.zeros(extent.shape, bool)
    count, numbered = cv2.connectedComponents(extent.view(np.uint8), connectivity=4)
    component: NDArray[np.int32] = numbered.astype(np.int32, copy=False)
    starts = np.flatnonzero(seeds)
    holder, cell = component.ravel()[starts], seeds.ravel()[starts]
    owner = np.zeros(count, np.int32)
    owner[holder] = cell
    shared = np.zeros(count, bool)
    shared[holder[owner[holder] != cell]] = True
    owner[shared] = 0
    return owner.take(component), shared.take(component)


def _framed(values: NDArray[Any], where: NDArray[np.bool_], *, outside: float) -> NDArray[Any]:
    """Copy of the values in ``where``, within a frame of one pixel that is ``outside`` too."""
    height, width = values.shape
    framed = np.full((height + 2, width + 2), outside, values.dtype)
    np.copyto(framed[1:-1, 1:-1], values, where=where)
    return framed
