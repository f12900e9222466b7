"""PNG, JPEG and BMP: decoded whole, so their size is looked up in the header first."""

from __future__ import annotations

import struct
from typing import Any

import cv2
import imagecodecs
import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import ImageError
from samcell_core.images.limits import check_decoded_at_once

__all__ = ["decode_bmp", "decode_jpeg", "decode_png"]

_AGAIN = "copy or export it again"
_PNG_SAMPLES = {0: 1, 2: 3, 3: 4, 4: 2, 6: 4}  # by colour type; a palette may be transparent


def decode_png(encoded: bytes, name: str) -> NDArray[Any]:
    """Grey (height, width) or colours (height, width, samples) of a PNG file."""
    if len(encoded) < 26:
        raise _cut_off(name)
    width, height, bits, colour_type = struct.unpack(">IIBB", encoded[16:26])
    pixel_bytes = _PNG_SAMPLES.get(colour_type, 4) * (2 if bits > 8 else 1)
    check_decoded_at_once(height, width, pixel_bytes, name)
    try:
        return np.asarray(imagecodecs.png_decode(encoded))
    except Exception as error:
        raise _damaged(name, "PNG", error) from error


def decode_jpeg(encoded: bytes, name: str) -> NDArray[Any]:
    """Grey or RGB of a JPEG file, as it is stored: a camera's rotation mark is not applied."""
    height, width, components, scan = _jpeg_header(encoded, name)
    check_decoded_at_once(height, width, components, name)
    if components == 4:
        raise ImageError(f"{name} has CMYK colours, which cannot be read: save it as RGB.")
    if b"\xff\xd9" not in encoded[scan:]:  # the decoder would fill the rest with grey
        raise _cut_off(name)
    try:
        return np.asarray(imagecodecs.jpeg_decode(encoded))
    except Exception as error:
        raise _damaged(name, "JPEG", error) from error


def decode_bmp(encoded: bytes, name: str, *, stored: bool = False) -> NDArray[Any]:
    """Grey or RGB of a BMP file; where ``stored``, the numbers in front of a palette of greys."""
    if len(encoded) < 34:
        raise _cut_off(name)
    start, header = struct.unpack("<II", encoded[10:18])
    if header == 12:  # the header of OS/2
        width, height, _, bits = struct.unpack("<HHHH", encoded[18:26])
        compression = 0
    else:
        width, height, _, bits, compression = struct.unpack("<iiHHI", encoded[18:34])
    width, height = abs(width), abs(height)  # rows from the top down have a negative height
    check_decoded_at_once(height, width, 4 if bits == 32 else 3, name)  # palettes are colours
    if compression > 3:  # JPEG or PNG inside, or damage
        raise _damaged(name, "BMP", f"its compression {compression} is unknown")
    uncompressed = compression in (0, 3)
    if uncompressed and start + height * ((width * bits + 31) // 32 * 4) > len(encoded):
        raise _cut_off(name)
    if stored and bits == 8:
        encoded = _without_greys(encoded, 14 + header, 3 if header == 12 else 4, start)
    try:
        pixels = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise _damaged(name, "BMP", error) from error
    if pixels is None:
        raise _damaged(name, "BMP", "no pixels found")
    return np.asarray(pixels if pixels.ndim == 2 else pixels[..., 2::-1])  # from BGR


def _without_greys(encoded: bytes, begin: int, step: int, end: int) -> bytes:
    """The file with a palette that leaves numbers as they are, where it was one of greys."""
    count = max(0, min(256, (min(end, len(encoded)) - begin) // step))
    stop = begin + count * step
    palette = np.frombuffer(encoded[begin:stop], np.uint8).reshape(-1, step).copy()
    if (palette[:, :3] != palette[:, :1]).any():
        return encoded
    palette[:, :3] = np.arange(len(palette))[:, np.newaxis]
    return encoded[:begin] + palette.tobytes() + encoded[stop:]


def _jpeg_header(encoded: bytes, name: str) -> tuple[int, int, int, int]:
    """Height, width, number of components, and where the scans start."""
    position, size = 2, None
    while position + 4 <= len(encoded):
        if encoded[position] != 0xFF:
            break
        marker = encoded[position + 1]
        if marker == 0xFF or marker == 0x01 or 0xD0 <= marker <= 0xD8:
            position += 1 if marker == 0xFF else 2  # padding, and markers without a length
            continue
        (length,) = struct.unpack(">H", encoded[position + 2 : position + 4])
        if marker == 0xDA and size is not None:
            return (*size, position + 2 + length)
        frame = encoded[position + 5 : position + 10]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and len(frame) == 5:
            size = struct.unpack(">HHB", frame)
        position += 2 + length
    raise _cut_off(name)


def _cut_off(name: str) -> ImageError:
    return ImageError(f"{name} is cut off or damaged: {_AGAIN}.")


def _damaged(name: str, kind: str, reason: object) -> ImageError:
    return ImageError(f"{name} cannot be decoded as {kind} ({reason}): {_AGAIN}.")
