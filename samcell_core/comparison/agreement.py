"""How far two programs, or two models, agree about the cells of the same images."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import numpy as np

from samcell_core.batch.inputs import printable
from samcell_core.batch.reasons import reason_of
from samcell_core.comparison.label_files import LabelReader
from samcell_core.comparison.matching import Match
from samcell_core.comparison.rows import image_row
from samcell_core.errors import ImageError
from samcell_core.metrics.average_precision import Matches, check_thresholds, count_matches
from samcell_core.metrics.inputs import as_labels
from samcell_core.metrics.overlap import overlap

__all__ = [
    "Agreement",
    "ComparedImage",
    "compare_labels",
    "compare_matches",
    "describe_labels",
]


@dataclass(frozen=True)
class Agreement:
    """Agreement of two segmentations, neither of which is the truth. Two of them add up.

    Attributes
    ----------
    matches
        Cells that both have, and those that only one has: a false positive is a cell of A alone,
        a false negative one of B alone.
    shared_iou
        Sum of the IoU of the cells of A that have one in B.
    shared
        Their number.
    covered_a, covered_b
        Pixels inside cells.
    pixels
        Pixels in all.
    identical
        Whether the two have the same cells, pixel by pixel, whatever their numbers are.
    """

    matches: Matches
    shared_iou: float
    shared: int
    covered_a: int
    covered_b: int
    pixels: int
    identical: bool

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(
            self.matches + other.matches,
            self.shared_iou + other.shared_iou,
            self.shared + other.shared,
            self.covered_a + other.covered_a,
            self.covered_b + other.covered_b,
            self.pixels + other.pixels,
            self.identical and other.identical,
        )

    @property
    def count_a(self) -> int:
        """Cells of A."""
        return self.matches.true_positives + self.matches.false_positives

    @property
    def count_b(self) -> int:
        """Cells of B."""
        return self.matches.true_positives + self.matches.false_negatives

    @property
    def mean_iou(self) -> float:
        """Mean IoU of the cells that both have; NaN where there is none."""
        return self.shared_iou / self.shared if self.shared else math.nan

    def to_row(self) -> dict[str, Any]:
        """All numbers by name, one row for a table."""
        return {
            "count_a": self.count_a,
            "count_b": self.count_b,
            "difference": self.count_b - self.count_a,
            "in_both": self.matches.true_positives,
            "only_in_a": self.matches.false_positives,
            "only_in_b": self.matches.false_negatives,
            f"average_precision_{self.matches.threshold:g}": self.matches.average_precision,
            "mean_iou": self.mean_iou,
            "confluency_a": self.covered_a / self.pixels,
            "confluency_b": self.covered_b / self.pixels,
            "identical": self.identical,
        }


@dataclass(frozen=True)
class ComparedImage:
    """One image and the agreement about it, or why there is none."""

    match: Match
    agreement: Agreement | None
    error: str = ""

    @property
    def name(self) -> str:
        """What tables call it."""
        return self.match.name

    def to_row(self) -> dict[str, Any]:
        """Status and numbers by name, one row for a table."""
        values = None if self.agreement is None else self.agreement.to_row()
        return image_row(self.name, values, self.error)


def compare_labels(a: Any, b: Any, *, threshold: float = 0.5) -> Agreement:
    """Compare labels of the same shape, plane by plane.

    Parameters
    ----------
    a, b
        Labels (..., H, W).
    threshold
        The smallest IoU at which a cell of A and one of B are the same cell.

    Examples
    --------
    >>> compare_labels([[1, 1, 0, 2]], [[7, 7, 7, 0]]).to_row()["mean_iou"]
    0.6666666666666666
    """
    (threshold,) = check_thresholds((threshold,))
    first, second = as_labels(a, "The labels A"), as_labels(b, "The labels B")
    if first.shape != second.shape:
        raise ImageError(
            f"The labels A of shape {first.shape} and the labels B of shape {second.shape} "
            "differ: both must come from the same image."
        )
    planes = (
        _compare_plane(first[index], second[index], threshold)
        for index in np.ndindex(first.shape[:-2])
    )
    return reduce(add, planes)


def compare_matches(
    matches: Iterable[Match],
    *,
    reader: LabelReader,
    threshold: float = 0.5,
    images: Mapping[Path, Path] | None = None,
) -> Iterator[ComparedImage]:
    """Compare pairs of label files; a bad one does not stop the others.

    ``images`` holds the image of each second file, whose size is needed where both hold outlines.
    """
    known = images or {}
    for match in matches:
        try:
            a, b = reader.read_both(match.first, match.second, known.get(match.second))
            agreement = compare_labels(a.array, b.array, threshold=threshold)
        except Exception as error:  # of any library that meets a file nobody thought of
            yield ComparedImage(match, None, reason_of(error))
        else:
            yield ComparedImage(match, agreement)


def describe_labels(path: Path) -> str:
    """What a file or folder of labels is: its path, and the model where a run wrote it."""
    record = path / "run.json"
    try:
        made = json.loads(record.read_text(encoding="utf-8"))["made_with"]
        model, version = made["model"]["name"], made["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return printable(str(path))
    return printable(f"{path} ({model}, samcell-suite {version})")


def _compare_plane(a: Any, b: Any, threshold: float) -> Agreement:
    table = overlap(a, b)  # A has the place of the predicted cells, B that of the truth
    # Of each cell of A, the overlap with the cell of B that agrees best.
    best = np.zeros(len(table.predicted_ids))
    np.maximum.at(best, table.predicted, table.iou)
    agreeing = best >= threshold
    return Agreement(
        matches=count_matches(table, threshold),
        shared_iou=math.fsum(best[agreeing].tolist()),
        shared=int(agreeing.sum()),
        covered_a=int(table.predicted_area.sum()),
        covered_b=int(table.truth_area.sum()),
        pixels=int(a.size),
        identical=len(table.truth_ids) == len(best) and bool((best == 1).all()),
    )
