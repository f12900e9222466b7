"""At which scale the network likes the cells of an image best, asked of the network itself.

Beside the distance map, the small network tells how large the cells are that it sees. It tells
best what it knows best: cells of the size that it was mostly trained on. So it is shown the image
reduced and enlarged, in steps of 2, until the typical cell goes from too small to too large, and
the scale in between is where it would look just right. Of a large image it is shown parts.

Of a microscope that it does not know it tells sizes too close to the middle of what it has seen:
they hardly grow with the image. There it is right on the average, so that size is looked for
first, and the rest of the way gone as far as what it says can be trusted: as far as it grows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from samcell_core.resample import ScaledPlane, scaled_shape
from samcell_core.tiling import Readable

__all__ = ["Sizes", "best_scale"]

Sizes = Callable[[Iterable[NDArray[np.uint8]]], Iterator[NDArray[np.float32]]]
"""From tiles to presence and diameter, 2 x height/8 x width/8 for each."""

_START = 0.5
# The middle of the sizes that it has seen, in parts of the wanted one.
_MIDDLE = 1 / 1.2
_LOWEST, _HIGHEST = 0.125, 4.0
# Scales this close to 1 are 1: the image stays as it is, and the cells look right still.
_NEAR = 1.2
_SIDE = 320
_WINDOWS = 3
_MULTIPLE = 32
_FEWEST = 4  # places with a cell, of 8 x 8 pixels


def best_scale(plane: Readable, sizes: Sizes, wanted: float) -> float | None:
    """Scale at which the typical cell of an 8-bit plane seems to have the wanted diameter.

    ``None`` where the network sees no cell in the image as it is, nor reduced.
    """
    scale = _START
    if (seen := _seen(plane, scale, sizes)) is None:
        scale = 1.0  # small cells; what is to be seen enlarged alone is noise
        if (seen := _seen(plane, scale, sizes)) is None:
            return None
    middle = _MIDDLE * wanted
    step = 2.0 if seen < middle else 0.5
    while _LOWEST <= scale * step <= _HIGHEST:
        following = _seen(plane, scale * step, sizes)
        if following is None:
            return _rounded(scale * wanted / seen)
        if (following - middle) * (seen - middle) <= 0:
            # Between the two, on a line through their logarithms.
            rise = math.log(following / seen)
            share = math.log(middle / seen) / rise if rise else 0.0
            trust = min(max(rise / math.log(step), 0.0), 1.0)
            return _rounded(scale * step**share * _MIDDLE**-trust)
        scale, seen = scale * step, following
    return _rounded(scale)


def _rounded(scale: float) -> float:
    scale = min(max(scale, _LOWEST), _HIGHEST)
    # Two digits, so that what is reported can be given again.
    return 1.0 if 1 / _NEAR < scale < _NEAR else float(f"{scale:.2g}")


def _seen(plane: Readable, scale: float, sizes: Sizes) -> float | None:
    """Median diameter of the cells as they look at a scale; ``None`` where there are none."""
    shape = scaled_shape((plane.shape[0], plane.shape[1]), scale)
    scaled = plane if scale == 1 else ScaledPlane(plane, shape)
    maps = list(sizes(_window(scaled, *corner) for corner in _corners(shape)))
    presence = np.concatenate([each[0].ravel() for each in maps])
    diameter = np.concatenate([each[1].ravel() for each in maps])
    there = presence > 0.5
    if there.sum() < _FEWEST:
        return None
    # Large cells cover many places: each cell is to count, and large ones not for nothing.
    return _median(diameter[there], presence[there] / diameter[there])


def _median(values: NDArray[np.float32], weights: NDArray[np.float32]) -> float:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order], dtype=np.float64)
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def _corners(shape: tuple[int, int]) -> list[tuple[int, int]]:
    """Upper left corners of windows spread evenly over a plane."""
    rows, columns = (
        np.linspace(0, max(0, length - _SIDE), min(_WINDOWS, -(-length // _SIDE))).astype(int)
        for length in shape
    )
    return [(int(row), int(column)) for row in rows for column in columns]


def _window(plane: Readable, top: int, left: int) -> NDArray[np.uint8]:
    bottom, right = min(top + _SIDE, plane.shape[0]), min(left + _SIDE, plane.shape[1])
    pixels = plane.read(top, bottom, left, right)
    short = [(0, -length % _MULTIPLE) for length in pixels.shape]
    padded: NDArray[np.uint8] = np.pad(pixels, short, mode="symmetric")
    return padded
