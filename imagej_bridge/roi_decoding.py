"""Bytes of an ImageJ ROI become the pixels inside it, whatever drew it."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagej_bridge.cell_names import in_one_line
from imagej_bridge.composite import composite_rings
from imagej_bridge.filling import Patch, fill_oval, fill_rectangle, fill_rings
from imagej_bridge.planes import Position
from imagej_bridge.roi import HEADER, HEADER_2, MAGIC, RECTANGLE
from samcell_core.errors import ImageError

__all__ = ["Roi", "decode_roi"]

_OVAL, _FREEHAND, _TEXT, _ELLIPSE, _IMAGE, _ROTATED = 2, 7, 1, 3, 4, 5
_RINGS = {0, 7, 8}  # polygon, freehand, traced
_WITHOUT_AREA = {3, 4, 5, 6, 9, 10}  # lines of all sorts, angles, points
_SPLINE, _SUB_PIXEL = 1, 128
_FARTHEST = 2**24  # whole numbers beyond are not exact in the file
_WRAPPED = -5000  # shorts below stand for numbers above 32,767


_ANYWHERE = Position()


@dataclass(frozen=True, eq=False)
class Roi:
    """What a ROI says of a cell.

    Attributes
    ----------
    name, position, properties
        As they are in the file.
    has_area
        Whether there are pixels inside: not for lines, points and texts.
    """

    name: str = ""
    position: Position = _ANYWHERE
    properties: dict[str, str] = field(default_factory=dict)
    has_area: bool = True
    _bounds: tuple[int, int, int, int] | None = None
    _is_oval: bool = False
    _rings: tuple[NDArray[Any], ...] = ()
    _origin: tuple[int, int] = (0, 0)

    def fill(self, height: int, width: int) -> Patch:
        """Pixels inside, of an image of this size: those that ImageJ takes for inside."""
        if self._bounds is None:
            return fill_rings(self._rings, height, width, origin=self._origin)
        fill = fill_oval if self._is_oval else fill_rectangle
        return fill(*self._bounds, height, width)


def decode_roi(data: bytes, name: str = "ROI") -> Roi:
    """Read the bytes of a ``.roi`` file.

    Parameters
    ----------
    data
        The whole file.
    name
        What messages call it, and its name where it has none of its own.

    Raises
    ------
    ImageError
        The bytes are damaged, or what was drawn cannot be told exactly.
    """
    if data[:4] != MAGIC:
        raise ImageError(f"{name} is not an ImageJ ROI: save it anew from the ROI Manager.")
    try:
        return _decode(data, name)
    except (struct.error, ValueError) as error:
        raise ImageError(
            f"The ROI {name} is damaged or cut short: save it anew from the ROI Manager."
        ) from error


def _decode(data: bytes, name: str) -> Roi:
    _, version, kind, top, left, bottom, right, count, _, size, *_ = HEADER.unpack_from(data)
    subtype, options, _, _, arc, plane, offset = HEADER.unpack_from(data)[12:]
    left, top, right, bottom = (_signed(edge) for edge in (left, top, right, bottom))
    known: dict[str, Any] = _described(data, offset, plane, name)
    name = known["name"]
    is_sub_pixel = bool(options & _SUB_PIXEL) and version >= 222
    if size > 0:
        if kind != RECTANGLE:
            raise ValueError("a composite is of the type of rectangles")
        numbers = _checked(np.frombuffer(data, ">f4", size, 64))
        rings, origin = composite_rings(numbers, name)
        return Roi(**known, _rings=rings, _origin=origin)
    if kind in _WITHOUT_AREA or (kind == RECTANGLE and subtype in (_TEXT, _IMAGE)):
        return Roi(**known, has_area=False)
    if kind in (RECTANGLE, _OVAL):
        if arc > 0 and kind == RECTANGLE:
            raise ImageError(
                f"The ROI {name} is a rectangle with round corners, whose pixels cannot be told "
                "exactly here: in ImageJ turn it into a mask and back (Edit > Selection)."
            )
        if is_sub_pixel and version >= 223:
            x, y, width, height = _checked(np.frombuffer(data, ">f4", 4, 18)).tolist()
            left, top = int(x), int(y)
            right, bottom = left + math.ceil(width), top + math.ceil(height)
        return Roi(**known, _bounds=(left, top, right, bottom), _is_oval=kind == _OVAL)
    if kind not in _RINGS:
        raise ValueError(f"there is no type {kind}")
    if options & _SPLINE:
        raise ImageError(
            f"The ROI {name} is a fitted spline, whose pixels cannot be told exactly here: in "
            "ImageJ turn it into a polygon (Edit > Selection > Interpolate)."
        )
    if kind == _FREEHAND and subtype in (_ELLIPSE, _ROTATED):
        return Roi(**known, **_by_parameters(data, subtype))
    count = count or int.from_bytes(data[18:22], "big", signed=True)
    if count < 0:
        raise ValueError("fewer corners than none")
    if is_sub_pixel:
        ring = np.frombuffer(data, ">f4", 2 * count, 64 + 4 * count).reshape(2, count).T
        return Roi(**known, **_relative(_checked(ring)))
    shorts = np.frombuffer(data, ">u2", 2 * count, 64).reshape(2, count).T.astype(np.int64)
    # What would be left of or above the bounding box lies on its border, as in ImageJ.
    ring = np.where(shorts >= 2**16 + _WRAPPED, 0, shorts)
    return Roi(**known, _rings=(ring,), _origin=(left, top))


def _signed(short: int) -> int:
    return short if short < 2**16 + _WRAPPED else short - 2**16


def _described(data: bytes, offset: int, plane: int, name: str) -> dict[str, Any]:
    """Name, position and properties, from the second header where there is one."""
    position = Position(plane=max(plane, 0))
    text = ""
    if 0 < offset <= len(data) - HEADER_2.size:
        numbers = HEADER_2.unpack_from(data, offset)
        channel, slice_, frame, name_at, name_length = numbers[:5]
        text_at, text_length = numbers[11:13]
        position = Position(max(channel, 0), max(slice_, 0), max(frame, 0), position.plane)
        name = in_one_line(_text(data, name_at, name_length)) or name
        text = _text(data, text_at, text_length)
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    properties = {key.strip(): value.strip() for key, _, value in pairs}
    return {"name": name, "position": position, "properties": properties}


def _text(data: bytes, start: int, length: int) -> str:
    stop = start + 2 * length
    if start <= 0 or length <= 0 or stop > len(data):
        return ""
    return data[start:stop].decode("utf-16-be", "replace")


def _checked(numbers: NDArray[Any]) -> NDArray[np.float32]:
    """Numbers as float32, all of them a place that an image may have."""
    if not (np.abs(numbers) < _FARTHEST).all():
        raise ValueError("coordinates that no image has")
    return numbers.astype(np.float32)


def _relative(ring: NDArray[np.float32]) -> dict[str, Any]:
    """Sub-pixel polygon in the numbers in which ImageJ computes with it."""
    if len(ring) == 0:
        return {"has_area": False}
    low = ring.min(axis=0)
    whole = np.floor(low.astype(np.float64))
    rest = low.astype(np.float64) - whole
    return {
        "_rings": ((ring - low).astype(np.float64) + rest,),
        "_origin": (int(whole[0]), int(whole[1])),
    }


def _by_parameters(data: bytes, subtype: int) -> dict[str, Any]:
    """Ellipse or rotated rectangle: the ends of its long axis and its width, or their ratio."""
    numbers = _checked(np.frombuffer(data, ">f4", 4, 18)).astype(np.float64)
    (width,) = _checked(np.frombuffer(data, ">f4", 1, 52)).astype(np.float64)
    first, last = numbers[:2], numbers[2:]
    axis = last - first
    length = math.hypot(*axis)
    if length == 0:
        return {"has_area": False}
    if subtype == _ROTATED:
        across = 0.5 * width * np.array([axis[1], -axis[0]]) / length
        ring = np.array([first + across, last + across, last - across, first - across])
    else:
        angles = np.arange(72) * 5.0 / 180 * math.pi
        along = np.cos(angles) * length / 2
        beside = np.sin(angles) * length * min(max(width, 0.0), 1.0) / 2
        turn = np.arctan2(beside, along) + math.atan2(axis[1], axis[0])
        radius = np.sqrt(along * along + beside * beside)
        ring = (first + last) / 2 + np.stack([np.cos(turn) * radius, np.sin(turn) * radius], axis=1)
    ring = ring.astype(np.float32)
    low = np.floor(ring.min(axis=0).astype(np.float64)).astype(np.int64)
    return {
        "_rings": (ring - low.astype(np.float32),),
        "_origin": (int(low[0]), int(low[1])),
    }
