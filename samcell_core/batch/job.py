"""What a run is to do, with what, and what becomes of each image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from samcell_core.batch.inputs import Source
from samcell_core.batch.results import Output
from samcell_core.batch.tables import ImageRow
from samcell_core.segmentation import ModelInfo
from samcell_core.settings import Settings

__all__ = ["CellFinder", "Job", "Timing", "Worked"]


class CellFinder(Protocol):
    """What is needed of a `Segmenter`."""

    @property
    def model(self) -> ModelInfo:
        """What is known of the model."""

    @property
    def device(self) -> str:
        """Where the network runs."""

    @property
    def precision(self) -> str:
        """How the network computes."""

    def resolve(self, settings: Settings | None = None) -> Settings:
        """Settings with the model's own values; refused where the model cannot do them."""

    def segment(self, image: Any, settings: Settings | None = None, *, progress: Any = None) -> Any:
        """Find the cells of an image."""


@dataclass(frozen=True)
class Job:
    """What is to be done.

    Attributes
    ----------
    names
        The images, in order, and the names of their results.
    settings
        How to segment them.
    outputs
        The kinds of files to write of each.
    made_with
        The key of what they are made with: results of another one are made anew.
    overwrite
        Whether files that are there and not of this run may be replaced.
    workers
        Images at work at a time.
    """

    names: Mapping[Source, str]
    settings: Settings
    outputs: Sequence[Output]
    made_with: str
    overwrite: bool = False
    workers: int = 2


@dataclass(frozen=True)
class Timing:
    """Seconds that an image took."""

    reading: float = 0.0
    segmenting: float = 0.0
    writing: float = 0.0


@dataclass(frozen=True)
class Worked:
    """What became of an image. ``timing`` is ``None`` where its results were there already."""

    row: ImageRow
    timing: Timing | None = None
