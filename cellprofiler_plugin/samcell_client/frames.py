"""Frames as docs/worker.md describes them: a JSON header, then the bytes of arrays."""

from __future__ import annotations

import json
import struct
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BrokenStreamError", "Reply", "read_frame", "write_frame"]

_MAGIC = b"SAMCELL1"
_LENGTHS = struct.Struct("<IQ")
_MOST_HEADER = 1 << 20
_MOST_RUBBISH = 1 << 16  # of other programs, before the first frame


class BrokenStreamError(Exception):
    """The other side ended, or sent something that is no frame."""


class Reply(NamedTuple):
    """What came back: the header's fields, and the arrays by name."""

    header: dict[str, Any]
    arrays: dict[str, Any]


def write_frame(stream: Any, header: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
    """Send a header and arrays, whose description the header gets, through an unbuffered pipe."""
    parts = {name: _sendable(array) for name, array in arrays.items()}
    described = [
        {"name": name, "dtype": part.dtype.name, "shape": list(part.shape)}
        for name, part in parts.items()
    ]
    text = json.dumps(dict(header, arrays=described)).encode("ascii")
    size = sum(part.nbytes for part in parts.values())
    _write(stream, _MAGIC + _LENGTHS.pack(len(text), size) + text)
    for part in parts.values():
        if part.size:
            _write(stream, _bytes_of(part))


def read_frame(stream: Any, first: bool = False) -> Reply:
    """Read a frame. Whatever stands before the ``first`` one of a stream is skipped."""
    _read_magic(stream, first)
    length, size = _LENGTHS.unpack(_read(stream, _LENGTHS.size))
    if not 1 <= length <= _MOST_HEADER:
        raise BrokenStreamError(f"a header of {length} bytes")
    try:
        header = json.loads(bytes(_read(stream, length)).decode("utf-8"))
        arrays = _room_for(header.pop("arrays", []), size)
        for array in arrays.values():
            if array.size:
                _fill(stream, _bytes_of(array))
        return Reply(header, arrays)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BrokenStreamError(f"a frame that cannot be read ({error})") from error


def _sendable(array: Any) -> Any:
    array = numpy.asarray(array)
    if array.dtype == numpy.float16:
        array = array.astype(numpy.float32)
    return numpy.asarray(array, dtype=array.dtype.newbyteorder("<"), order="C")


def _bytes_of(array: Any) -> memoryview:
    view: memoryview = array.reshape(-1).view(numpy.uint8).data
    return view


def _write(stream: Any, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[stream.write(view) :]


def _read_magic(stream: Any, first: bool) -> None:
    start = bytes(_read(stream, len(_MAGIC)))
    skipped = b""
    while start != _MAGIC:
        skipped += start[:1]
        if not first or len(skipped) > _MOST_RUBBISH:
            shown = (skipped + start)[:80]
            raise BrokenStreamError(f"{shown!r} where a frame should begin")
        start = start[1:] + bytes(_read(stream, 1))


def _read(stream: Any, size: int) -> bytearray:
    data = bytearray(size)
    _fill(stream, memoryview(data))
    return data


def _fill(stream: Any, view: memoryview) -> None:
    while view:
        count = stream.readinto(view)
        if not count:
            raise BrokenStreamError(f"it ended {len(view)} bytes before the end of a frame")
        view = view[count:]


def _room_for(described: list[dict[str, Any]], size: int) -> dict[str, Any]:
    """Arrays that a payload of that size goes into."""
    arrays = {}
    for each in described:
        dtype = numpy.dtype(each["dtype"])
        if sys.byteorder == "big":
            dtype = dtype.newbyteorder("<")
        arrays[each["name"]] = numpy.empty(each["shape"], dtype)
    if sum(array.nbytes for array in arrays.values()) != size:
        raise ValueError("the arrays do not add up to the payload")
    return arrays
