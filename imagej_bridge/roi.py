"""One ImageJ ROI of closed rings: its bytes in the format of ``.roi`` files."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from imagej_bridge.outlines import Ring
from imagej_bridge.planes import Position

__all__ = ["encode_roi"]

MAGIC = b"Iout"
HEADER = struct.Struct(">4shBxHHHHH16xhi4s4shhBBhii")
HEADER_2 = struct.Struct(">4x5i4shBBifiii12x")
RECTANGLE, TRACED = 1, 8  # types; a composite is a rectangle with a size of its shape
MOVE_TO, LINE_TO, CLOSE = 0, 1, 4  # segments of a composite
SCALE_STROKE_WIDTH = 8192

_VERSION = 228  # of ImageJ 1.52i to 1.53t; later ones read it, too
_LARGEST_COORDINATE = 60535  # larger ones are taken for negative numbers
_MOST_CORNERS = 65535


def encode_roi(
    rings: Sequence[Ring],
    *,
    name: str = "",
    position: Position | None = None,
    properties: Mapping[str, str] | None = None,
    stroke_colour: tuple[int, int, int] | None = None,
    stroke_width: float = 0,
) -> bytes:
    """Bytes of a ROI that ImageJ fills to exactly the pixels inside the rings.

    One ring becomes a traced ROI, several (holes, parts) a composite one.

    Parameters
    ----------
    rings
        Arrays (n, 2) of x and y in whole numbers, filled by the even-odd rule.
    name
        Its name in the ROI Manager.
    position
        Where it lies in a stack; on all planes where not given.
    properties
        Keys without blanks or colons, and values of one line.
    stroke_colour, stroke_width
        Red, green and blue of the line, and its width in pixels; ImageJ's own where not given.
    """
    corners = np.concatenate(rings)
    left, top = (int(low) for low in corners.min(axis=0))
    right, bottom = (int(high) for high in corners.max(axis=0))
    is_composite = (
        len(rings) > 1 or len(corners) > _MOST_CORNERS or max(right, bottom) > _LARGEST_COORDINATE
    )
    if is_composite:
        shape, count, size = _path(rings), 0, 3 * len(corners) + len(rings)
    else:
        shape = (corners - (left, top)).T.astype(">u2").tobytes()
        count, size = len(corners), 0
    position = _as_imagej_looks(position or Position())
    colour = b"\0" * 4 if stroke_colour is None else bytes((255, *stroke_colour))
    header = HEADER.pack(
        MAGIC,
        _VERSION,
        RECTANGLE if is_composite else TRACED,
        *(min(edge, _MOST_CORNERS) for edge in (top, left, bottom, right)),
        count,
        int(stroke_width),
        size,
        colour,
        b"\0" * 4,  # no colour inside
        0,
        SCALE_STROKE_WIDTH,
        0,
        0,
        0,
        position.plane,
        HEADER.size + len(shape),
    )
    return (
        header
        + shape
        + _second_header(HEADER.size + len(shape), name, position, properties or {}, stroke_width)
    )


def _as_imagej_looks(position: Position) -> Position:
    """Position in the form in which every ImageJ finds it.

    Of a stack with slices or frames alone this is its number: one that is not shown as a
    hyperstack heeds no frame, while a number counts frames or slices in a hyperstack, too.
    """
    _, slice_, frame, plane = position
    if plane and position in (Position(0, slice_, 0, plane), Position(0, 0, frame, plane)):
        return Position(plane=plane)
    return position


def _path(rings: Sequence[Ring]) -> bytes:
    pieces: list[NDArray[np.float32]] = []
    for ring in rings:
        segments = np.full((len(ring), 3), LINE_TO, np.float32)
        segments[0, 0] = MOVE_TO
        segments[:, 1:] = ring
        pieces += [segments.ravel(), np.array([CLOSE], np.float32)]
    return np.concatenate(pieces).astype(">f4").tobytes()


def _second_header(
    offset: int,
    name: str,
    position: Position,
    properties: Mapping[str, str],
    stroke_width: float,
) -> bytes:
    name_bytes = name.encode("utf-16-be")
    text = "".join(f"{key}: {value}\n" for key, value in properties.items())
    text_bytes = text.encode("utf-16-be")
    name_at = offset + HEADER_2.size
    header = HEADER_2.pack(
        position.channel,
        position.slice,
        position.frame,
        name_at if name else 0,
        len(name_bytes) // 2,
        b"\0" * 4,
        0,
        0,
        0,
        0,
        stroke_width,
        name_at + len(name_bytes) if text else 0,
        len(text_bytes) // 2,
        0,
    )
    return header + name_bytes + text_bytes
