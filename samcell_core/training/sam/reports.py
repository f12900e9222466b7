"""What a run says while it goes on, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from samcell_core.training.curves import HistoryRow
from samcell_core.training.validation import Validation

__all__ = ["SamReport", "SamResult"]


@dataclass(frozen=True)
class SamReport:
    """What a run says of itself after each update.

    Attributes
    ----------
    step, steps
        Updates done, and those there are in all.
    epoch, epochs
        The epoch of the update, counted from 1, and the most there can be.
    loss
        Of the update.
    seconds
        Time that the run took so far.
    row
        Losses, after the last update of an epoch.
    validation
        Scores of whole images, where they were segmented.
    notes
        Sentences on what is worth knowing, or went wrong without stopping the run.
    """

    step: int
    steps: int
    epoch: int
    epochs: int
    loss: float
    seconds: float
    row: HistoryRow | None = None
    validation: Validation | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SamResult:
    """How a run ended.

    Attributes
    ----------
    best
        The checkpoint of the best network.
    epoch, loss
        When it was reached, counted from 1, and its validation loss.
    validation
        Its scores on the whole validation images.
    epochs
        Epochs done.
    reason
        Why the run ended, in words.
    notes
        Sentences on what went wrong at the end, such as a locked file.
    """

    best: Path
    epoch: int
    loss: float
    validation: Validation
    epochs: int
    reason: str
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The end in a line."""
        return f"best at epoch {self.epoch}, validation {self.loss:.4f}, {self.reason}"
