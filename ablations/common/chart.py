"""Scores of variants as a picture: a dot for each seed, a bar from the lowest to the highest."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from pathlib import Path

from common.results import Row
from samcell_core.training.canvas import GRID, INK, PAPER, Canvas, width_of
from samcell_core.training.pictures import Colour

__all__ = ["draw_chart"]

_AXIS = 480  # length of the axis
_MARGIN, _TOP, _LINE, _HEADING, _FOOT = 24, 70, 30, 34, 62
_VALUE = 64  # room for the number at the end of a line
_TITLE_SCALE = 0.58
_PALE: Colour = (105, 109, 118)
_MEDIAN: Colour = (31, 119, 180)
_RANGE: Colour = (164, 202, 228)


def draw_chart(rows: Sequence[Row], path: Path, title: str) -> None:
    """Draw OP_CSB of all rows as a PNG file, in place of an earlier drawing.

    Raises
    ------
    SamcellError
        The file cannot be written.
    """
    _Chart(rows, title).draw(path)


class _Chart:
    """A line for each variant, under a heading for each set where there are several."""

    def __init__(self, rows: Sequence[Row], title: str) -> None:
        self._sets: dict[str, list[Row]] = {}
        for row in rows:
            self._sets.setdefault(row.scored_on, []).append(row)
        self._title = title
        headings = len(self._sets) * _HEADING if len(self._sets) > 1 else 0
        words = [row.variant for row in rows]
        if headings:
            words += map(_heading, self._sets)
        self._left = _MARGIN + 14 + max(math.ceil(width_of(text)) for text in words)
        self._bottom = _TOP + len(rows) * _LINE + headings
        width = max(
            self._left + _AXIS + _VALUE + _MARGIN,
            math.ceil(width_of(title, _TITLE_SCALE)) + 2 * _MARGIN,
        )
        self._canvas = Canvas(width, self._bottom + _FOOT)
        # The axis begins at 0 and ends at the next tenth above all scores, but is never too short.
        self._high = max(0.2, math.ceil(max(max(row.op_csb) for row in rows) * 10 + 0.2) / 10)

    def draw(self, path: Path) -> None:
        self._canvas.text(self._title, (_MARGIN, 34), INK, scale=_TITLE_SCALE)
        self._axis()
        y = float(_TOP)
        for name, rows in self._sets.items():
            if len(self._sets) > 1:
                self._canvas.text(_heading(name), (_MARGIN, y + _HEADING - 12), INK)
                y += _HEADING
            for row in rows:
                self._row(row, y + _LINE / 2)
                y += _LINE
        self._canvas.write(path)

    def _axis(self) -> None:
        steps = round(self._high * 10)
        for step in range(steps + 1):
            x = self._x(step / 10)
            self._canvas.line([(x, _TOP - 4), (x, self._bottom)], GRID, 1)
            self._canvas.text(f"{step / 10:.1f}", (x, self._bottom + 18), _PALE, align=0.5)
        explained = "OP_CSB: each seed a pale dot, the median dark"
        self._canvas.text(explained, (self._x(self._high / 2), self._bottom + 42), _PALE, align=0.5)

    def _row(self, row: Row, y: float) -> None:
        self._canvas.text(row.variant, (self._left - 12, y + 4), INK, align=1)
        low, high = min(row.op_csb), max(row.op_csb)
        self._canvas.line([(self._x(low), y), (self._x(high), y)], _RANGE, 5)
        for score in row.op_csb:
            self._dot((self._x(score), y), 4, _RANGE)
        median = statistics.median(row.op_csb)
        self._dot((self._x(median), y), 6, _MEDIAN)
        self._canvas.text(f"{median:.3f}", (self._left + _AXIS + 16, y + 4), INK)

    def _dot(self, centre: tuple[float, float], radius: int, colour: Colour) -> None:
        self._canvas.dot(centre, radius + 1, PAPER)
        self._canvas.dot(centre, radius, colour)

    def _x(self, score: float) -> float:
        return self._left + score / self._high * _AXIS


def _heading(set_name: str) -> str:
    return f"scored on {set_name}"
