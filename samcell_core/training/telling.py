"""What a person sees while a training goes on: a bar in a terminal, lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

from samcell_core.terminal import StatusLine, duration
from samcell_core.training.command import say, warn
from samcell_core.training.reports import Report
from samcell_core.training.sam.reports import SamReport
from samcell_core.training.validation import Validation

__all__ = ["Teller"]

_REPORT_EVERY = 100  # updates of the small network, between two lines of a log
_LONGEST_SILENCE = 60.0  # seconds, where an epoch takes longer


class Teller:
    """Says how a run goes.

    Parameters
    ----------
    verbosity
        Below 0 nothing is said but errors; above 0 each update has a line.
    stream
        Where the bar goes, if it is a terminal.
    """

    def __init__(self, verbosity: int = 0, stream: TextIO | None = None) -> None:
        self._verbosity = verbosity
        self._line = StatusLine(stream or sys.stderr, wanted=verbosity >= 0)
        self._losses: list[float] = []
        self._said: float | None = None

    def say(self, line: str) -> None:
        """Say how it goes."""
        if self._verbosity >= 0:
            self.clear()
            say(line)

    def note(self, sentence: str) -> None:
        """Say what is worth knowing."""
        if self._verbosity >= 0:
            self.clear()
            warn(f"Note: {sentence}")

    def progress(self, what: str) -> Callable[[int, int], None]:
        """What is to be told how many are done, of how many."""

        def told(done: int, count: int) -> None:
            self._line.draw(done / max(1, count), f"{what} {done}/{count}")
            if done == count:
                self.clear()

        return told

    def clear(self) -> None:
        """Remove the bar from the terminal."""
        self._line.clear()

    def lite(self, report: Report) -> None:
        """Tell an update of the small network: a line each hundred, and one a validation."""
        self._losses.append(report.loss)
        full = report.step % _REPORT_EVERY == 0 or report.validation is not None
        if full or self._verbosity > 0:
            mean = sum(self._losses) / len(self._losses)
            self._losses.clear()
            left = report.seconds / report.step * (report.steps - report.step)
            self.say(
                f"step {report.step}/{report.steps}  loss {mean:.4f}  "
                f"{report.seconds / 60:.1f} min, {left / 60:.1f} min left"
            )
        if report.validation is not None:
            self.say(f"  validation {_scores(report.validation)}")
        self._end(report, f"step {report.step}/{report.steps}")

    def sam(self, report: SamReport) -> None:
        """Tell an update of SAM's network: a line an epoch, and where that takes long."""
        where = f"epoch {report.epoch}/{report.epochs}"
        took = f"{duration(report.seconds)}, {_left(report)} left"
        row, now = report.row, time.monotonic()
        said = now if self._said is None else self._said
        if row is not None:
            self.say(
                f"{where}  training loss {row.training_loss:.4f}, validation "
                f"{row.validation_loss:.4f}  {took}"
            )
        elif self._verbosity > 0 or now - said > _LONGEST_SILENCE:
            self.say(
                f"  update {report.step}/{report.steps} ({where})  loss {report.loss:.4f}  {took}"
            )
        else:
            self._said = said
            self._end(report, f"{where}, update {report.step}/{report.steps}")
            return
        self._said = now
        if report.validation is not None:
            self.say(f"  whole images: OP_CSB {_scores(report.validation)}")
        self._end(report, where)

    def _end(self, report: Report | SamReport, where: str) -> None:
        for sentence in report.notes:
            self.note(sentence)
        if report.step < report.steps:
            left = f"{_left(report)} left"
            self._line.draw(report.step / report.steps, f"{where}, loss {report.loss:.4f}, {left}")


def _left(report: Report | SamReport) -> str:
    return duration(report.seconds / report.step * (report.steps - report.step))


def _scores(validation: Validation) -> str:
    sets = "  ".join(f"{name} {score:.3f}" for name, score in validation.by_set.items())
    return f"{validation.score:.4f}: {sets}"
