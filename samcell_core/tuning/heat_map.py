"""Scores over the two thresholds as a picture: one panel over all sets, and one for each."""

from __future__ import annotations

import os
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from samcell_core.training.pictures import Colour, draw_text, text_width, write_png
from samcell_core.tuning.result import NEAR, Tuning

__all__ = ["draw_heat_map"]

_SHARPER = 2  # it is drawn larger and reduced
_SIDE = 380  # of the square of a panel; lengths are those before enlarging
_LEFT, _TOP, _RIGHT, _BOTTOM = 62, 66, 92, 58
_WIDTH, _HEIGHT = _LEFT + _SIDE + _RIGHT, _TOP + _SIDE + _BOTTOM
_FOOT = 40
_MOST_ACROSS = 3
_MOST_TICKS = 10
_BAR_GAP, _BAR_WIDTH, _BAR_TICKS = 14, 16, 5
_SPAN = 0.4  # scores further below the best have the darkest colour: differences near it count

_INK: Colour = (45, 48, 54)
_PALE: Colour = (105, 109, 118)
_LEFT_OUT: Colour = (232, 233, 236)
_WHITE: Colour = (255, 255, 255)
_BLACK: Colour = (0, 0, 0)


def draw_heat_map(tuning: Tuning, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Draw OP_CSB by peak and fill as a PNG file, with what is best and as good.

    Raises
    ------
    SamcellError
        The file exists and ``overwrite`` is false, or it cannot be written.
    """
    names = [None, *tuning.sets] if len(tuning.sets) > 1 else list(tuning.sets)
    across = min(len(names), _MOST_ACROSS)
    down = -(-len(names) // across)
    shape = (down * _HEIGHT + _FOOT) * _SHARPER, across * _WIDTH * _SHARPER, 3
    canvas = np.full(shape, 255, np.uint8)
    for number, name in enumerate(names):
        row, column = divmod(number, across)
        _Panel(canvas, (column * _WIDTH, row * _HEIGHT), tuning, name).draw()
    _Pen(canvas, (0, down * _HEIGHT)).legend(across * _WIDTH)
    size = canvas.shape[1] // _SHARPER, canvas.shape[0] // _SHARPER
    reduced = np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.uint8)
    write_png(reduced, path, overwrite=overwrite)


class _Pen:
    """Draws on a part of a canvas. Lengths are those before enlarging."""

    def __init__(self, canvas: NDArray[np.uint8], corner: tuple[int, int]) -> None:
        self.canvas, self.corner = canvas, corner

    def line(self, points: Sequence[tuple[float, float]], colour: Colour, width: float) -> None:
        places = np.rint((np.array(points) + self.corner) * (_SHARPER * 16)).astype(np.int32)
        thickness = max(1, round(width * _SHARPER))
        cv2.polylines(self.canvas, [places], False, colour, thickness, cv2.LINE_AA, shift=4)

    def text(
        self,
        text: str,
        x: float,
        y: float,
        colour: Colour = _PALE,
        *,
        align: float = 0,
        scale: float = 0.42,
    ) -> None:
        """Write a line; ``align`` is the part of it that is left of ``x``."""
        left = (x + self.corner[0]) * _SHARPER - align * text_width(text, scale * _SHARPER)
        at = round(left), round((y + self.corner[1]) * _SHARPER)
        draw_text(self.canvas, text, at, scale=scale * _SHARPER, colour=colour)

    def ring(self, x: float, y: float) -> None:
        """Mark the best pair: white within black, to be seen on any colour."""
        left, top = self.corner
        centre = [round(each * _SHARPER * 16) for each in (x + left, y + top)]
        for width, colour in ((5, _BLACK), (2, _WHITE)):
            radius, thickness = 7 * _SHARPER * 16, width * _SHARPER
            cv2.circle(self.canvas, centre, radius, colour, thickness, cv2.LINE_AA, shift=4)

    def cross(self, x: float, y: float) -> None:
        """Mark the pair that the model has now."""
        for width, colour in ((5, _BLACK), (2, _WHITE)):
            for slope in (-1, 1):
                self.line([(x - 6, y - 6 * slope), (x + 6, y + 6 * slope)], colour, width)

    def legend(self, width: int) -> None:
        """Say what the marks are, in the middle of a line of that width."""
        entries = (
            (self.ring, "best"),
            (self.cross, "at present"),
            (self._outline, f"within {NEAR:g} of the best"),
            (self._gap, "fill above peak: no cells"),
        )
        lengths = [text_width(text, 0.42 * _SHARPER) / _SHARPER for _, text in entries]
        left = max(8.0, (width - sum(lengths) - len(entries) * 44) / 2)
        for (mark, text), length in zip(entries, lengths, strict=True):
            mark(left + 10, 14)
            self.text(text, left + 24, 18, _INK)
            left += length + 44

    def _outline(self, x: float, y: float) -> None:
        self.line([(x - 9, y), (x + 9, y)], _BLACK, 4)
        self.line([(x - 9, y), (x + 9, y)], _WHITE, 1.5)

    def _gap(self, x: float, y: float) -> None:
        self.fill((x - 8, y - 7), (x + 8, y + 7), _LEFT_OUT)

    def fill(self, low: tuple[float, float], high: tuple[float, float], colour: Colour) -> None:
        """Fill the rectangle between its upper left and lower right corner."""
        left, top = (round((a + b) * _SHARPER) for a, b in zip(low, self.corner, strict=True))
        right, bottom = (round((a + b) * _SHARPER) for a, b in zip(high, self.corner, strict=True))
        self.canvas[top:bottom, left:right] = colour


class _Panel(_Pen):
    """Scores of one set, or over all: fill to the right, peak upwards."""

    def __init__(
        self,
        canvas: NDArray[np.uint8],
        corner: tuple[int, int],
        tuning: Tuning,
        name: str | None,
    ) -> None:
        super().__init__(canvas, corner)
        self._tuning, self._name = tuning, name
        self._scores = tuning.table(name)[0]
        self._near = tuning.near(name)
        self._best = tuning.optimum(name)
        lowest, highest = float(np.nanmin(self._scores)), self._best.score.op_csb
        self._low = max(lowest, highest - _SPAN)
        self._high = max(highest, self._low + 1e-6)
        self._cut = lowest < self._low

    def draw(self) -> None:
        """Draw the panel."""
        self._titles()
        self._cells()
        self._outlines()
        self._axes()
        self._bar()
        peak, fill = self._tuning.present_thresholds
        grid = self._tuning.grid
        if _within(peak, grid.peaks) and _within(fill, grid.fills):
            self.cross(*self._place(peak, fill))
        self.ring(*self._place(self._best.peak, self._best.fill))

    def _titles(self) -> None:
        images = len(self._tuning.scored(self._name))
        counted = f"{images} image" if images == 1 else f"{images} images"
        if self._name is None:
            title = f"mean of {len(self._tuning.sets)} sets, {counted}"
        else:
            title = f"{_short(self._name)}, {counted}"
        best = self._best
        self.text(title, _LEFT, 26, _INK, scale=0.54)
        told = f"best OP_CSB {best.score.op_csb:.3f} at peak {best.peak:g}, fill {best.fill:g}"
        self.text(told, _LEFT, 48)

    def _cells(self) -> None:
        part = np.clip((self._scores - self._low) / (self._high - self._low), 0, 1)
        colours = _coloured(np.nan_to_num(part))
        colours[np.isnan(self._scores)] = _LEFT_OUT
        for row, line in enumerate(colours):
            for column, colour in enumerate(line):
                self.fill(self._corner(row + 1, column), self._corner(row, column + 1), colour)

    def _outlines(self) -> None:
        """Draw the edges between pairs that are as good as the best one and others."""
        framed = np.pad(self._near, 1)
        edges = []
        for row, column in np.argwhere(framed[1:] != framed[:-1]):
            edges.append((self._corner(row, column - 1), self._corner(row, column)))
        for row, column in np.argwhere(framed[:, 1:] != framed[:, :-1]):
            edges.append((self._corner(row - 1, column), self._corner(row, column)))
        for colour, width in ((_BLACK, 4), (_WHITE, 1.5)):
            for one, other in edges:
                self.line([one, other], colour, width)

    def _axes(self) -> None:
        grid = self._tuning.grid
        bottom = _TOP + _SIDE
        for place in _ticks(len(grid.fills)):
            x = _LEFT + (place + 0.5) * _SIDE / len(grid.fills)
            self.line([(x, bottom), (x, bottom + 4)], _PALE, 1)
            self.text(_number(grid.fills[place]), x, bottom + 18, align=0.5)
        for place in _ticks(len(grid.peaks)):
            y = bottom - (place + 0.5) * _SIDE / len(grid.peaks)
            self.line([(_LEFT - 4, y), (_LEFT, y)], _PALE, 1)
            self.text(_number(grid.peaks[place]), _LEFT - 8, y + 4, align=1)
        self.text("fill threshold", _LEFT + _SIDE / 2, bottom + 40, _INK, align=0.5)
        self._upwards("peak threshold", 14, _TOP + _SIDE / 2)

    def _upwards(self, text: str, x: float, y: float) -> None:
        """Write a line from below, its middle at ``y``."""
        length = text_width(text, 0.42 * _SHARPER)
        strip = np.full((16 * _SHARPER, length + 4, 3), 255, np.uint8)
        draw_text(strip, text, (0, 12 * _SHARPER), scale=0.42 * _SHARPER, colour=_INK)
        turned = np.rot90(strip)
        left = round((x + self.corner[0] - 8) * _SHARPER)
        top = round((y + self.corner[1]) * _SHARPER - turned.shape[0] / 2)
        self.canvas[top : top + turned.shape[0], left : left + turned.shape[1]] = turned

    def _bar(self) -> None:
        left, right = _LEFT + _SIDE + _BAR_GAP, _LEFT + _SIDE + _BAR_GAP + _BAR_WIDTH
        for step, colour in enumerate(_coloured(np.linspace(0, 1, _SIDE)[:, None])[:, 0]):
            bottom = _TOP + _SIDE - step
            self.fill((left, bottom - 1), (right, bottom), colour)
        for step in range(_BAR_TICKS):
            part = step / (_BAR_TICKS - 1)
            y = _TOP + _SIDE * (1 - part)
            self.line([(right, y), (right + 4, y)], _PALE, 1)
            below = "<" if step == 0 and self._cut else ""
            value = self._low + part * (self._high - self._low)
            self.text(f"{below}{value:.3f}", right + 8, y + 4)
        self.text("OP_CSB", left, _TOP - 10, _INK)

    def _corner(self, row: float, column: float) -> tuple[float, float]:
        """Where cells meet: rows count upwards."""
        rows, columns = self._scores.shape
        return _LEFT + column * _SIDE / columns, _TOP + _SIDE * (1 - row / rows)

    def _place(self, peak: float, fill: float) -> tuple[float, float]:
        """Where a pair is, also between those of the grid."""
        grid = self._tuning.grid
        row = float(np.interp(peak, grid.peaks, np.arange(len(grid.peaks))))
        column = float(np.interp(fill, grid.fills, np.arange(len(grid.fills))))
        return self._corner(row + 0.5, column + 0.5)


def _coloured(parts: NDArray[np.float64]) -> NDArray[np.uint8]:
    grey = np.rint(parts * 255).astype(np.uint8)
    coloured = cv2.applyColorMap(grey, cv2.COLORMAP_VIRIDIS)
    return np.asarray(cv2.cvtColor(coloured, cv2.COLOR_BGR2RGB), np.uint8)


def _ticks(count: int) -> range:
    return range(0, count, -(-count // _MOST_TICKS))


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0") if value < 0.1 else f"{value:.2f}"


def _within(value: float, values: Sequence[float]) -> bool:
    return values[0] <= value <= values[-1]


def _short(name: str) -> str:
    return name if len(name) <= 32 else f"{name[:29]}..."
