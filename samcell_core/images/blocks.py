"""A plane in blocks, so that measuring it takes little memory."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["blocks"]

_PIXELS = 2**21


def blocks(shape: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """Regions (top, bottom, left, right) of about two million pixels that cover the plane."""
    height, width = shape
    across = min(width, _PIXELS)
    down = max(1, _PIXELS // across)
    for top in range(0, height, down):
        for left in range(0, width, across):
            yield top, min(top + down, height), left, min(left + across, width)
