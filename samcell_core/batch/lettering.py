"""Scale bar and captions, drawn into a picture."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["draw_caption", "draw_scale_bar", "length_text", "round_length"]

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_FINE = 4  # letters are drawn that much larger, then reduced, so that small ones can be read


def draw_scale_bar(colours: NDArray[np.uint8], micrometres: float) -> None:
    """Draw a bar of a round length, about a fifth of the width, at the lower right.

    Parameters
    ----------
    colours
        The picture; one too small for a bar stays as it is.
    micrometres
        Width of its pixels.
    """
    height, width = colours.shape[:2]
    length = round_length(0.2 * width * micrometres)
    pixels = round(length / micrometres)
    letters = _Letters(length_text(length), _text_size(colours))
    thick = max(2, round(6 * letters.size))
    margin = _margin(colours)
    needed = letters.mask.shape[0] + thick + 2 * margin
    if pixels < 1 or max(pixels, letters.mask.shape[1]) + 2 * margin > width or needed > height:
        return
    right, bottom = width - margin, height - margin
    left, top = right - pixels, bottom - thick
    cv2.rectangle(colours, (left - 1, top - 1), (right, bottom), (0, 0, 0), -1)
    cv2.rectangle(colours, (left, top), (right - 1, bottom - 1), (255, 255, 255), -1)
    text_height, text_width = letters.mask.shape
    start = min(left + (pixels - text_width) // 2, width - text_width)
    letters.draw(colours, top - text_height, start)


def draw_caption(colours: NDArray[np.uint8], text: str) -> None:
    """Draw words at the upper left, as far as there is room."""
    _Letters(text, _text_size(colours)).draw(colours, _margin(colours), _margin(colours))


def round_length(length: float) -> float:
    """The largest of 1, 2, 5, 10, 20, 50 ... that is not longer."""
    power = 10.0 ** math.floor(math.log10(length))
    return next((step * power for step in (5, 2) if step * power <= length * 1.000001), power)


def length_text(micrometres: float) -> str:
    """A length in words, in a unit that gives it few digits."""
    if micrometres >= 1000:
        return f"{micrometres / 1000:g} mm"
    return f"{micrometres * 1000:g} nm" if micrometres < 1 else f"{micrometres:g} µm"


class _Letters:
    """White letters with a dark rim. The font has no µ: it becomes a u with a stroke."""

    def __init__(self, text: str, size: float) -> None:
        self.size = size
        plain = text.replace("µ", "u")
        large, thick = size * _FINE, max(1, round(2 * size * _FINE))
        (width, height), below = cv2.getTextSize(plain, _FONT, large, thick)
        edge = 3 * _FINE
        below = max(below, round(9 * large))
        canvas = np.zeros((height + below + 2 * edge, width + 2 * edge), np.uint8)
        start = (edge, edge + height)
        cv2.putText(canvas, plain, start, _FONT, large, 255, thick, cv2.LINE_AA)
        if "µ" in text:
            (before, _), _ = cv2.getTextSize(plain[: text.index("µ")], _FONT, large, thick)
            x = edge + before + round(1.5 * large)
            foot = start[1] + round(7 * large)
            cv2.line(canvas, (x, start[1] - round(10 * large)), (x, foot), 255, thick, cv2.LINE_AA)
        rim = cv2.dilate(canvas, np.ones((2 * _FINE + 1, 2 * _FINE + 1), np.uint8))
        small = (-(-canvas.shape[1] // _FINE), -(-canvas.shape[0] // _FINE))
        self.mask = cv2.resize(canvas, small, interpolation=cv2.INTER_AREA) / 255.0
        self._rim = cv2.resize(rim, small, interpolation=cv2.INTER_AREA) / 255.0

    def draw(self, colours: NDArray[np.uint8], top: int, left: int) -> None:
        """Draw with the upper left corner there; what leaves the picture is cut off."""
        place = colours[top : top + self.mask.shape[0], left : left + self.mask.shape[1]]
        height, width = place.shape[:2]
        mask = self.mask[:height, :width, np.newaxis]
        rim = self._rim[:height, :width, np.newaxis]
        place[:] = np.rint(place * (1 - 0.75 * rim) * (1 - mask) + 255 * mask)


def _margin(colours: NDArray[np.uint8]) -> int:
    return max(4, round(0.02 * float(max(colours.shape[:2]))))


def _text_size(colours: NDArray[np.uint8]) -> float:
    return max(0.42, float(max(colours.shape[:2])) / 1000)
