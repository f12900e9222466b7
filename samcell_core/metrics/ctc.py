"""SEG and DET as the Cell Tracking Challenge defines them, as sums that can be pooled.

References
----------
Maska et al., "A benchmark for comparison of cell tracking algorithms", Bioinformatics 30, 2014.
Matula et al., "Cell tracking accuracy measurement based on comparison of acyclic oriented graphs",
PLoS One 10, 2015.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from samcell_core.metrics.overlap import Overlap

__all__ = ["Detection", "count_detection"]

# What each correction of the detected cells costs: AOGM-D.
SPLIT_COST = 5
MISSED_COST = 10
SPURIOUS_COST = 1


@dataclass(frozen=True)
class Detection:
    """What the measures of the challenge are made of. Two of them add up to that of both images.

    A true cell is found where one predicted cell covers more than half of it.

    Attributes
    ----------
    truth, predicted
        Number of cells.
    jaccard
        Sum of the Jaccard indexes of the found cells with the cells that cover them.
    splits
        Divisions needed: a predicted cell that covers n > 1 true ones needs n - 1.
    missed
        True cells that are not found.
    spurious
        Predicted cells that cover no true one.
    """

    truth: int
    predicted: int
    jaccard: float
    splits: int
    missed: int
    spurious: int

    def __add__(self, other: Detection) -> Detection:
        return Detection(
            self.truth + other.truth,
            self.predicted + other.predicted,
            self.jaccard + other.jaccard,
            self.splits + other.splits,
            self.missed + other.missed,
            self.spurious + other.spurious,
        )

    @property
    def seg(self) -> float:
        """Mean Jaccard index of the true cells, 0 for those not found.

        Without true cells: 1 where nothing was predicted, else 0.
        """
        if not self.truth:
            return float(not self.predicted)
        return self.jaccard / self.truth

    @property
    def det(self) -> float:
        """1 - min(AOGM-D, AOGM-D0)/AOGM-D0, where AOGM-D0 is the cost of making all true cells.

        Without true cells: 1 where nothing was predicted, else 0.
        """
        if not self.truth:
            return float(not self.predicted)
        cost = SPLIT_COST * self.splits + MISSED_COST * self.missed + SPURIOUS_COST * self.spurious
        return 1 - min(cost / (MISSED_COST * self.truth), 1.0)

    @property
    def op_csb(self) -> float:
        """Mean of `seg` and `det`."""
        return (self.seg + self.det) / 2


def count_detection(overlap: Overlap) -> Detection:
    """Count found, missed, merged and spurious cells of one image."""
    pairs = overlap.covers_truth
    covering = np.unique(overlap.predicted[pairs])
    found = int(pairs.sum())
    return Detection(
        truth=len(overlap.truth_ids),
        predicted=len(overlap.predicted_ids),
        # Exact before it is rounded, so that the order of the ids cannot show.
        jaccard=math.fsum(overlap.iou[pairs].tolist()),
        splits=found - len(covering),
        missed=len(overlap.truth_ids) - found,
        spurious=len(overlap.predicted_ids) - len(covering),
    )
