"""What is refused because of its size or the type of its pixels, before memory is taken."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from samcell_core.errors import ImageError
from samcell_core.machine import memory_size

__all__ = ["check_decoded_at_once", "check_size", "check_type"]

_MOST_PIXELS = 2**40
_MOST_PIXELS_AT_ONCE = 2**30
_MOST_BYTES_AT_ONCE = 2**33


def check_size(shape: tuple[int, ...], name: str) -> None:
    """Refuse images without pixels and images that no machine could hold."""
    if 0 in shape:
        raise ImageError(f"{name} has no pixels: its shape is {shape}.")
    if math.prod(shape) > _MOST_PIXELS:
        raise ImageError(
            f"{name} claims the shape {shape}, which is more than {_MOST_PIXELS:,} pixels: "
            "the file is damaged, or has to be cut into parts."
        )


def check_decoded_at_once(height: int, width: int, pixel_bytes: int, name: str) -> None:
    """Refuse what a decoder would have to unpack into memory as a whole.

    Parameters
    ----------
    height, width
        Size in pixels.
    pixel_bytes
        Bytes of a decoded pixel with all its samples.
    name
        Name of the image, for messages.
    """
    check_size((height, width), name)
    if height * width > _MOST_PIXELS_AT_ONCE:
        raise ImageError(
            f"{name} claims {height} x {width} pixels in one piece, and at most "
            f"{_MOST_PIXELS_AT_ONCE:,} can be unpacked at once: save it as a tiled TIFF."
        )
    most = min(_MOST_BYTES_AT_ONCE, memory_size() / 2)  # what follows needs memory, too
    if height * width * pixel_bytes > most:
        raise ImageError(
            f"{name} claims {height} x {width} pixels of {pixel_bytes} bytes in one piece, and "
            f"this machine unpacks at most {most / 2**30:.1f} GiB at once: "
            "save it as a tiled TIFF."
        )


def check_type(dtype: np.dtype[Any], name: str) -> None:
    """Refuse pixels that are neither whole numbers, floats nor true and false."""
    if dtype.kind in "bui" or (dtype.kind == "f" and dtype.itemsize <= 8):
        return
    if dtype.kind == "c":
        what, hint = "complex numbers", "give their magnitude (numpy.abs) instead"
    else:
        kinds = {"O": "objects", "U": "texts", "S": "texts"}
        what = kinds.get(dtype.kind, f"values of the type {dtype}")
        hint = "give whole numbers or floats"
    raise ImageError(f"{name} holds {what}, which are no image: {hint}.")
