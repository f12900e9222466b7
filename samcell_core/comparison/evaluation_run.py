"""Many predicted label files held against true ones, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samcell_core.batch.reasons import reason_of
from samcell_core.comparison.label_files import LabelReader
from samcell_core.comparison.matching import Match
from samcell_core.comparison.rows import image_row
from samcell_core.metrics import PooledEvaluation, Scores, evaluate_planes, pool
from samcell_core.metrics.average_precision import THRESHOLDS, check_thresholds

__all__ = ["EvaluatedImage", "evaluate_matches", "pool_images", "scores_row", "worst_first"]


@dataclass(frozen=True)
class EvaluatedImage:
    """One image and its scores, or why it has none.

    Attributes
    ----------
    match
        Its predicted and its true labels.
    scores
        Those of all its planes; ``None`` where it could not be evaluated.
    error
        Why not; empty where it could.
    image
        The image they were made from, where known.
    """

    match: Match
    scores: PooledEvaluation | None
    error: str = ""
    image: Path | None = None

    @property
    def name(self) -> str:
        """What tables call it."""
        return self.match.name

    def to_row(self) -> dict[str, Any]:
        """Status and scores by name, one row for a table."""
        values = None if self.scores is None else scores_row(self.scores)
        return image_row(self.name, values, self.error)


def evaluate_matches(
    matches: Iterable[Match],
    *,
    reader: LabelReader,
    thresholds: Sequence[float] = THRESHOLDS,
    images: Mapping[Path, Path] | None = None,
) -> Iterator[EvaluatedImage]:
    """Evaluate pairs of files, the predicted first; a bad one does not stop the others.

    Parameters
    ----------
    matches
        Predicted and true labels.
    reader
        What reads them.
    thresholds
        IoU thresholds, as `evaluate` takes them.
    images
        The image of each true file: its size is needed where both sides hold outlines.
    """
    checked = check_thresholds(thresholds)  # now, not at the first image
    return _evaluated(matches, reader, checked, images or {})


def _evaluated(
    matches: Iterable[Match],
    reader: LabelReader,
    thresholds: tuple[float, ...],
    images: Mapping[Path, Path],
) -> Iterator[EvaluatedImage]:
    for match in matches:
        image = images.get(match.second)
        try:
            predicted, truth = reader.read_both(match.first, match.second, image)
            scores = evaluate_planes(predicted.array, truth.array, thresholds=thresholds)
        except Exception as error:  # of any library that meets a file nobody thought of
            yield EvaluatedImage(match, None, reason_of(error), image)
        else:
            yield EvaluatedImage(match, scores, image=image)


def pool_images(images: Iterable[EvaluatedImage]) -> PooledEvaluation | None:
    """Scores of the cells of all evaluated images together; ``None`` where there is none."""
    scores = [image.scores for image in images if image.scores is not None]
    return pool(scores) if scores else None


def scores_row(scores: PooledEvaluation) -> dict[str, Any]:
    """All scores and counts by name, with the numbers of merged and split cells."""
    values: dict[str, Any] = {"planes": len(scores.images)}
    for name, value in scores.to_dict().items():
        values[name] = value
        if name == "splits_needed":
            values["merged"] = sum(len(plane.merged) for plane in scores.images)
            values["split"] = sum(len(plane.split) for plane in scores.images)
    return values


def worst_first(images: Iterable[EvaluatedImage]) -> list[EvaluatedImage]:
    """Failures, then the evaluated images by ascending OP_CSB, ties by the first threshold."""

    def badness(image: EvaluatedImage) -> tuple[float, ...]:
        scores: Scores | None = image.scores
        if scores is None:
            return (-1.0,)
        return (scores.op_csb, *(each.average_precision for each in scores.matches))

    return sorted(images, key=badness)
