"""What there is to train on, before hours are spent on it: counts, sizes, suspicious labels."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from samcell_core.datasets.annotated import Dataset
from samcell_core.datasets.measuring import ImageReport, examine, judge
from samcell_core.datasets.survey_text import aligned, commonest, line_of
from samcell_core.errors import TrainingError
from samcell_core.machine import available_cores
from samcell_core.metrics.table import Table
from samcell_core.training.pairs import Pair

__all__ = ["SetSummary", "Survey", "make_survey"]

_SHOWN = 10  # images, of those with something suspicious


@dataclass(frozen=True)
class SetSummary:
    """One data set.

    Attributes
    ----------
    name
        Its name.
    images, refused, duplicates
        Images, those that cannot be trained on, and those whose pixels an earlier one has, too.
    cells
        Cells of all images that can be trained on.
    diameter
        5th percentile, median and 95th percentile over these cells, in pixels; ``None`` where
        there are none.
    sizes, types
        Heights and widths of the images and types of their pixels, each with how many have them.
    cut, in_pieces, with_holes, tiny, huge, overlapping
        Sums over the images: cells that touch the border, lie in several parts, have holes, are
        much smaller or larger than usual; and pixels that several cells claimed.
    """

    name: str
    images: int
    refused: int
    duplicates: int
    cells: int
    diameter: tuple[float, float, float] | None
    sizes: dict[str, int]
    types: dict[str, int]
    cut: int
    in_pieces: int
    with_holes: int
    tiny: int
    huge: int
    overlapping: int


@dataclass(frozen=True)
class Survey:
    """What there is to train on.

    Attributes
    ----------
    sets
        A summary of each data set.
    images
        What was found of each image.
    unlabelled
        Names of images that have no labels.
    notes
        Things worth knowing, each a sentence.
    """

    sets: tuple[SetSummary, ...]
    images: tuple[ImageReport, ...]
    unlabelled: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, as JSON takes them."""
        images = [image.to_dict() for image in self.images]
        for image in images:  # JSON has no NaN
            if not image["cells"]:
                image["median_diameter"] = None
        return {
            "sets": [asdict(summary) for summary in self.sets],
            "images": images,
            "unlabelled": list(self.unlabelled),
            "notes": list(self.notes),
        }

    def table(self) -> Table:
        """One row for each image."""
        return Table.from_rows([image.to_dict() for image in self.images])

    def to_csv(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write `table` as CSV, whole or not at all. Raises `SamcellError`."""
        self.table().to_csv(path, overwrite=overwrite)

    def suspicious(self) -> list[ImageReport]:
        """Images with something suspicious, the worst first.

        Refused images come first, then duplicates, then those with the largest part of suspicious
        cells, then those whose cells overlap.
        """

        def rank(image: ImageReport) -> tuple[bool, bool, float, int]:
            share = image.suspicious / max(1, image.cells)
            return bool(image.problem), bool(image.duplicate_of), share, image.overlapping

        return sorted((image for image in self.images if any(rank(image))), key=rank, reverse=True)

    def to_text(self) -> str:
        """Two aligned tables of the sets, and the images to look at first."""
        lines = [*self._sizes(), "", *self._counts()]
        worst = [line_of(image) for image in self.suspicious()]
        for title, entries in (
            ("To look at first:", worst),
            ("Without labels:", list(self.unlabelled)),
            ("Notes:", list(self.notes)),
        ):
            if entries:
                more = len(entries) - _SHOWN
                lines += ["", title, *(f"  {entry}" for entry in entries[:_SHOWN])]
                lines += [f"  and {more} more"] if more > 0 else []
        return "\n".join(lines)

    def _sizes(self) -> list[str]:
        rows = [["set", "images", "cells", "diameter", "5 %", "95 %", "size", "pixels"]]
        for each in self.sets:
            low, median, high = each.diameter or (np.nan,) * 3
            diameters = [f"{value:.1f}" for value in (median, low, high)]
            texts = [commonest(each.sizes), commonest(each.types)]
            rows.append([each.name, str(each.images), str(each.cells), *diameters, *texts])
        return aligned(rows, left=(0, 6, 7))

    def _counts(self) -> list[str]:
        names = {
            "cut": "cut",
            "in_pieces": "in pieces",
            "with_holes": "with holes",
            "tiny": "tiny",
            "huge": "huge",
            "overlapping": "overlapping px",
            "duplicates": "duplicates",
            "refused": "refused",
        }
        rows = [["set", *names.values()]]
        rows += [[each.name, *(str(getattr(each, name)) for name in names)] for each in self.sets]
        return aligned(rows, left=(0,))


def make_survey(
    dataset: Iterable[Pair], *, progress: Callable[[int, int], None] = lambda _, __: None
) -> Survey:
    """Read all images and labels and tell what they are like.

    Parameters
    ----------
    dataset
        From `find_annotated`, or any pairs. What cannot be trained on is told, not raised.
    progress
        Told how many are done, of how many.

    Raises
    ------
    TrainingError
        There is nothing to survey.
    """
    pairs = list(dataset)
    if not pairs:
        raise TrainingError("There are no images to survey: give at least one.")
    examined = []
    with ThreadPoolExecutor(available_cores()) as pool:
        for done, report in enumerate(pool.map(examine, pairs), start=1):
            examined.append(report)
            progress(done, len(pairs))
    reports = judge(examined)
    by_set: dict[str, list[ImageReport]] = {}
    for report in reports:
        by_set.setdefault(report.set, []).append(report)
    told = dataset if isinstance(dataset, Dataset) else Dataset("pairs", ())
    return Survey(
        sets=tuple(_summary(name, members) for name, members in by_set.items()),
        images=reports,
        unlabelled=tuple(map(str, told.unlabelled)),
        notes=told.notes,
    )


def _summary(name: str, reports: Sequence[ImageReport]) -> SetSummary:
    diameters = np.concatenate([report.diameters for report in reports])
    spread = None
    if diameters.size:
        low, median, high = np.percentile(diameters, (5, 50, 95)).tolist()
        spread = low, median, high
    readable = [report for report in reports if report.height]
    return SetSummary(
        name=name,
        images=len(reports),
        refused=sum(bool(report.problem) for report in reports),
        duplicates=sum(bool(report.duplicate_of) for report in reports),
        cells=int(diameters.size),
        diameter=spread,
        sizes=dict(Counter(f"{report.height} x {report.width}" for report in readable)),
        types=dict(Counter(report.type for report in readable)),
        cut=sum(report.cut for report in reports),
        in_pieces=sum(report.in_pieces for report in reports),
        with_holes=sum(report.with_holes for report in reports),
        tiny=sum(report.tiny for report in reports),
        huge=sum(report.huge for report in reports),
        overlapping=sum(report.overlapping for report in reports),
    )
