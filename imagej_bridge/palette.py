"""The colours of labels: black outside cells, neighbouring numbers far apart."""

from __future__ import annotations

import colorsys
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["colour_of", "colour_table"]

_GOLDEN = (5**0.5 - 1) / 2  # steps of it never come near a hue that was there a few steps ago
_SATURATIONS = (0.60, 1.00, 0.80)
_BRIGHTNESSES = (1.00, 0.75)


def colour_table() -> NDArray[np.uint8]:
    """Return the 256 RGB colours of labels, of shape (256, 3), black first.

    Examples
    --------
    >>> colour_table().shape, colour_table()[0].tolist()
    ((256, 3), [0, 0, 0])
    """
    return _colours().copy()


def colour_of(label: int) -> tuple[int, int, int]:
    """Return the colour of a label as red, green and blue: that of the table, over and over.

    Examples
    --------
    >>> colour_of(0)
    (0, 0, 0)
    >>> colour_of(256) == colour_of(1)
    True
    """
    index = 0 if label == 0 else (label - 1) % 255 + 1
    red, green, blue = _colours()[index].tolist()
    return red, green, blue


@lru_cache(maxsize=1)
def _colours() -> NDArray[np.uint8]:
    colours = [(0.0, 0.0, 0.0)]
    for number in range(255):
        hue = number * _GOLDEN % 1
        saturation = _SATURATIONS[number % len(_SATURATIONS)]
        brightness = _BRIGHTNESSES[number % len(_BRIGHTNESSES)]
        if hue > 0.6 and hue < 0.75:  # pure blue is nearly black to the eye
            saturation = min(saturation, 0.7)
        colours.append(colorsys.hsv_to_rgb(hue, saturation, brightness))
    table: NDArray[np.uint8] = np.rint(np.array(colours) * 255).astype(np.uint8)
    return table
