"""A range of diameters as the engine wants it: numbers of pixels."""

from __future__ import annotations

import math

__all__ = ["pixel_counts"]


def pixel_counts(smallest: float, largest: float) -> tuple[int, int]:
    """Fewest and most pixels of objects whose circles of equal area have such diameters.

    Examples
    --------
    >>> pixel_counts(10, 40)
    (79, 1256)
    """
    return math.ceil(_area(smallest)), math.floor(_area(largest))


def _area(diameter: float) -> float:
    return math.pi * diameter**2 / 4
