"""The curves of a training as a picture."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from samcell_core.errors import TrainingError
from samcell_core.training.canvas import GRID, INK, Canvas, width_of
from samcell_core.training.curves import HistoryRow, best_row
from samcell_core.training.pictures import Colour

__all__ = ["draw_curves"]

_SIZE = (900, 680)  # width and height of the drawing
_LEFT, _RIGHT = 70, 36
_PANELS = ((58, 300), (386, 612))  # top and bottom of each
_TRAINING: Colour = (31, 119, 180)
_VALIDATION: Colour = (220, 96, 16)
_SCORE: Colour = (20, 140, 90)
_PALE: Colour = (120, 124, 132)
_MOST_MARKERS = 40
_LOGARITHMIC = 20.0  # largest loss over smallest: beyond, a linear axis shows only the largest


def draw_curves(
    rows: Sequence[HistoryRow],
    path: str | os.PathLike[str],
    *,
    best_by: Literal["score", "loss"] = "score",
) -> None:
    """Draw losses and score over the steps as a PNG file, in place of an earlier drawing.

    Parameters
    ----------
    rows
        Of the validations.
    path
        The file.
    best_by
        Whether the best network is that of the highest score or of the lowest validation loss.

    Raises
    ------
    TrainingError
        There are no rows.
    SamcellError
        The file cannot be written.
    """
    if not rows:
        raise TrainingError(f"Nothing can be drawn to {path}: there was no validation yet.")
    steps = [float(row.step) for row in rows]
    canvas = Canvas(*_SIZE)
    across = _Axis.of([0.0, *steps], margin=0)
    losses = _Panel(
        canvas,
        _PANELS[0],
        across,
        _Axis.of(
            [each for row in rows for each in (row.training_loss, row.validation_loss)],
            may_be_logarithmic=True,
        ),
    )
    losses.frame("Loss")
    losses.curve(steps, [row.training_loss for row in rows], _TRAINING)
    losses.curve(steps, [row.validation_loss for row in rows], _VALIDATION)
    best = best_row(rows, by=best_by)
    words = "validation"
    if best is not None and best_by == "loss":
        losses.ring(best.step, best.validation_loss, _VALIDATION)
        words += f" (best {best.validation_loss:.4g} at step {best.step:,})"
    losses.legend([("training", _TRAINING), (words, _VALIDATION)])

    scores = _Panel(canvas, _PANELS[1], across, _Axis.of([row.score for row in rows]))
    scores.frame("Score")
    scored = [row for row in rows if _can_be_drawn(row.score)]  # not every time, by choice
    scores.curve([float(row.step) for row in scored], [row.score for row in scored], _SCORE)
    words = "validation"
    if best is not None and best_by == "score":
        scores.ring(best.step, best.score, _SCORE)
        words += f" (best {best.score:.4f} at step {best.step:,})"
    scores.legend([(words, _SCORE)])
    canvas.write(path)


@dataclass(frozen=True)
class _Axis:
    """The values at both ends of an axis, and those that are written beside it."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    logarithmic: bool = False

    @classmethod
    def of(
        cls, values: Sequence[float], *, margin: float = 0.06, may_be_logarithmic: bool = False
    ) -> _Axis:
        """Axis that has room for all values that can be drawn."""
        shown = [value for value in values if _can_be_drawn(value)] or [0.0, 1.0]
        low, high = min(shown), max(shown)
        if may_be_logarithmic and low > 0 and high / low > _LOGARITHMIC:
            return cls._logarithmic(low / 1.2, high * 1.2)
        if high - low <= max(1e-9 * max(abs(low), abs(high)), 1e-30):
            low, high = low - (abs(low) / 10 or 1), high + (abs(high) / 10 or 1)
        low, high = low - margin * (high - low), high + margin * (high - low)
        rough = (high - low) / 5
        size = 10.0 ** math.floor(math.log10(rough))
        step = next(size * each for each in (1, 2, 5, 10) if size * each >= 0.999 * rough)
        ticks = [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        plain = decimals <= 5 and max(abs(low), abs(high)) < 1e7
        return cls(
            low, high, tuple((t, f"{t:,.{decimals}f}" if plain else f"{t:.4g}") for t in ticks)
        )

    @classmethod
    def _logarithmic(cls, low: float, high: float) -> _Axis:
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        for digits in ((1, 2, 5), (1,)):
            ticks = [digit * 10.0**power for power in powers for digit in digits]
            ticks = [tick for tick in ticks if low <= tick <= high]
            if len(ticks) <= 8:
                break
        every = math.ceil(len(ticks) / 8)
        return cls(low, high, tuple((tick, f"{tick:g}") for tick in ticks[::every]), True)

    def place(self, value: float) -> float:
        """Where a value is: 0 at the low end, 1 at the high one."""
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        return (value - low) / (high - low)


class _Panel:
    """Two axes on a canvas, and what is drawn between them."""

    def __init__(self, canvas: Canvas, rows: tuple[int, int], across: _Axis, up: _Axis) -> None:
        self._canvas, self._across, self._up = canvas, across, up
        self._top, self._bottom = rows
        self._left, self._right = _LEFT, _SIZE[0] - _RIGHT

    def frame(self, title: str) -> None:
        """Draw the axes with their ticks."""
        for value, text in self._up.ticks:
            y = self._point(self._across.low, value)[1]
            self._canvas.line([(self._left, y), (self._right, y)], GRID, 1)
            self._canvas.text(text, (self._left - 9, y + 4), _PALE, align=1)
        for value, text in self._across.ticks:
            x = self._point(value, self._up.low)[0]
            self._canvas.line([(x, self._bottom), (x, self._bottom + 5)], _PALE, 1)
            self._canvas.text(text, (x, self._bottom + 20), _PALE, align=0.5)
        corners = [(self._left, self._top), (self._left, self._bottom), (self._right, self._bottom)]
        self._canvas.line(corners, _PALE, 1)
        self._canvas.text(title, (self._left, self._top - 16), INK, scale=0.56)
        self._canvas.text("training step", (self._right, self._bottom + 40), _PALE, align=1)

    def curve(self, xs: Sequence[float], ys: Sequence[float], colour: Colour) -> None:
        """Draw a line through all points, with gaps where there is no value."""
        points = [
            self._point(x, y) if _can_be_drawn(y) else None for x, y in zip(xs, ys, strict=True)
        ]
        for one, other in itertools.pairwise(points):
            if one and other:
                self._canvas.line([one, other], colour, 2)
        for point in points:
            if point and len(points) <= _MOST_MARKERS:
                self._canvas.dot(point, 3, colour)

    def ring(self, x: float, y: float, colour: Colour) -> None:
        """Mark one point."""
        if _can_be_drawn(y):
            self._canvas.ring(self._point(x, y), 7, colour)

    def legend(self, entries: Sequence[tuple[str, Colour]]) -> None:
        """Say what the colours are, above the panel on the right."""
        x, y = float(self._right), self._top - 16
        for text, colour in reversed(entries):
            self._canvas.text(text, (x, y), INK, align=1)
            x -= width_of(text) + 8
            self._canvas.line([(x - 24, y - 4), (x, y - 4)], colour, 3)
            x -= 24 + 22

    def _point(self, x: float, y: float) -> tuple[float, float]:
        return (
            self._left + self._across.place(x) * (self._right - self._left),
            self._bottom - self._up.place(y) * (self._bottom - self._top),
        )


def _can_be_drawn(value: float) -> bool:
    return math.isfinite(value) and abs(value) < 1e30
