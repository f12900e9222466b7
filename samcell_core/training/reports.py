"""What a training run says while it goes on, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from samcell_core.training.validation import Validation

__all__ = ["Report", "Result"]


@dataclass(frozen=True)
class Report:
    """What a run says of itself while it goes on.

    Attributes
    ----------
    step, steps
        Updates done, and those there are in all.
    loss
        Of the last update.
    seconds
        Time that the run took so far.
    validation
        Scores, after a validation.
    notes
        Sentences on what went wrong without stopping the run, such as a locked file.
    """

    step: int
    steps: int
    loss: float
    seconds: float
    validation: Validation | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """How a run ended.

    Attributes
    ----------
    best
        The checkpoint of the best network.
    best_step, score
        When it was reached, and its mean OP_CSB on the validation images.
    reason
        Why the run ended, in words.
    """

    best: Path
    best_step: int
    score: float
    reason: str
