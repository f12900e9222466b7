"""A file becomes an image: what it is, its content says, not its name."""

from __future__ import annotations

import dataclasses
import os
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import ImageError
from samcell_core.images.axes import tell_axes
from samcell_core.images.image import Image
from samcell_core.images.pictures import decode_bmp, decode_jpeg, decode_png
from samcell_core.images.tiff import read_tiff
from samcell_core.images.vendor import VENDOR_SUFFIXES, read_vendor

__all__ = ["read_image"]

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_PNG, _JPEG, _BMP = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM"
_NUMPY = b"\x93NUMPY"
_READABLE = "a TIFF, PNG, JPEG, BMP or .npy file, or ND2, CZI or LIF with the extra [formats]"


def read_image(
    path: str | os.PathLike[str],
    *,
    axes: str | None = None,
    pixel_size: float | None = None,
    stored: bool = False,
) -> Image:
    """Open an image file. Large ones are read region by region when they are segmented.

    Parameters
    ----------
    path
        A TIFF (plain, BigTIFF, tiled, pyramidal, OME-TIFF, ImageJ), PNG, JPEG, BMP or ``.npy``
        file; ND2, CZI and LIF with the extra ``formats``.
    axes
        A letter for each axis, where the file does not say or says it wrongly.
    pixel_size
        Width of a pixel in micrometres, in place of what the file says.
    stored
        Give the numbers as they are stored, which in a label file are those of the cells: where
        white is zero they are not inverted, and no palette of a TIFF makes colours of them.

    Raises
    ------
    ImageError
        If the file cannot be read, with the reason and what to do.
    """
    if not os.fspath(path):
        raise ImageError("The path of the image is empty: give the name of a file.")
    path = Path(path)
    try:
        image = _open(path, axes, stored=stored)
    except OSError as error:
        reason = error.strerror or error
        raise ImageError(f"{path} cannot be opened ({reason}): check it and its rights.") from error
    if pixel_size is not None:
        image = dataclasses.replace(image, pixel_size=(pixel_size, pixel_size))
    return image


def _open(path: Path, axes: str | None, *, stored: bool) -> Image:
    if path.is_dir():
        raise ImageError(f"{path} is a folder: name the image files in it.")
    if not path.exists():
        raise ImageError(f"{path} does not exist: check its name and folder.")
    if path.suffix.lower() in VENDOR_SUFFIXES:
        return read_vendor(path, axes)
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(_TIFF):
        return read_tiff(path, axes, stored=stored)
    if start.startswith(_NUMPY):
        data = _read_numpy(path)
        told = tell_axes(data.shape, path.name) if axes is None else axes
        return Image(data, told, None, name=path.name)
    of_bmp = partial(decode_bmp, stored=stored)
    for signature, decode in ((_PNG, decode_png), (_JPEG, decode_jpeg), (_BMP, of_bmp)):
        if start.startswith(signature):
            picture = decode(path.read_bytes(), str(path))
            told = "YXS"[: picture.ndim] if axes is None else axes
            return Image(picture, told, None, name=path.name)
    if not start:
        raise ImageError(f"{path} is empty: copy or export it again.")
    raise ImageError(f"The content of {path} is no image that can be read: give {_READABLE}.")


def _read_numpy(path: Path) -> NDArray[Any]:
    try:
        return np.asanyarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except Exception as error:  # a damaged header is parsed as Python, with all that may raise
        raise ImageError(
            f"{path} cannot be read as an array of numbers ({error}): "
            "save it again with numpy.save."
        ) from error
