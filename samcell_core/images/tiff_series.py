"""Images of several TIFF files, as OME-TIFF and Micro-Manager link them: which file stands for one.

tifffile reads the whole series from each of its files. Here each image has one file that stands
for it: the one that it begins in, unless another image begins there before it.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import tifffile

from samcell_core.images.quiet import quiet

__all__ = ["choose_series", "files_of_image"]

_DESCRIPTION = 270
_MOST_TAGS = 4096
_LAYOUTS = {  # by version: format of offsets, of the number of tags, of a tag up to its value
    42: ("I", "H", "HHI"),
    43: ("Q", "Q", "HHQ"),
}
_MICRO_MANAGER = (54773648, 483729)  # where its index stands, and where NDTiff's version does
_OWN_UUID = re.compile(rb"<(?:\w+:)?OME\b[^>]*\bUUID\s*=\s*[\"']([^\"']*)")
_UUID = re.compile(rb"<(?:\w+:)?UUID\b[^>]*>([^<]*)")
_FILE_NAME = re.compile(rb"\bFileName\s*=\s*[\"']([^\"']*)")


def choose_series(
    file: tifffile.TiffFile, path: Path
) -> tuple[tifffile.TiffPageSeries, tuple[str, ...]]:
    """The series that is read from a file, and what is worth knowing of others.

    Parameters
    ----------
    file
        The open file.
    path
        What messages call it.
    """
    candidates = _candidates(file)
    images = [_places(series) for series in candidates]
    own = _place(file)
    here = _read_from(own, images)
    series, notes = candidates[here[0]], []
    if len(here) > 1:
        shape = tuple(int(size) for size in series.shape)
        notes.append(
            f"{path} holds {len(here)} images; only the first, of the shape {shape}, is read."
        )
    places = images[here[0]]
    if places != [own]:
        first, last = (Path(places[end]).name for end in (0, -1))
        notes.append(
            f"{path.name} belongs to a series of {len({own, *places})} files, {first} to {last}, "
            "which are read as one image."
        )
    return series, tuple(notes)


def files_of_image(path: Path) -> tuple[Path, ...]:
    """Files that all give the image that is read from this one, links followed; else it alone.

    The one that the image begins in comes first. Only the head of an ordinary file is looked at;
    one that cannot be read stands alone, for to open it says why.
    """
    alone = (path,)
    try:
        if not _may_be_a_part(path):
            return alone
        with quiet(), tifffile.TiffFile(path) as file:
            own, images = _place(file), [_places(series) for series in _candidates(file)]
    except Exception:  # tifffile raises whatever a damaged file leads to
        return alone
    number = _read_from(own, images)[0]
    places = dict.fromkeys([*images[number], own])
    return tuple(Path(place) for place in places if _read_from(place, images)[0] == number)


def _candidates(file: tifffile.TiffFile) -> list[tifffile.TiffPageSeries]:
    whole = [series for series in file.series if not series.keyframe.is_reduced]
    return whole or list(file.series)


def _places(series: tifffile.TiffPageSeries) -> list[str]:
    """The files of a series, in the order of its planes."""
    pages = series if series.is_multifile else [series.keyframe]
    return list(dict.fromkeys(_place(page.parent) for page in pages if page is not None))


def _place(file: Any) -> str:
    return str(file.filehandle.path)


def _read_from(place: str, images: Sequence[Sequence[str]]) -> list[int]:
    """Numbers of the images that begin in a file, else of those that go on there, else of all."""
    begun = [number for number, places in enumerate(images) if places[0] == place]
    parts = [number for number, places in enumerate(images) if place in places]
    return begun or parts or list(range(len(images)))


def _may_be_a_part(path: Path) -> bool:
    """Whether a file may share its image with others, as far as its head says."""
    with path.open("rb") as file:
        head = file.read(16)
        order = {b"II": "<", b"MM": ">"}.get(head[:2])
        if order is None or len(head) < 16:
            return False
        if struct.unpack_from(f"{order}I", head, 8)[0] in _MICRO_MANAGER:
            return True
        description = _description(file, head, order)
    if not description[-16:].rstrip(b"\0\t\r\n ").endswith(b"OME>"):
        return False
    own_uuid = _OWN_UUID.search(description)
    if own_uuid is not None:  # it holds also where the file was renamed
        return any(uuid != own_uuid[1] for uuid in _UUID.findall(description))
    own = path.name.encode("utf-8", "replace").lower()
    return any(name.lower() != own for name in _FILE_NAME.findall(description))


def _description(file: BinaryIO, head: bytes, order: str) -> bytes:
    """The description of the first page; empty where there is none."""
    layout = _LAYOUTS.get(struct.unpack_from(f"{order}H", head, 2)[0])
    if layout is None:
        return b""
    offset, count, tag = (order + part for part in layout)
    width = struct.calcsize(offset)
    file.seek(struct.unpack_from(offset, head, width)[0])
    (tags,) = struct.unpack(count, file.read(struct.calcsize(count)))
    step = struct.calcsize(tag) + width
    entries = file.read(min(tags, _MOST_TAGS) * step)
    for start in range(0, len(entries) - step + 1, step):
        code, _, length = struct.unpack_from(tag, entries, start)
        if code == _DESCRIPTION:
            file.seek(struct.unpack_from(offset, entries, start + step - width)[0])
            return file.read(min(length, os.fstat(file.fileno()).st_size))
    return b""
