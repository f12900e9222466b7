"""Average precision: how many cells agree at a given intersection over union.

A predicted and a true cell may be matched where their IoU reaches the threshold; every cell is in
one match at most, and as many matches are made as possible: the largest matching of the graph of
candidates. (Above an IoU of 1/2 each cell has one candidate at most, and all candidates match.)

References
----------
Schmidt et al., "Cell detection with star-convex polygons", MICCAI 2018.
Hopcroft and Karp, "An n^5/2 algorithm for maximum matchings in bipartite graphs", 1973.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from samcell_core.errors import SettingsError
from samcell_core.metrics.overlap import Overlap

__all__ = ["THRESHOLDS", "Matches", "check_thresholds", "count_matches"]

THRESHOLDS: tuple[float, ...] = (0.5, 0.75, 0.9)


@dataclass(frozen=True)
class Matches:
    """Matched and unmatched cells at one threshold. Two of them add up to those of both images.

    Where a quotient is 0/0 it is 1 if there are no cells on either side, else 0.

    Attributes
    ----------
    threshold
        The smallest IoU of a match.
    true_positives
        Matches.
    false_positives
        Predicted cells without a match.
    false_negatives
        True cells without a match.
    """

    threshold: float
    true_positives: int
    false_positives: int
    false_negatives: int

    def __add__(self, other: Matches) -> Matches:
        if self.threshold != other.threshold:
            raise SettingsError(
                f"Matches at IoU {self.threshold:g} and {other.threshold:g} cannot be added: "
                "evaluate all images at the same thresholds."
            )
        return Matches(
            self.threshold,
            self.true_positives + other.true_positives,
            self.false_positives + other.false_positives,
            self.false_negatives + other.false_negatives,
        )

    def _part_of(self, whole: int) -> float:
        if whole:
            return self.true_positives / whole
        return float(not self.false_positives + self.false_negatives)

    @property
    def average_precision(self) -> float:
        """Matches as part of all cells of either side: TP/(TP + FP + FN)."""
        return self._part_of(self.true_positives + self.false_positives + self.false_negatives)

    @property
    def precision(self) -> float:
        """Matches as part of the predicted cells: TP/(TP + FP)."""
        return self._part_of(self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        """Matches as part of the true cells: TP/(TP + FN)."""
        return self._part_of(self.true_positives + self.false_negatives)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall: 2 TP/(2 TP + FP + FN)."""
        wrong = self.false_positives + self.false_negatives
        if not self.true_positives + wrong:
            return 1.0
        return 2 * self.true_positives / (2 * self.true_positives + wrong)


def check_thresholds(thresholds: Sequence[float]) -> tuple[float, ...]:
    """Return the thresholds as numbers, or raise `SettingsError` where one is not in (0, 1]."""
    try:
        values = tuple(thresholds)
    except TypeError:
        raise SettingsError(
            f"thresholds={thresholds!r} is not allowed: give several IoU thresholds or one in "
            "brackets, such as (0.5,)."
        ) from None
    for value in values:
        if not isinstance(value, Real) or not 0 < value <= 1:
            raise SettingsError(
                f"The IoU threshold {value} is not allowed: give numbers above 0, up to 1."
            )
    return tuple(float(value) for value in values)


def count_matches(overlap: Overlap, threshold: float) -> Matches:
    """Count the cells of one image that agree at an IoU of at least ``threshold``."""
    candidate = overlap.iou >= threshold
    truth, predicted = overlap.truth[candidate], overlap.predicted[candidate]
    matched = _largest_matching(truth, predicted, overlap)
    return Matches(
        threshold=threshold,
        true_positives=matched,
        false_positives=len(overlap.predicted_ids) - matched,
        false_negatives=len(overlap.truth_ids) - matched,
    )


def _largest_matching(
    truth: NDArray[np.intp], predicted: NDArray[np.intp], overlap: Overlap
) -> int:
    """Most pairs that can be picked so that each cell is in one at most."""
    # The matching of scipy 1.12 reads 32-bit indices only; pairs are sorted by truth already.
    first = np.searchsorted(truth, np.arange(len(overlap.truth_ids) + 1)).astype(np.int32)
    graph = csr_array(
        (np.ones(len(truth), dtype=np.int8), predicted.astype(np.int32), first),
        shape=(len(overlap.truth_ids), len(overlap.predicted_ids)),
    )
    return int((maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())
