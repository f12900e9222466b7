"""Frames: a JSON header, then the bytes of arrays. Nothing in them is trusted."""

from __future__ import annotations

import io
import json
import math
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.worker.faults import FaultError

__all__ = [
    "MOST_HEADER",
    "BrokenStreamError",
    "EncodedFrame",
    "EndOfStreamError",
    "Frame",
    "encode",
    "read_frame",
]

MOST_HEADER = 1 << 20
"""Bytes of a header."""

EncodedFrame = list[bytes | memoryview]
"""Its parts, in order."""

_Described = tuple[str, np.dtype[Any], tuple[int, ...]]

_MAGIC = b"SAMCELL1"
_START = struct.Struct("<8sIQ")
_DTYPES = {
    name: np.dtype(name) if sys.byteorder == "little" else np.dtype(name).newbyteorder("<")
    for name in (
        "bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 float32 float64".split()  # noqa: SIM905
    )
}
_MOST_AXES = 8
_MOST_NAME = 200
_SKIPPED_AT_MOST = 8  # times the limit of a payload
_CHUNK = 1 << 20


class EndOfStreamError(Exception):
    """The input ended where a frame might have begun."""


class BrokenStreamError(Exception):
    """Nothing tells any more where the next frame begins."""


@dataclass
class Frame:
    """A header without its ``arrays``, and these by name."""

    header: dict[str, Any]
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    size: int = 0


def read_frame(source: io.RawIOBase, *, limit: int, room: int) -> Frame:
    """Read a frame.

    Parameters
    ----------
    source
        Unbuffered input.
    limit
        Bytes that a payload may have at most.
    room
        Bytes that are free for it now.

    Raises
    ------
    FaultError
        The frame cannot be used and was skipped; the next one may follow.
    BrokenStreamError, EndOfStreamError
        There is no next one.
    """
    start = bytearray(_START.size)
    count = source.readinto(start)
    if not count:
        raise EndOfStreamError
    _fill(source, memoryview(start)[count:])
    magic, length, size = _START.unpack(start)
    if magic != _MAGIC:
        raise BrokenStreamError(f"a frame begins with {_MAGIC!r}, not with {magic!r}")
    if not 1 <= length <= MOST_HEADER:
        raise BrokenStreamError(f"a header has 1 to {MOST_HEADER:,} bytes, not {length:,}")
    if size > _SKIPPED_AT_MOST * limit:
        raise BrokenStreamError(f"a payload has at most {limit:,} bytes, not {size:,}")
    text = bytearray(length)
    _fill(source, memoryview(text))
    try:
        header = _header(text)
        described = _described(header, size)
        arrays = _space(header, described, limit, room)
    except FaultError:
        _skip(source, size)
        raise
    for name, array in arrays.items():
        if array.size:
            _fill(source, array.reshape(-1).view(np.uint8).data)
        if array.dtype == np.bool_:  # any byte but 0 is true
            arrays[name] = array.view(np.uint8) != 0
    return Frame(header, arrays, size)


def encode(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> EncodedFrame:
    """Return the parts of a frame, in order; values that are no numbers become null."""
    parts = {
        name: np.asarray(array, dtype=array.dtype.newbyteorder("<"), order="C")
        for name, array in arrays.items()
    }
    described = [
        {"name": name, "dtype": part.dtype.name, "shape": list(part.shape)}
        for name, part in parts.items()
    ]
    fields = _plain({**header, "arrays": described} if described else header)
    text = json.dumps(fields, allow_nan=False).encode("ascii")
    if len(text) > MOST_HEADER:
        raise ValueError(f"a reply's header has {len(text):,} bytes")
    start = _START.pack(_MAGIC, len(text), sum(part.nbytes for part in parts.values()))
    flat = (part.reshape(-1).view(np.uint8) for part in parts.values() if part.size)
    return [start + text, *(part.data for part in flat)]


def _header(text: bytearray) -> dict[str, Any]:
    try:
        header = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FaultError("protocol", f"The header of a request is no JSON ({error}).") from error
    if not isinstance(header, dict):
        raise FaultError("protocol", "The header of a request has to be a JSON object.")
    return header


def _described(header: dict[str, Any], size: int) -> list[_Described]:
    """Take the description of the arrays out of a header."""
    number = header.get("id")
    arrays = header.pop("arrays", None)
    described = []
    for each in _list(arrays, number):
        name, dtype, shape = (each.get(key) for key in ("name", "dtype", "shape"))
        if not isinstance(name, str) or len(name) > _MOST_NAME:
            raise FaultError("protocol", "An array of a request has no name.", number)
        if not isinstance(dtype, str) or dtype not in _DTYPES:
            raise FaultError(
                "request",
                f"The array {name!r} is of the type {str(dtype)[:80]!r}: give one of "
                f"{', '.join(_DTYPES)}.",
                number,
            )
        if (
            not isinstance(shape, list)
            or len(shape) > _MOST_AXES
            or not all(type(side) is int and 0 <= side < 2**63 for side in shape)
        ):
            raise FaultError("protocol", f"The array {name!r} has no proper shape.", number)
        described.append((name, _DTYPES[dtype], tuple(shape)))
    if len({name for name, *_ in described}) < len(described):
        raise FaultError("protocol", "Two arrays of a request have the same name.", number)
    told = sum(math.prod(shape) * dtype.itemsize for _, dtype, shape in described)
    if told != size:
        raise FaultError(
            "protocol",
            f"The arrays of a request add up to {told:,} bytes, but its payload has {size:,}.",
            number,
        )
    return described


def _list(arrays: Any, number: Any) -> list[dict[str, Any]]:
    if arrays is None:
        return []
    if not isinstance(arrays, list) or not all(isinstance(each, dict) for each in arrays):
        raise FaultError(
            "protocol", "The arrays of a request have to be a list of objects.", number
        )
    return arrays


def _space(
    header: Mapping[str, Any], described: list[_Described], limit: int, room: int
) -> dict[str, NDArray[Any]]:
    """Arrays that the payload goes into."""
    number = header.get("id")
    size = sum(math.prod(shape) * dtype.itemsize for _, dtype, shape in described)
    if size > limit:
        raise FaultError(
            "memory",
            f"The image has {size / 2**30:.1f} GB, and the engine takes at most "
            f"{limit / 2**30:.1f} GB at a time on this computer: cut it into parts, or use "
            "samcell-cli run, which reads images piece by piece.",
            number,
        )
    try:
        if size > room:
            raise MemoryError
        return {name: np.empty(shape, dtype) for name, dtype, shape in described}
    except MemoryError:
        raise FaultError(
            "memory",
            f"There is not enough memory for {size / 2**30:.1f} GB more: wait for the images that "
            "were sent before, or close other programs.",
            number,
        ) from None


def _fill(source: io.RawIOBase, view: memoryview) -> None:
    while view:
        count = source.readinto(view)
        if not count:
            raise BrokenStreamError(
                f"the input ended {len(view):,} bytes before the end of a frame"
            )
        view = view[count:]


def _skip(source: io.RawIOBase, size: int) -> None:
    scratch = memoryview(bytearray(min(size, _CHUNK)))
    while size:
        count = min(size, len(scratch))
        _fill(source, scratch[:count])
        size -= count


def _plain(value: Any) -> Any:
    """Values as JSON knows them."""
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
