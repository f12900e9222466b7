"""What a search for thresholds found: scores of all pairs, the best, and how flat it is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from samcell_core.errors import SettingsError
from samcell_core.metrics.ctc import Detection
from samcell_core.segmentation import ModelInfo
from samcell_core.settings import Settings
from samcell_core.tuning.grid import Grid

__all__ = ["NEAR", "Optimum", "Region", "Score", "TunedImage", "Tuning"]

NEAR = 0.01
"""Pairs of thresholds whose OP_CSB is less than this below the best are as good."""

_TIE = 1e-9  # sums of rounded numbers


class Score(NamedTuple):
    """Mean scores of some images."""

    op_csb: float
    seg: float
    det: float

    @classmethod
    def of(cls, detection: Detection) -> Score:
        """Scores of one image."""
        return cls(detection.op_csb, detection.seg, detection.det)

    @classmethod
    def mean(cls, scores: Iterable[Score]) -> Score:
        """Mean of each of the three."""
        op_csb, seg, det = np.mean(list(scores), axis=0).tolist()
        return cls(op_csb, seg, det)


class Region(NamedTuple):
    """Pairs around the best one that are as good, connected on the grid.

    Attributes
    ----------
    pairs
        Their number, the best one included.
    peak, fill
        Lowest and highest threshold among them.
    elsewhere
        Number of pairs that are as good, too, but not connected with them.
    """

    pairs: int
    peak: tuple[float, float]
    fill: tuple[float, float]
    elsewhere: int


@dataclass(frozen=True)
class Optimum:
    """The best pair of thresholds. Of equally good ones it is that nearest to their middle."""

    peak: float
    fill: float
    score: Score
    near: Region


@dataclass(frozen=True, eq=False)
class TunedImage:
    """One image and its scores, or why it has none.

    Attributes
    ----------
    name, set, path
        What it is called, the set it belongs to, and its file.
    cells
        Number of true cells.
    scores
        OP_CSB, SEG and DET by peak and by fill, 3 x peaks x fills; NaN where fill is above peak.
        ``None`` where it has none.
    present
        Scores at the thresholds that the model has now.
    error
        Why it has no scores; empty where it has.
    """

    name: str
    set: str
    path: Path
    cells: int = 0
    scores: NDArray[np.float64] | None = None
    present: Score | None = None
    error: str = ""


@dataclass(frozen=True, eq=False)
class Tuning:
    """Scores of images at all pairs of thresholds.

    The score of a set is the mean over its images, and the score over all is the mean over the
    sets, so that a set of many images does not outweigh one of few.

    Attributes
    ----------
    grid
        The thresholds that were tried.
    settings
        The settings, with the thresholds that the model has now.
    model
        The model.
    images
        The images, in the order given, those that failed included.
    """

    grid: Grid
    settings: Settings
    model: ModelInfo
    images: tuple[TunedImage, ...]

    @property
    def sets(self) -> tuple[str, ...]:
        """Names of the sets with at least one image that was scored."""
        return tuple(self._tables)

    @property
    def failed(self) -> tuple[TunedImage, ...]:
        """Images that have no scores."""
        return tuple(image for image in self.images if image.scores is None)

    @property
    def present_thresholds(self) -> tuple[float, float]:
        """Peak and fill that the model has now, or that were given in their place."""
        peak, fill = self.settings.peak, self.settings.fill
        if peak is None or fill is None:
            raise SettingsError("The settings of a Tuning need peak and fill: resolve them first.")
        return peak, fill

    def scored(self, name: str | None = None) -> tuple[TunedImage, ...]:
        """Images of a set that have scores, or of all sets."""
        return tuple(i for i in self.images if i.scores is not None and name in (None, i.set))

    def table(self, name: str | None = None) -> NDArray[np.float64]:
        """Mean OP_CSB, SEG and DET of a set or over all sets, as `TunedImage.scores` has them."""
        if name is None:
            over_all: NDArray[np.float64] = np.mean(list(self._tables.values()), axis=0)
            return over_all
        if name not in self._tables:
            known = ", ".join(self._tables)
            raise SettingsError(f"There is no set {name!r} with scores: known are {known}.")
        return self._tables[name]

    def present(self, name: str | None = None) -> Score:
        """Mean scores of a set, or over all sets, at the thresholds that the model has now."""
        if name is None:
            return Score.mean(self.present(each) for each in self.sets)
        return Score.mean(i.present for i in self.scored(name) if i.present is not None)

    def optimum(self, name: str | None = None) -> Optimum:
        """Best pair of thresholds for a set, or over all sets."""
        table = self.table(name)
        row, column = _best(table[0])
        good = self.near(name)
        regions, _ = ndimage.label(good)
        rows, columns = np.nonzero(regions == regions[row, column])
        peaks, fills = self.grid.peaks, self.grid.fills
        return Optimum(
            peak=peaks[row],
            fill=fills[column],
            score=Score(*table[:, row, column].tolist()),
            near=Region(
                pairs=rows.size,
                peak=(peaks[rows.min()], peaks[rows.max()]),
                fill=(fills[columns.min()], fills[columns.max()]),
                elsewhere=int(np.count_nonzero(good)) - rows.size,
            ),
        )

    def near(self, name: str | None = None) -> NDArray[np.bool_]:
        """Which pairs are as good as the best one, peaks x fills."""
        scores = self.table(name)[0]
        good: NDArray[np.bool_] = np.nan_to_num(scores, nan=-np.inf) > np.nanmax(scores) - NEAR
        return good

    @cached_property
    def _tables(self) -> dict[str, NDArray[np.float64]]:
        by_set: dict[str, list[NDArray[np.float64]]] = {}
        for image in self.images:
            if image.scores is not None:
                by_set.setdefault(image.set, []).append(image.scores)
        return {name: np.mean(by_set[name], axis=0) for name in sorted(by_set)}


def _best(scores: NDArray[np.float64]) -> tuple[int, int]:
    """Row and column of the highest score."""
    rows, columns = np.nonzero(scores >= np.nanmax(scores) - _TIE)
    away = (rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2
    place = int(np.argmin(away))
    return int(rows[place]), int(columns[place])
