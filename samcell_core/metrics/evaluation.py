"""How good a segmentation is: scores, and the cells that are wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import ImageError, SettingsError
from samcell_core.metrics.average_precision import (
    THRESHOLDS,
    Matches,
    check_thresholds,
    count_matches,
)
from samcell_core.metrics.ctc import Detection, count_detection
from samcell_core.metrics.inputs import as_labels
from samcell_core.metrics.overlap import overlap

__all__ = ["Evaluation", "PooledEvaluation", "Scores", "evaluate", "evaluate_planes", "pool"]


@dataclass(frozen=True)
class Scores:
    """How well predicted cells agree with true ones.

    Attributes
    ----------
    detection
        The counts behind SEG and DET.
    matches
        Counts, precision, recall and F1 at each IoU threshold, in the order asked for.
    """

    detection: Detection
    matches: tuple[Matches, ...]

    @property
    def truth_count(self) -> int:
        """Number of true cells."""
        return self.detection.truth

    @property
    def predicted_count(self) -> int:
        """Number of predicted cells."""
        return self.detection.predicted

    @property
    def seg(self) -> float:
        """SEG of the Cell Tracking Challenge: mean Jaccard index of the true cells."""
        return self.detection.seg

    @property
    def det(self) -> float:
        """DET of the Cell Tracking Challenge: 1 less the relative cost of the wrong cells."""
        return self.detection.det

    @property
    def op_csb(self) -> float:
        """OP_CSB of the Cell Tracking Challenge: mean of SEG and DET."""
        return self.detection.op_csb

    def at(self, threshold: float) -> Matches:
        """Matches at one of the thresholds asked for."""
        for matches in self.matches:
            if matches.threshold == threshold:
                return matches
        known = ", ".join(f"{matches.threshold:g}" for matches in self.matches)
        raise SettingsError(f"There are no matches at IoU {threshold}: evaluated were {known}.")

    def to_dict(self) -> dict[str, float]:
        """All scores and counts by name, one row for a table."""
        detection = self.detection
        values: dict[str, float] = {
            "truth_count": detection.truth,
            "predicted_count": detection.predicted,
            "seg": self.seg,
            "det": self.det,
            "op_csb": self.op_csb,
            "splits_needed": detection.splits,
            "missed": detection.missed,
            "spurious": detection.spurious,
        }
        for matches in self.matches:
            for name in (
                "average_precision",
                "precision",
                "recall",
                "f1",
                "true_positives",
                "false_positives",
                "false_negatives",
            ):
                values[f"{name}_{matches.threshold:g}"] = getattr(matches, name)
        return values


@dataclass(frozen=True)
class Evaluation(Scores):
    """Scores of one plane, and the labels of the cells that are wrong, to show them.

    Attributes
    ----------
    merged
        Predicted cells that cover more than half of each of several true ones, with those.
    split
        True cells that hold more than half of each of several predicted ones, with those.
    missed
        True cells of which no predicted cell covers more than half.
    spurious
        Predicted cells that cover more than half of no true one.
    """

    merged: dict[int, tuple[int, ...]]
    split: dict[int, tuple[int, ...]]
    missed: tuple[int, ...]
    spurious: tuple[int, ...]


@dataclass(frozen=True)
class PooledEvaluation(Scores):
    """Scores of the cells of many images taken together.

    Attributes
    ----------
    images
        The evaluation of each image, in order.
    """

    images: tuple[Evaluation, ...]


def evaluate(predicted: Any, truth: Any, *, thresholds: Sequence[float] = THRESHOLDS) -> Evaluation:
    """Compare the predicted cells of one plane with the true ones.

    Parameters
    ----------
    predicted, truth
        Labels of the same height and width: arrays, or segmentations.
    thresholds
        IoU thresholds, above 0 up to 1, at which matches are counted.

    Raises
    ------
    ImageError
        The two differ in shape, or are no planes of labels.
    SettingsError
        A threshold outside its range.

    Examples
    --------
    >>> result = evaluate([[1, 1, 1, 0, 5]], [[1, 1, 2, 0, 0]])
    >>> round(result.seg, 3), result.merged, result.spurious
    (0.5, {1: (1, 2)}, (5,))
    """
    checked = check_thresholds(thresholds)
    found, true = _both(predicted, truth)
    for labels in (found, true):
        if labels.ndim != 2:
            raise ImageError(
                f"evaluate compares one plane, not labels of shape {labels.shape}: use "
                "evaluate_planes for a stack."
            )
    return _evaluate(found, true, checked)


def evaluate_planes(
    predicted: Any, truth: Any, *, thresholds: Sequence[float] = THRESHOLDS
) -> PooledEvaluation:
    """Compare stacks of labels (..., H, W) plane by plane and pool the planes.

    Each plane has cells of its own, as in a `Segmentation`. Parameters are those of `evaluate`.
    """
    checked = check_thresholds(thresholds)
    found, true = _both(predicted, truth)
    if found.shape != true.shape:
        overlap(found, true)  # it says what does not fit
    return pool(
        _evaluate(found[index], true[index], checked) for index in np.ndindex(true.shape[:-2])
    )


def pool(evaluations: Iterable[Evaluation | PooledEvaluation]) -> PooledEvaluation:
    """Scores of all cells of many images together, each cell counting once.

    They are those of one image that holds all the cells: SEG is the mean over all true cells, DET
    and the matches come from summed counts. They are not means over images.

    Raises
    ------
    SettingsError
        There is no evaluation, or the thresholds differ.
    """
    images = tuple(
        image
        for evaluation in evaluations
        for image in (
            evaluation.images if isinstance(evaluation, PooledEvaluation) else (evaluation,)
        )
    )
    if not images:
        raise SettingsError("There is nothing to pool: give at least one evaluation.")
    expected = [matches.threshold for matches in images[0].matches]
    if any([matches.threshold for matches in image.matches] != expected for image in images):
        raise SettingsError(
            "Evaluations at different IoU thresholds cannot be pooled: evaluate all images at the "
            "same ones."
        )
    return PooledEvaluation(
        detection=reduce(add, (image.detection for image in images)),
        matches=tuple(
            reduce(add, matches)
            for matches in zip(*(image.matches for image in images), strict=True)
        ),
        images=images,
    )


def _both(predicted: Any, truth: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    return as_labels(predicted, "The predicted labels"), as_labels(truth, "The true labels")


def _evaluate(found: NDArray[Any], true: NDArray[Any], thresholds: tuple[float, ...]) -> Evaluation:
    table = overlap(found, true)
    covers, inside = table.covers_truth, table.covers_predicted
    predicted, truth = table.predicted_ids[table.predicted], table.truth_ids[table.truth]
    return Evaluation(
        detection=count_detection(table),
        matches=tuple(count_matches(table, threshold) for threshold in thresholds),
        merged=_several(predicted[covers], truth[covers]),
        split=_several(truth[inside], predicted[inside]),
        missed=_without(table.truth_ids, truth[covers]),
        spurious=_without(table.predicted_ids, predicted[covers]),
    )


def _several(whole: NDArray[np.int64], part: NDArray[np.int64]) -> dict[int, tuple[int, ...]]:
    """Wholes that have more than one part, with their parts."""
    ids, index, parts = np.unique(whole, return_inverse=True, return_counts=True)
    many: dict[int, tuple[int, ...]] = {int(cell): () for cell in ids[parts > 1]}
    several = parts[index] > 1
    for cell, piece in zip(whole[several].tolist(), part[several].tolist(), strict=True):
        many[cell] += (piece,)
    return many


def _without(ids: NDArray[np.int64], dropped: NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(np.setdiff1d(ids, dropped).tolist())
