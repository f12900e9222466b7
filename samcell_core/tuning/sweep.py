"""Scores of one image at all fill thresholds that go with a peak threshold, in one pass.

The cells of all fill thresholds come from few floods (`floods`). How many pixels a cell shares with
a true one at each threshold follows from counting, once, pairs of cells by how far their common
pixels reach (`Extents`). Only the holes in cells are looked for at each threshold.

What comes out is exactly what `segment_distance` and `evaluate` give pair by pair.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.metrics.ctc import Detection, count_detection
from samcell_core.metrics.inputs import as_labels, same_shape
from samcell_core.metrics.overlap import Overlap
from samcell_core.postprocess import cell_markers
from samcell_core.postprocess.cleaning import find_holes
from samcell_core.postprocess.markers import checked_distance
from samcell_core.settings import Settings
from samcell_core.tuning.extents import Extents
from samcell_core.tuning.floods import Flood, floods
from samcell_core.tuning.grid import Grid

__all__ = ["Sweep"]


class Sweep:
    """One image, ready to be scored at the pairs of a grid.

    Parameters
    ----------
    distance
        Its distance map, as `segment_distance` takes it.
    truth
        Its true labels, of the same shape.
    grid
        The thresholds.
    settings
        All other choices; their own thresholds do not count.

    Raises
    ------
    ImageError
        The two differ in shape, or are not what they should be.
    """

    def __init__(
        self, distance: NDArray[Any], truth: NDArray[Any], grid: Grid, settings: Settings
    ) -> None:
        self._distance = checked_distance(distance)
        true = same_shape(as_labels(truth, "The true labels"), self._distance, "The distance map")
        ids, index, areas = np.unique(true, return_inverse=True, return_counts=True)
        outside = int(ids[0] == 0)
        self._truth = (index.reshape(true.shape) + 1 - outside).astype(np.int64)  # 0: outside
        self._truth_ids, self._truth_area = ids[outside:].astype(np.int64), areas[outside:]
        self._grid, self._settings = grid, settings
        self._extents = Extents(self._distance, grid.fills)

    def detections(self, peak: float) -> list[Detection]:
        """What SEG and DET are made of, at each fill threshold that goes with a peak threshold."""
        fills = self._grid.fills_at(peak)
        if not fills:
            return []
        kind = self._settings.markers
        markers = cell_markers(self._distance, peak=peak, markers=kind)
        reach = self._extents.reach(markers)
        whole = kind != "centroid"
        return [
            detection
            for flood in floods(markers, self._distance, fills, whole_components=whole)
            for detection in self._count(flood, reach)
        ]

    def _count(self, flood: Flood, reach: NDArray[np.uint8]) -> list[Detection]:
        cells = int(flood.labels.max(initial=0)) + 1
        reach = np.minimum(reach, np.uint8(flood.stop))
        inside = reach > flood.first
        # By truth, then by cell, as an `Overlap` has its pairs.
        code = np.where(inside, self._truth * cells + flood.labels, 0)
        begins = np.flatnonzero(np.diff(code.ravel(), prepend=-1))
        holes = [
            self._holes(flood.labels, reach, number, cells)
            for number in range(flood.first, flood.stop)
        ]
        pairs, pair = np.unique(np.concatenate([code.ravel()[begins], *holes]), return_inverse=True)
        counts = _by_reach(
            np.repeat(pair[: begins.size], np.diff(begins, append=code.size)),
            reach.ravel(),
            (pairs.size, flood.stop + 1),
        )
        truth, cell = np.divmod(pairs, cells)
        highest = np.zeros(cells, np.int64)
        if self._settings.discard_border:
            np.maximum.at(highest, _border(flood.labels), _border(reach))
        place = begins.size
        found = []
        for number, hole in enumerate(holes, start=flood.first):
            filled = np.bincount(pair[place : place + hole.size], minlength=pairs.size)
            place += hole.size
            shared = np.where(cell > 0, counts[:, number + 1] + filled, 0)
            area = np.bincount(cell, weights=shared, minlength=cells).astype(np.int64)
            area[(highest > number) | ~self._has_size(area)] = 0
            found.append(self._detection(truth, cell, shared, area))
        return found

    def _holes(
        self, labels: NDArray[np.int32], reach: NDArray[np.uint8], number: int, cells: int
    ) -> NDArray[np.int64]:
        """Pairs of cells of the pixels in holes at a fill threshold, as one number each."""
        if not self._settings.fill_holes:
            return np.empty(0, np.int64)
        pixels, owners = find_holes(labels, reach <= number)
        codes: NDArray[np.int64] = self._truth.take(pixels) * cells + owners
        return codes

    def _has_size(self, area: NDArray[np.int64]) -> NDArray[np.bool_]:
        most = self._settings.max_size
        enough = area >= self._settings.min_size
        return enough if most is None else enough & (area <= most)

    def _detection(
        self,
        truth: NDArray[np.int64],
        cell: NDArray[np.int64],
        shared: NDArray[np.int64],
        area: NDArray[np.int64],
    ) -> Detection:
        """Count found, missed and spurious cells from pairs of cells; those of no area are none."""
        there = np.flatnonzero(area)
        index = np.cumsum(area > 0) - 1
        common = (truth > 0) & (shared > 0) & (area[cell] > 0)
        return count_detection(
            Overlap(
                truth_ids=self._truth_ids,
                predicted_ids=there,
                truth_area=self._truth_area,
                predicted_area=area[there],
                truth=truth[common] - 1,
                predicted=index[cell[common]],
                shared=shared[common],
            )
        )


def _by_reach(
    pair: NDArray[np.intp], reach: NDArray[np.uint8], shape: tuple[int, int]
) -> NDArray[np.int64]:
    """Pixels of each pair that reach at least so far."""
    pairs, levels = shape
    counts = np.bincount(pair * levels + reach, minlength=pairs * levels).reshape(shape)
    return np.ascontiguousarray(counts[:, ::-1].cumsum(axis=1)[:, ::-1])


def _border(values: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
