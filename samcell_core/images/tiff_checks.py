"""What is refused of a TIFF file when it is opened: parts missing, or pixels of unknown meaning."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import tifffile

from samcell_core.errors import ImageError
from samcell_core.images.limits import check_decoded_at_once, check_size, check_type

__all__ = ["check_pixels", "check_structure"]

_DESCRIPTION = 270
_UNREADABLE_COLOURS = {5: "CMYK", 8: "CIELab", 9: "ICCLab", 10: "ITULab"}


def check_structure(file: tifffile.TiffFile, path: Path) -> None:
    """Refuse a file without its end: tifffile would leave out pages and metadata unheard."""
    first = file.pages.first
    check_size((first.imagelength, first.imagewidth), str(path))
    last, size = file.pages[len(file.pages) - 1], file.filehandle.size
    _, following = _directory(file, last.offset)
    if following is None or following >= size:
        raise ImageError(
            f"{path} is cut off: a page after the first {len(file.pages)} is missing, "
            "so copy or export it again."
        )
    codes, _ = _directory(file, first.offset)
    if _DESCRIPTION in codes and _DESCRIPTION not in first.tags:
        raise ImageError(
            f"{path} is cut off or damaged: the description of its axes is not all there, "
            "so copy or export it again."
        )
    if file.is_imagej and file.series[0].kind in ("generic", "uniform"):
        raise ImageError(
            f"{path} is cut off: it holds fewer planes than its ImageJ description says, "
            "so copy or export it again."
        )


def check_pixels(series: tifffile.TiffPageSeries, path: Path) -> None:
    """Refuse pixels that are too many, or of a type or in colours that cannot be segmented."""
    keyframe = series.keyframe
    check_size(tuple(int(length) for length in series.shape), str(path))
    if keyframe.dtype is None:
        raise ImageError(
            f"{path} has pixels of {keyframe.bitspersample} bits, which cannot be read: "
            "save it with 8 or 16 bits."
        )
    check_type(np.dtype(series.dtype), str(path))
    colours = _UNREADABLE_COLOURS.get(int(keyframe.photometric))
    if colours is not None:
        raise ImageError(f"{path} has {colours} colours, which cannot be read: save it as RGB.")
    if keyframe.is_tiled:
        height, width = keyframe.tilelength, keyframe.tilewidth * keyframe.tiledepth
    else:
        height, width = min(keyframe.rowsperstrip, keyframe.imagelength), keyframe.imagewidth
    if not keyframe.is_final:
        samples = keyframe.shaped[-1]  # colours in separate planes are in separate pieces
        pixel_bytes = samples * np.dtype(keyframe.dtype).itemsize
        check_decoded_at_once(height, width, pixel_bytes, str(path))


def _directory(file: tifffile.TiffFile, offset: int) -> tuple[list[int], int | None]:
    """Codes of the tags of a page as they stand in the file, and where the next page is."""
    form, handle = file.tiff, file.filehandle
    handle.seek(offset)
    count = struct.unpack(form.tagnoformat, handle.read(form.tagnosize))[0]
    entries = handle.read(count * form.tagsize + form.offsetsize)
    codes = [
        struct.unpack_from(f"{form.byteorder}H", entries, number * form.tagsize)[0]
        for number in range(count)
    ]
    if len(entries) < count * form.tagsize + form.offsetsize:
        return codes, None
    return codes, struct.unpack(form.offsetformat, entries[-form.offsetsize :])[0]
