"""At which scale the network likes the cells of an image best, asked of the network itself.

Beside the distance map, the small network tells where cells are and how large they look. It is
shown the image at several sizes, in steps of 2. As the image grows, the typical cell goes from
smaller than wanted to larger, and the scale in between is where it would look just right.

Of a microscope that it does not know, and of cells far too small or too large, it may tell sizes
that hardly grow with the image, or that go up and down. Then sizes pass the wanted one more than
once, and that place counts where it is surest what is a cell and what is not. How far to go from
there is trusted as far as the sizes grow. Of a large image it is shown parts, those where it saw
cells when the image was smaller.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from samcell_core.resample import ScaledPlane, scaled_shape
from samcell_core.tiling import Readable
from samcell_core.windows import WindowChooser

__all__ = ["Sizes", "best_scale"]

Sizes = Callable[[Iterable[NDArray[np.uint8]]], Iterator[NDArray[np.float32]]]
"""From tiles to presence and diameter, 2 x height/8 x width/8 for each."""

_FIRST = (0.25, 0.5, 1.0)
_LOWEST, _HIGHEST = 0.125, 4.0
# The middle of the sizes that it has seen, in parts of the wanted one.
_MIDDLE = 0.88
# How much sizes that grow as they should count, beside being sure.
_GROWTH = 0.3
# Scales this close to 1 are 1: the image stays as it is, and the cells look right still.
_NEAR = 1.2
_SIDE = 320
_MULTIPLE = 32
_FEWEST = 4  # places with a cell, of 8 x 8 pixels


class _Reading(NamedTuple):
    """What was seen at a scale: median diameter, and how unsure it was where cells are."""

    scale: float
    diameter: float
    doubt: float


def best_scale(plane: Readable, sizes: Sizes, wanted: float) -> float | None:
    """Scale at which the typical cell of an 8-bit plane seems to have the wanted diameter.

    ``None`` where the network sees no cell in the image as it is, nor reduced.
    """
    middle = _MIDDLE * wanted
    read = partial(_read, plane, sizes=sizes, windows=WindowChooser(plane.shape[:2], _SIDE))
    readings = [found for scale in _FIRST if (found := read(scale)) is not None]
    if not readings:  # what is to be seen enlarged alone is noise
        return None
    if readings[0].scale == _FIRST[0] and readings[0].diameter > middle:
        smaller = read(_LOWEST)
        readings = readings if smaller is None else [smaller, *readings]
    scale = 1.0
    while scale < _HIGHEST and (readings[-1].scale < scale or readings[-1].diameter < middle):
        scale *= 2
        larger = read(scale)
        readings = readings if larger is None else [*readings, larger]
    return _rounded(_chosen(readings, middle, wanted))


def _chosen(readings: Sequence[_Reading], middle: float, wanted: float) -> float:
    """Scale at which the sizes pass the middle where it is surest."""
    best, scale = -math.inf, 0.0
    for before, after in pairwise(readings):
        if after.scale != 2 * before.scale or not before.diameter <= middle < after.diameter:
            continue
        growth = math.log2(after.diameter / before.diameter)
        trust = min(growth, 1.0)
        worth = _GROWTH * trust - min(before.doubt, after.doubt)
        if worth > best:
            # On a line through the logarithms of the two.
            share = math.log2(middle / before.diameter) / growth
            best, scale = worth, before.scale * 2**share * (wanted / middle) ** trust
    if scale:
        return scale
    near = min(readings, key=lambda each: abs(math.log(each.diameter / middle)))
    return near.scale * math.sqrt(wanted / near.diameter)  # half of the way


def _rounded(scale: float) -> float:
    scale = min(max(scale, _LOWEST), _HIGHEST)
    # Two digits, so that what is reported can be given again.
    return 1.0 if 1 / _NEAR < scale < _NEAR else float(f"{scale:.2g}")


def _read(plane: Readable, scale: float, sizes: Sizes, windows: WindowChooser) -> _Reading | None:
    """What is seen of the cells as they look at a scale; ``None`` where there are none."""
    shape = scaled_shape((plane.shape[0], plane.shape[1]), scale)
    scaled = plane if scale == 1 else ScaledPlane(plane, shape)
    chosen = windows.choose(shape)
    maps = list(sizes(_window(scaled, *window) for window in chosen))
    for window, (seen, _) in zip(chosen, maps, strict=True):
        windows.learn(shape, window, seen)
    presence = np.concatenate([each[0].ravel() for each in maps])
    diameter = np.concatenate([each[1].ravel() for each in maps])
    there = presence > 0.5
    if there.sum() < _FEWEST:
        return None
    doubt = float(np.minimum(presence, 1 - presence).sum() / presence.sum())
    # Large cells cover many places: each cell is to count, and large ones not for nothing.
    typical = _median(diameter[there], presence[there] / diameter[there])
    return _Reading(scale, typical, doubt)


def _median(values: NDArray[np.float32], weights: NDArray[np.float32]) -> float:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order], dtype=np.float64)
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def _window(plane: Readable, rows: slice, columns: slice) -> NDArray[np.uint8]:
    pixels = plane.read(rows.start, rows.stop, columns.start, columns.stop)
    short = [(0, -length % _MULTIPLE) for length in pixels.shape]
    padded: NDArray[np.uint8] = np.pad(pixels, short, mode="symmetric")
    return padded
