"""Drawing lines, dots and words: larger than wanted and reduced, so that edges are smooth."""

from __future__ import annotations

import os
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from samcell_core.training.pictures import Colour, draw_text, text_width, write_png

__all__ = ["GRID", "INK", "PAPER", "Canvas", "width_of"]

INK: Colour = (45, 48, 54)
GRID: Colour = (228, 230, 234)
PAPER: Colour = (255, 255, 255)

_SHARPER = 2
_BITS = 4  # of a pixel, to which OpenCV is told where things are
_SCALE = 0.45

Point = tuple[float, float]
"""x and y, from the upper left."""


class Canvas:
    """White paper of a width and height; all lengths are in its pixels."""

    def __init__(self, width: int, height: int) -> None:
        self._size = width, height
        shape = height * _SHARPER, width * _SHARPER, 3
        self._pixels: NDArray[np.uint8] = np.full(shape, PAPER, np.uint8)

    def line(self, points: Sequence[Point], colour: Colour, width: int) -> None:
        """Draw a line from point to point."""
        places = np.rint(np.array(points) * (_SHARPER << _BITS)).astype(np.int32)
        thickness = width * _SHARPER
        cv2.polylines(self._pixels, [places], False, colour, thickness, cv2.LINE_AA, shift=_BITS)

    def dot(self, centre: Point, radius: int, colour: Colour) -> None:
        """Draw a filled circle."""
        self._circle(centre, radius, colour, thickness=-1)

    def ring(self, centre: Point, radius: int, colour: Colour) -> None:
        """Draw a circle."""
        self._circle(centre, radius, colour, thickness=2 * _SHARPER)

    def text(
        self, words: str, at: Point, colour: Colour, *, align: float = 0, scale: float = _SCALE
    ) -> None:
        """Write a line; ``align`` is the part of it that is left of ``at``."""
        left = (at[0] - align * width_of(words, scale)) * _SHARPER
        place = round(left), round(at[1] * _SHARPER)
        draw_text(self._pixels, words, place, scale=scale * _SHARPER, colour=colour)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write a PNG file, in place of an earlier drawing.

        Raises
        ------
        SamcellError
            The file cannot be written.
        """
        reduced = cv2.resize(self._pixels, self._size, interpolation=cv2.INTER_AREA)
        write_png(np.asarray(reduced, np.uint8), path, overwrite=True)

    def _circle(self, centre: Point, radius: int, colour: Colour, *, thickness: int) -> None:
        x, y = (round(each * (_SHARPER << _BITS)) for each in centre)
        reach = radius * (_SHARPER << _BITS)
        cv2.circle(self._pixels, (x, y), reach, colour, thickness, cv2.LINE_AA, shift=_BITS)


def width_of(words: str, scale: float = _SCALE) -> float:
    """How wide a line of text is."""
    return text_width(words, scale * _SHARPER) / _SHARPER
