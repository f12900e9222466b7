"""How a training went: one row for each validation."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal

from samcell_core.metrics.table import Table

__all__ = ["HistoryRow", "best_row", "write_history"]


@dataclass(frozen=True)
class HistoryRow:
    """One validation.

    Attributes
    ----------
    step, epoch
        Batches trained on so far, and times that all images were seen.
    training_loss, validation_loss
        Mean losses: since the row before, and of the validation images. NaN where not known.
    score
        How good the cells found are; higher is better.
    learning_rate
        As it is at this step.
    seconds
        Time that training took so far.
    """

    step: int
    epoch: int
    training_loss: float
    validation_loss: float
    score: float
    learning_rate: float
    seconds: float


def best_row(
    rows: Sequence[HistoryRow], *, by: Literal["score", "loss"] = "score"
) -> HistoryRow | None:
    """Return the first row with the highest score or the lowest validation loss, if any has one."""
    goodness = [row.score if by == "score" else -row.validation_loss for row in rows]
    known = [number for number, each in enumerate(goodness) if not math.isnan(each)]
    best = max(known, key=lambda number: goodness[number], default=None)
    return None if best is None else rows[best]


def write_history(rows: Sequence[HistoryRow], path: str | os.PathLike[str]) -> None:
    """Write rows as CSV, exactly, in place of those of earlier steps: whole, or not at all.

    Raises
    ------
    SamcellError
        The file cannot be written.
    """
    names = [field.name for field in fields(HistoryRow)]
    columns = {name: [getattr(row, name) for row in rows] for name in names}
    Table(columns).to_csv(path, overwrite=True)
