"""Grey values of any type become 8 bits, which is what the networks know."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.images.blocks import blocks
from samcell_core.images.planes import Plane
from samcell_core.settings import Settings

__all__ = ["eight_bit"]

_PERCENTILES = (0.1, 99.9)
_SAMPLES = 4_000_000


def eight_bit(plane: Plane, intensity: str = "auto") -> Plane:
    """Return the same plane as uint8, measured here once and then read lazily.

    Parameters
    ----------
    plane
        A plane of any type.
    intensity
        ``auto`` leaves uint8 as it is and takes ``percentile`` for all else; ``percentile`` maps
        the 0.1st to 99.9th percentile of the plane (of a regular grid of at most 4 million of
        its pixels) to 0..255; ``minmax`` its smallest to largest value; ``full`` the whole range
        of the type, which is 0..1 for floats. False and True are always 0 and 255.

    Notes
    -----
    Values outside the range are clipped, those between rounded as `numpy.rint` does. NaN becomes
    0, infinity 255, minus infinity 0, and none of them is measured. Where there is only one
    value, it becomes 0.
    """
    intensity = Settings(intensity=intensity).intensity
    if plane.dtype == np.uint8 and intensity in ("auto", "full"):
        return plane
    if plane.dtype == np.bool_:
        return _EightBitPlane(plane, 0.0, 1.0)
    if intensity == "full":
        low, high = _range_of(plane.dtype)
    else:
        low, high = _measure(plane, percentiles=intensity != "minmax")
    return _EightBitPlane(plane, low, high)


class _EightBitPlane:
    """A plane mapped linearly from low..high to 0..255 while it is read."""

    def __init__(self, plane: Plane, low: float, high: float) -> None:
        self._plane = plane
        self._low, self._high = low, high
        self.shape = plane.shape
        self.dtype = np.dtype(np.uint8)
        self._table: NDArray[np.uint8] | None = None
        if plane.dtype.kind in "iu" and plane.dtype.itemsize <= 2:
            # Looking up is several times faster than computing, and the same by construction.
            self._index_type = np.dtype(f"u{plane.dtype.itemsize}")
            count = 2 ** (8 * plane.dtype.itemsize)
            self._table = _scale(
                np.arange(count, dtype=self._index_type).view(plane.dtype), low, high
            )

    def read(self, top: int, bottom: int, left: int, right: int) -> NDArray[Any]:
        values = self._plane.read(top, bottom, left, right)
        if self._table is not None:
            mapped: NDArray[np.uint8] = self._table[values.view(self._index_type)]
            return mapped
        return _scale(values, self._low, self._high)


def _scale(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    numbers = values.astype(np.float64)
    if low == high:
        return np.where(numbers == math.inf, np.uint8(255), np.uint8(0))
    if not math.isfinite(high - low):
        numbers, low, high = numbers / 2, low / 2, high / 2
    with np.errstate(invalid="ignore"):  # NaN is dealt with below
        np.clip(numbers, low, high, out=numbers)
        numbers -= low
        numbers /= high - low
        numbers *= 255
        np.rint(numbers, out=numbers)
    numbers[np.isnan(numbers)] = 0
    return numbers.astype(np.uint8)


def _range_of(dtype: np.dtype[Any]) -> tuple[float, float]:
    if dtype.kind == "f":
        return 0.0, 1.0
    limits = np.iinfo(dtype)
    return float(limits.min), float(limits.max)


def _measure(plane: Plane, *, percentiles: bool) -> tuple[float, float]:
    step = _grid_step(plane.shape)
    lowest, highest = math.inf, -math.inf
    samples = []
    for top, bottom, left, right in blocks(plane.shape):
        values = plane.read(top, bottom, left, right)
        numbers = _finite(values)
        if numbers.size:
            lowest = min(lowest, float(numbers.min()))
            highest = max(highest, float(numbers.max()))
        if percentiles:
            on_grid = values[-top % step :: step, -left % step :: step]
            samples.append(_finite(on_grid).astype(np.float64).ravel())
    if lowest > highest:  # no finite value at all
        return 0.0, 0.0
    sample = np.concatenate(samples) if samples else np.empty(0)
    if sample.size:
        with np.errstate(over="ignore", invalid="ignore"):
            low, high = (float(value) for value in np.percentile(sample, _PERCENTILES))
        if low < high and math.isfinite(low) and math.isfinite(high):
            return low, high
    # A few bright cells on a constant background are less than a thousandth of it.
    return lowest, highest


def _finite(values: NDArray[Any]) -> NDArray[Any]:
    return values[np.isfinite(values)] if values.dtype.kind == "f" else values


def _grid_step(shape: tuple[int, int]) -> int:
    height, width = shape
    step = max(1, math.isqrt(height * width // _SAMPLES))
    while math.ceil(height / step) * math.ceil(width / step) > _SAMPLES:
        step += 1
    return step
