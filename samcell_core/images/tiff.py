"""TIFF files of all kinds: plain, BigTIFF, tiled, pyramidal, OME-TIFF, ImageJ hyperstacks."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from samcell_core.errors import ImageError
from samcell_core.images.axes import LETTERS, unexplained_axes
from samcell_core.images.image import Image
from samcell_core.images.quiet import quiet
from samcell_core.images.tiff_checks import check_pixels, check_structure
from samcell_core.images.tiff_metadata import read_channel_names, read_pixel_size
from samcell_core.images.tiff_pages import TiffPages
from samcell_core.images.tiff_series import choose_series
from samcell_core.images.tiff_values import with_meant_values

__all__ = ["read_tiff"]

_RGB = (2, 6)  # RGB, and YCbCr which decoding turns into RGB
_ALPHA = (1, 2)


def read_tiff(path: Path, axes: str | None, *, stored: bool = False) -> Image:
    """Open a TIFF file; its pixels are read when they are asked for.

    Where ``stored``, they are the numbers in the file, whatever brightness or colour they mean.
    """
    with quiet():
        try:
            with tifffile.TiffFile(path) as file:
                return _read(file, path, axes, stored=stored)
        except ImageError:
            raise
        except Exception as error:  # tifffile raises whatever a damaged file leads to
            raise ImageError(
                f"{path} cannot be read as TIFF ({error}): the file is damaged or cut off, "
                "so copy or export it again."
            ) from error


def _read(file: tifffile.TiffFile, path: Path, axes: str | None, *, stored: bool) -> Image:
    check_structure(file, path)
    series, notes = choose_series(file, path)
    shape = tuple(int(size) for size in series.shape)
    check_pixels(series, path)
    data = _data_of(series, path)
    if not stored:
        data = with_meant_values(data, file, series)
    if axes is None:
        axes = _told_axes(series, path.name)
        if len(data.shape) > len(shape):
            axes += "S"  # a palette has become colours
    names = read_channel_names(file, series)
    channels = dict(zip(axes.upper(), data.shape, strict=False)).get("C", 1)
    return Image(
        data,
        axes,
        read_pixel_size(file, series),
        channel_names=names if len(names) == channels else (),
        name=path.name,
        notes=notes,
    )


def _data_of(series: tifffile.TiffPageSeries, path: Path) -> Any:
    """Memory-mapped where the pixels lie in one piece, else decoded region by region."""
    shape, keyframe = series.shape, series.keyframe
    if series.dataoffset is not None and not series.is_multifile:
        dtype = np.dtype(series.dtype).newbyteorder(keyframe.parent.byteorder)
        needed = series.dataoffset + math.prod(shape) * dtype.itemsize
        holder = Path(keyframe.parent.filehandle.path)  # of a series, it may be another file
        if needed > holder.stat().st_size:
            raise ImageError(
                f"{path} is cut off: its {math.prod(shape):,} pixels are not all there, "
                "so copy or export it again."
            )
        return np.memmap(holder, dtype, "r", series.dataoffset, shape)
    pages = [series[number] for number in range(len(series))]
    if None in pages:
        raise ImageError(
            f"{path} lacks plane {pages.index(None)} of {len(pages)}: bring the files that "
            "belong to it into the same folder, or export it again."
        )
    return TiffPages(pages, shape, series.axes, series.dtype, path.name)


def _told_axes(series: tifffile.TiffPageSeries, name: str) -> str:
    """Axes of the file, with S for colours only; an axis that it does not explain may stay."""
    axes, keyframe = str(series.axes), series.keyframe
    shape = tuple(int(size) for size in series.shape)
    samples = dict(zip(axes, shape, strict=True)).get("S", 1)
    alpha = [int(kind) in _ALPHA for kind in keyframe.extrasamples] == [True]
    is_rgb = int(keyframe.photometric) in _RGB and samples <= 4
    if not is_rgb and not (alpha and samples == 2):
        axes = axes.replace("S", "C")
    if axes == "QYX":  # an array saved by tifffile, of which it knew no more than we
        return "TYX" if shape[-1] not in (3, 4) else "YXS"
    if sum(letter not in LETTERS for letter in axes) > 1:
        raise unexplained_axes(shape, name)
    return axes
