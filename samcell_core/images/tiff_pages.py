"""Pixels of a TIFF file by region: only the tiles or strips that it touches are decoded."""

from __future__ import annotations

import itertools
import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import ImageError
from samcell_core.images.lazy import full_key, keep_axes
from samcell_core.images.quiet import quiet

__all__ = ["TiffPages"]

_CACHE_BYTES = 64 * 2**20
_MOST_CACHE_BYTES = 2**30
_JPEG = (6, 7, 34892, 33007)  # the compressions whose tables lie outside the segments

Bounds = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class _Page:
    path: Path
    offsets: tuple[int, ...]
    byte_counts: tuple[int, ...]
    decode: Callable[..., Any] | None  # None where the pixels lie there as they are
    tables: dict[str, bytes | None]


class TiffPages:
    """Pages of equal shape as one array (leading axes, then those of a page).

    Files are opened for each reading and closed again. Decoded segments are kept as far as the
    rows last asked for reach, so reading window by window, band after band, decodes each once.

    Parameters
    ----------
    pages
        The pages in order. Their files must still be open.
    shape
        Shape of the whole: leading axes, then the axes of a page.
    axes
        A letter for each of them.
    name
        Name of the file, for messages.
    """

    def __init__(
        self, pages: list[Any], shape: tuple[int, ...], axes: str, dtype: Any, name: str
    ) -> None:
        self.shape = shape
        self.dtype = np.dtype(dtype)
        self._name = name
        keyframe = pages[0].keyframe
        # All that takes an open file is asked for now.
        self._stored = self.dtype.newbyteorder(keyframe.parent.byteorder)
        self._nodata = keyframe.nodata
        self._tiled = bool(keyframe.is_tiled)
        self._full = tuple(int(size) for size in keyframe.shaped)
        self._leading = _leading_axes(shape, axes, math.prod(self._full))
        if self._leading < 0 or math.prod(shape[: self._leading]) != len(pages):
            raise ImageError(
                f"{name} describes the shape {shape} but holds {len(pages)} pages of "
                f"{keyframe.imagelength} x {keyframe.imagewidth} pixels: it is cut off or damaged, "
                "so copy or export it again."
            )
        self._page_axes = _positions(axes[self._leading :], self._full)
        self._segment = _segment_shape(keyframe, self._full)
        self._grid = tuple(
            math.ceil(size / step) for size, step in zip(self._full, self._segment, strict=True)
        )
        self._pages = [_read_table(page) for page in pages]
        self._check_complete()
        self._cache: OrderedDict[tuple[int, int], NDArray[Any]] = OrderedDict()
        self._cached = 0
        self._lock = threading.Lock()

    def __getitem__(self, key: Any) -> NDArray[Any]:
        whole = full_key(key, len(self.shape))
        positions, drop = keep_axes(whole, self.shape)
        leading, inner = positions[: self._leading], positions[self._leading :]
        result = np.empty([len(wanted) for wanted in positions], self.dtype)
        if result.size == 0:
            return result[drop]
        bounds = [(0, 1)] * 5
        for axis, wanted in zip(self._page_axes, inner, strict=True):
            bounds[axis] = (int(wanted.min()), int(wanted.max()) + 1)
        within = np.ix_(*(wanted - wanted.min() for wanted in inner))
        for place in itertools.product(*(range(len(wanted)) for wanted in leading)):
            number = 0
            for at, wanted, size in zip(place, leading, self.shape, strict=False):
                number = number * size + int(wanted[at])
            region = self._read(number, tuple(bounds))
            region = region.reshape([region.shape[axis] for axis in self._page_axes])
            result[place] = region[within]
        return result[drop]

    def _read(self, number: int, bounds: Bounds) -> NDArray[Any]:
        page = self._pages[number]
        try:
            if page.decode is None:
                mapped = np.memmap(page.path, self._stored, "r", page.offsets[0], self._full)
                return np.array(mapped[tuple(slice(*ends) for ends in bounds)], self.dtype)
            with page.path.open("rb") as file, quiet():
                return self._assemble(number, file, bounds)
        except ImageError:
            raise
        except Exception as error:  # decoders raise whatever they like
            raise ImageError(
                f"Page {number} of {self._name} cannot be decoded ({error}): the file is damaged "
                "or of an unsupported kind, so export it again."
            ) from error

    def _assemble(self, number: int, file: Any, bounds: Bounds) -> NDArray[Any]:
        result = np.empty([end - start for start, end in bounds], self.dtype)
        touched = [
            range(start // step, (end - 1) // step + 1)
            for (start, end), step in zip(bounds, self._segment, strict=True)
        ]
        room = self._room(bounds, touched)
        for place in itertools.product(*touched):
            index = 0
            for at, count in zip(place, self._grid, strict=True):
                index = index * count + at
            segment = self._segment_of(number, index, file, room)
            origin = [at * step for at, step in zip(place, self._segment, strict=True)]
            into, out_of = [], []
            for (start, end), corner, size in zip(bounds, origin, segment.shape, strict=True):
                low, high = max(start, corner), min(end, corner + size)
                into.append(slice(low - start, high - start))
                out_of.append(slice(low - corner, high - corner))
            result[tuple(into)] = segment[tuple(out_of)]
        return result

    def _room(self, bounds: Bounds, touched: list[range]) -> int:
        """Bytes of decoded segments to keep, for the window beside this one and the band below."""
        padded = [len(places) * step for places, step in zip(touched, self._segment, strict=True)]
        row: int = padded[0] * padded[1] * self._grid[3] * self._segment[3] * padded[4]
        row *= self.dtype.itemsize
        height = self._segment[2]
        least = max(_CACHE_BYTES, 2 * height * row)
        top, bottom = bounds[2]
        if bounds[3] == (0, self._full[3]):
            return least  # whole rows: no window beside it will ask for them again
        return max(least, min(_MOST_CACHE_BYTES, (bottom - top + 2 * height) * row))

    def _segment_of(self, number: int, index: int, file: Any, room: int) -> NDArray[Any]:
        """One tile or strip as (sample, depth, height, width, samples), cut to the image."""
        with self._lock:
            found = self._cache.get((number, index))
            if found is not None:
                self._cache.move_to_end((number, index))
                return found
        page = self._pages[number]
        origin = np.unravel_index(index, self._grid)
        size = [
            min(step, full - int(at) * step)
            for at, step, full in zip(origin, self._segment, self._full, strict=True)
        ]
        if page.byte_counts[index] == 0:
            # Slide scanners leave out tiles without tissue.
            return np.full(size, self._nodata, self.dtype)
        file.seek(page.offsets[index])
        encoded = file.read(page.byte_counts[index])
        assert page.decode is not None
        decoded = page.decode(encoded, index, **page.tables)[0]
        segment: NDArray[Any] = decoded[tuple(slice(length) for length in size[1:])][np.newaxis]
        if list(segment.shape) != size:
            raise ValueError(f"segment {index} has the shape {segment.shape[1:]}")
        with self._lock:
            if (number, index) not in self._cache:  # another thread may have been faster
                self._cache[(number, index)] = segment
                self._cached += segment.nbytes
            while self._cached > room and len(self._cache) > 1:
                self._cached -= self._cache.popitem(last=False)[1].nbytes
        return segment

    def _check_complete(self) -> None:
        """Refuse a file that ends before its pixels do, when it is opened and not at plane 700."""
        sizes: dict[Path, int] = {}
        wanted = math.prod(self._grid)
        for number, page in enumerate(self._pages):
            size = sizes.setdefault(page.path, page.path.stat().st_size)
            if page.decode is None:
                ends = [page.offsets[0] + math.prod(self._full) * self.dtype.itemsize]
                complete = True
            else:
                counts = page.byte_counts
                ends = [o + n for o, n in zip(page.offsets, counts, strict=False) if n]
                complete = min(len(page.offsets), len(counts)) >= wanted and bool(ends)
                # Tiles may be left out, rows of an image may not.
                complete = complete and (self._tiled or 0 not in counts[:wanted])
            if not complete or max(ends) > size:
                raise ImageError(
                    f"{self._name} is cut off: the pixels of page {number} are not all there, "
                    "so copy or export it again."
                )


def _leading_axes(shape: tuple[int, ...], axes: str, page_size: int) -> int:
    """Number of axes in front of those of a page; -1 where the shapes do not fit."""
    for leading in range(min(axes.index("Y"), axes.index("X")), -1, -1):
        if math.prod(shape[leading:]) == page_size:
            return leading
    return -1


def _positions(axes: str, full: tuple[int, ...]) -> list[int]:
    """Place of each axis of a page in (sample, depth, height, width, samples)."""
    before = [axis for axis in (0, 1) if full[axis] > 1]
    front = axes[: axes.index("Y")]
    places = before[-len(front) :] if front else []
    return [*places, 2, 3, *([4] if axes[-1] != "X" else [])]


def _segment_shape(keyframe: Any, full: tuple[int, ...]) -> tuple[int, ...]:
    if keyframe.is_tiled:
        return (1, keyframe.tiledepth, keyframe.tilelength, keyframe.tilewidth, full[4])
    return (1, 1, min(keyframe.rowsperstrip, full[2]), full[3], full[4])


def _read_table(page: Any) -> _Page:
    keyframe = page.keyframe
    tables = {}
    if keyframe.compression in _JPEG:
        tables = {"jpegtables": page.jpegtables, "jpegheader": keyframe.jpegheader}
    return _Page(
        path=Path(page.parent.filehandle.path),
        offsets=tuple(page.dataoffsets),
        byte_counts=tuple(page.databytecounts),
        decode=None if page.is_final and page.dataoffsets else keyframe.decode,
        tables=tables,
    )
