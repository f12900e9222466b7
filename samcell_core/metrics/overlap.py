"""How many pixels each predicted cell shares with each true one: the basis of all evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import ImageError
from samcell_core.metrics.inputs import as_labels

__all__ = ["Overlap", "overlap"]


@dataclass(frozen=True)
class Overlap:
    """Sparse contingency table of two label images.

    Attributes
    ----------
    truth_ids, predicted_ids
        Labels of the cells, ascending.
    truth_area, predicted_area
        Their pixels.
    truth, predicted, shared
        Of each pair of cells with common pixels: index into the ids, and the number of pixels.
        Sorted by ``truth``, then by ``predicted``.
    """

    truth_ids: NDArray[np.int64]
    predicted_ids: NDArray[np.int64]
    truth_area: NDArray[np.int64]
    predicted_area: NDArray[np.int64]
    truth: NDArray[np.intp]
    predicted: NDArray[np.intp]
    shared: NDArray[np.int64]

    @cached_property
    def iou(self) -> NDArray[np.float64]:
        """Intersection over union (Jaccard index) of each pair."""
        union = self.truth_area[self.truth] + self.predicted_area[self.predicted] - self.shared
        quotients: NDArray[np.float64] = self.shared / union
        return quotients

    @cached_property
    def covers_truth(self) -> NDArray[np.bool_]:
        """Pairs in which more than half of the true cell is in the predicted one.

        At most one pair for each true cell.
        """
        return 2 * self.shared > self.truth_area[self.truth]

    @cached_property
    def covers_predicted(self) -> NDArray[np.bool_]:
        """Pairs in which more than half of the predicted cell is in the true one."""
        return 2 * self.shared > self.predicted_area[self.predicted]


def overlap(predicted: Any, truth: Any) -> Overlap:
    """Count the pixels that the cells of two label images share.

    Labels need not be consecutive. Runs of equal pairs of labels are counted instead of pixels.

    Raises
    ------
    ImageError
        The two differ in shape, or are no label images.
    """
    found = as_labels(predicted, "The predicted labels")
    true = as_labels(truth, "The true labels")
    if found.shape != true.shape:
        raise ImageError(
            f"The predicted labels of shape {found.shape} and the true labels of shape "
            f"{true.shape} differ: both must come from the same image."
        )
    found, true = found.ravel(), true.ravel()
    begins = np.ones(found.size, dtype=bool)
    np.not_equal(found[1:], found[:-1], out=begins[1:])
    begins[1:] |= true[1:] != true[:-1]
    start = np.flatnonzero(begins)
    length = np.diff(start, append=found.size)
    found, true = found[start], true[start]
    truth_ids, truth_area, true_cell = _cells(true, length)
    predicted_ids, predicted_area, found_cell = _cells(found, length)

    both = (found != 0) & (true != 0)
    key = true_cell[both] * max(len(predicted_ids), 1) + found_cell[both]
    pairs, pair = np.unique(key, return_inverse=True)
    truth_index, predicted_index = np.divmod(pairs, max(len(predicted_ids), 1))
    return Overlap(
        truth_ids=truth_ids,
        predicted_ids=predicted_ids,
        truth_area=truth_area,
        predicted_area=predicted_area,
        truth=truth_index,
        predicted=predicted_index,
        shared=_count(pair, length[both], len(pairs)),
    )


def _cells(
    labels: NDArray[Any], length: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.intp]]:
    """Labels other than 0, their pixels, and the cell of each run (-1 outside cells)."""
    ids, index = np.unique(labels, return_inverse=True)
    area = _count(index, length, len(ids))
    outside = int(ids[0] == 0)
    return ids[outside:].astype(np.int64), area[outside:], index - outside


def _count(index: NDArray[np.intp], weight: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    # Sums of pixels are exact in float64 up to 2^53.
    return np.bincount(index, weights=weight, minlength=size).astype(np.int64)
