"""How a training went: one row for each validation."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields

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


def best_row(rows: Sequence[HistoryRow]) -> HistoryRow | None:
    """Return the first row with the highest score, if there is any."""
    scored = [row for row in rows if not math.isnan(row.score)]
    return max(scored, key=lambda row: row.score, default=None)


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
