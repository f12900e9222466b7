"""Pixels as CellProfiler hands them, turned back into the numbers of the file."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["as_stored", "plane_of"]

_FULL_SCALES = (255, 1023, 4095, 16383, 65535)
"""What cameras of 8, 10, 12, 14 and 16 bits call white."""

_FEW = 4096  # pixels that tell at once that a scale is the wrong one


def plane_of(pixels: Any, volumetric: bool, name: str) -> Any:
    """Height x width, or height x width x 3 or 4 where there is colour.

    Raises
    ------
    ValueError
        It is a volume, or has as many channels as no colour has: the message says what to do.
    """
    if volumetric:
        raise ValueError(
            f"RunSAMCell finds cells in planes, and {name} is a volume: set 'Process as 3D?' in "
            "NamesAndTypes to No, and each plane becomes an image."
        )
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        return pixels[:, :, 0]
    if pixels.ndim == 3 and pixels.shape[2] not in (3, 4):
        raise ValueError(
            f"{name} has {pixels.shape[2]} channels: choose one of them with ColorToGray before "
            "RunSAMCell."
        )
    return pixels


def as_stored(pixels: Any, scale: float | None) -> Any:
    """Whole numbers, where the pixels are exactly such ones divided by white; else the pixels.

    CellProfiler divides the numbers of a file by what its camera calls white and rounds to 32
    bits. The engine is to see the numbers themselves, for then it finds to the pixel what it
    finds in the file.

    Parameters
    ----------
    pixels
        Grey values or colours, 0 to 1, of any type.
    scale
        What the image says it was divided by, if it does.

    Returns
    -------
    array
        uint8, uint16, or what was given, in a type that the engine takes.
    """
    pixels = np.asarray(pixels)
    if pixels.dtype.kind != "f":
        return pixels
    if pixels.dtype.itemsize not in (4, 8):
        return pixels.astype(np.float32)
    for white in _whites(scale):
        numbers = _whole(pixels, white)
        if numbers is not None:
            return numbers
    return pixels


def _whites(scale: float | None) -> list[int]:
    """Numbers that white may have been, the likeliest first."""
    known = scale is not None and 1 < scale <= _FULL_SCALES[-1] and float(scale).is_integer()
    first = [int(scale)] if known and scale is not None else []
    return first + [white for white in _FULL_SCALES if white not in first]


def _whole(pixels: Any, white: int) -> Any:
    """The pixels times white in the smallest type, if that gives them back; else ``None``."""
    step = max(1, pixels.size // _FEW)
    if _numbers(pixels.reshape(-1)[::step], white) is None:
        return None
    numbers = _numbers(pixels, white)
    if numbers is None:
        return None
    fits_a_byte = white <= 255 and numbers.max(initial=0) <= 255
    return numbers.astype(np.uint8 if fits_a_byte else np.uint16)


def _numbers(pixels: Any, white: int) -> Any:
    with np.errstate(invalid="ignore", over="ignore"):  # what is not finite is not whole
        numbers = np.rint(pixels * pixels.dtype.type(white))
    if not (numbers.min(initial=0) >= 0 and numbers.max(initial=0) <= _FULL_SCALES[-1]):
        return None
    return numbers if np.array_equal(numbers / pixels.dtype.type(white), pixels) else None
