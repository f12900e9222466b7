"""Colour to grey, without leaving the type of the samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["grey_of"]

_RED, _GREEN, _BLUE = 299, 587, 114  # thousandths


def grey_of(colours: NDArray[Any]) -> NDArray[Any]:
    """0.299 R + 0.587 G + 0.114 B of an array (height, width, 3 or 4) in its own type.

    Whole numbers are computed exactly and rounded half up; alpha is ignored.
    """
    dtype = colours.dtype
    red, green, blue = (colours[..., i] for i in range(3))
    if dtype.kind == "f":
        # Half precision would lose digits in between.
        wide = np.dtype(np.float32 if dtype.itemsize == 2 else np.float64)
        with np.errstate(invalid="ignore", over="ignore"):  # inf and -inf in one pixel
            return (_thousandfold(red, green, blue, wide) / 1000).astype(dtype)
    if dtype.itemsize < 8:
        # Thousand times the largest value fits the next larger type: sums stay exact.
        whole = np.dtype(np.int32 if dtype.itemsize <= 2 else np.int64)
        return ((_thousandfold(red, green, blue, whole) + 500) // 1000).astype(dtype)
    limits = np.iinfo(dtype)
    grey = np.rint(_thousandfold(red, green, blue, np.dtype(np.float64)) / 1000)
    # The largest 64-bit number is no float64; the next smaller float64 is in range.
    highest = np.nextafter(float(limits.max), 0.0)
    return np.clip(grey, float(limits.min), highest).astype(dtype)


def _thousandfold(
    red: NDArray[Any], green: NDArray[Any], blue: NDArray[Any], dtype: np.dtype[Any]
) -> NDArray[Any]:
    total: NDArray[Any] = red.astype(dtype) * dtype.type(_RED)
    total += green.astype(dtype) * dtype.type(_GREEN)
    total += blue.astype(dtype) * dtype.type(_BLUE)
    return total
