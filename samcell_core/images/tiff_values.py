"""From the numbers stored in a TIFF file to the brightness they mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from samcell_core.images.lazy import full_key

__all__ = ["inverted", "with_meant_values"]

_MIN_IS_WHITE, _PALETTE = 0, 3

Recode = Callable[[NDArray[Any]], NDArray[Any]]


def with_meant_values(data: Any, file: tifffile.TiffFile, series: tifffile.TiffPageSeries) -> Any:
    """Invert MinIsWhite, apply a palette, spread less than 8 bits to 8; all of it when read.

    Microscope formats use a palette as a display colour, so there the stored numbers stay.
    """
    keyframe = series.keyframe
    photometric, bits = int(keyframe.photometric), keyframe.bitspersample
    palette = keyframe.colormap if photometric == _PALETTE else None
    measured = file.is_imagej or file.is_ome or file.is_stk or file.is_lsm
    if palette is not None and not measured:
        table = _colours(np.asarray(palette))
        return _Recoded(data, table.dtype, lambda stored: table[stored], *table.shape[1:])
    # So ImageJ saves 8 bits that it shows inverted; deeper ones are MinIsWhite.
    if palette is not None and file.is_imagej and data.dtype == np.uint8 and _falls(palette):
        return _Recoded(data, data.dtype, inverted(data.dtype))
    few_bits = data.dtype == np.uint8 and isinstance(bits, int) and 1 < bits < 8
    invert = photometric == _MIN_IS_WHITE
    if few_bits:
        brightest = 2**bits - 1
        levels = np.arange(256, dtype=np.uint16).clip(max=brightest) * 255 // brightest
        spread = (255 - levels if invert else levels).astype(np.uint8)
        return _Recoded(data, np.uint8, lambda stored: spread[stored])
    if invert:
        return _Recoded(data, data.dtype, inverted(data.dtype, bits))
    return data


def _colours(colormap: NDArray[Any]) -> NDArray[np.uint8]:
    """Table of grey or of RGB values in 8 bits, from one of (3, 256) in 16 (or, by some, in 8)."""
    table = colormap.T.astype(np.int64)
    if table.max(initial=0) > 255:
        table = table >> 8
    eight = table.astype(np.uint8)
    return eight[:, 0] if (eight == eight[:, :1]).all() else eight


def _falls(colormap: NDArray[Any]) -> bool:
    """Whether a palette shows larger numbers darker, as ImageJ tells an inverting one."""
    brightness = np.asarray(colormap).astype(np.int64).sum(axis=0)
    return bool((np.diff(brightness) <= 0).all() and brightness[-1] < brightness[0])


def inverted(dtype: Any, bits: Any = None) -> Recode:
    """What turns numbers of a type, or of so many bits of it, about, so that bright is dark."""
    if dtype.kind == "f":
        return np.negative
    if dtype.kind == "u" and isinstance(bits, int) and bits < 8 * dtype.itemsize:
        brightest = dtype.type(2**bits - 1)
        return lambda stored: brightest - np.minimum(stored, brightest)
    return np.invert


class _Recoded:
    """Data of which every pixel is replaced when it is read; a palette adds an axis at the end."""

    def __init__(self, data: Any, dtype: Any, recode: Recode, *samples: int) -> None:
        self.shape = (*data.shape, *samples)
        self.dtype = np.dtype(dtype)
        self._data = data
        self._recode = recode

    def __getitem__(self, key: Any) -> NDArray[Any]:
        whole = full_key(key, len(self.shape))
        ndim = len(self._data.shape)
        recoded = self._recode(np.asarray(self._data[whole[:ndim]]))
        return recoded[(..., *whole[ndim:])]
