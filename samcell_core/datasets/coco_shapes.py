"""Cells of COCO files: polygons and run lengths become pixels."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.draw import polygon

from samcell_core.errors import ImageError
from samcell_core.training.annotation import Drawn

__all__ = ["CocoCells", "Polygons", "RunLengths", "as_shape"]


@dataclass(frozen=True, eq=False)
class Polygons:
    """A cell of one or several parts, each a polygon (n, 2) of x and y.

    x and y count from the upper left corner of the image, so that the centre of the first pixel
    lies at 0.5, 0.5. A pixel is of the cell if its centre is in one of the parts.
    """

    parts: tuple[NDArray[np.float64], ...]

    def pixels(self, height: int, width: int) -> NDArray[np.int64]:
        """Places of its pixels, counted along the rows of the image, each once."""
        places = [
            rows * width + columns
            for rows, columns in (
                polygon(part[:, 1] - 0.5, part[:, 0] - 0.5, (height, width)) for part in self.parts
            )
        ]
        whole: NDArray[np.int64] = np.unique(np.concatenate(places)).astype(np.int64)
        return whole

    def content(self) -> bytes:
        """What tells it from other cells."""
        return b"".join(f"{len(part)};".encode() + part.tobytes() for part in self.parts)


@dataclass(frozen=True, eq=False)
class RunLengths:
    """A cell as pixels outside, inside, outside ... down the columns of an image of some size."""

    counts: NDArray[np.int64]
    size: tuple[int, int]

    def pixels(self, height: int, width: int) -> NDArray[np.int64]:
        """Places of its pixels, counted along the rows of the image, each once."""
        if self.size != (height, width):
            raise ValueError(
                f"its mask is of {self.size[0]} x {self.size[1]} pixels and the image has "
                f"{height} x {width}"
            )
        ends = np.cumsum(self.counts)
        starts, lengths = (ends - self.counts)[1::2], self.counts[1::2]
        before = np.cumsum(lengths) - lengths
        down = np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)
        column, row = np.divmod(down, height)
        places: NDArray[np.int64] = row * width + column
        return places

    def content(self) -> bytes:
        """What tells it from other cells."""
        return f"{self.size};".encode() + self.counts.tobytes()


@dataclass(frozen=True)
class CocoCells:
    """Cells of one image of a COCO file.

    A pixel that several cells claim goes to the smallest of them, as what lies on a larger cell
    would be hidden else; among equal ones to the first.

    Attributes
    ----------
    path
        The COCO file, for messages.
    image
        Name of the image there.
    size
        Its height and width there, where said.
    cells
        Number of each annotation, and its shape.
    """

    path: Path
    image: str
    size: tuple[int, int] | None
    cells: tuple[tuple[str, Polygons | RunLengths], ...]

    def draw(self, shape: tuple[int, int]) -> Drawn:
        """Labels of an image of this height and width. Raises `ImageError`."""
        height, width = shape
        if self.size is not None and self.size != shape:
            raise ImageError(
                f"{self.path} says that {self.image} has {self.size[0]} x {self.size[1]} pixels "
                f"and the image has {height} x {width}: give the image that was annotated."
            )
        places = [self._pixels(number, cell, height, width) for number, cell in self.cells]
        labels = np.zeros(height * width, np.int32)
        claims = np.zeros(height * width, np.int32)
        # The smallest last, and of equal ones the first.
        for index in sorted(range(len(places)), key=lambda at: (-len(places[at]), -at)):
            labels[places[index]] = index + 1
            claims[places[index]] += 1
        overlapping = int(np.count_nonzero(claims > 1))
        notes = []
        if overlapping:
            notes.append(f"Cells overlap in {overlapping} pixels, which count for the smaller one.")
        left = np.bincount(labels, minlength=len(places) + 1)[1:]
        hidden = int(np.count_nonzero(left == 0))
        if hidden:
            notes.append(
                f"{hidden} cells have no pixel of their own (thinner than a pixel, outside the "
                "image, or drawn twice) and were left out."
            )
        return Drawn(labels.reshape(shape), overlapping, tuple(notes))

    def digest(self) -> str:
        """Checksum of the cells."""
        digest = hashlib.sha256(str(self.size).encode())
        for _, cell in self.cells:
            digest.update(cell.content() + b"|")
        return digest.hexdigest()

    def _pixels(
        self, number: str, cell: Polygons | RunLengths, height: int, width: int
    ) -> NDArray[np.int64]:
        try:
            return cell.pixels(height, width)
        except ValueError as error:
            raise ImageError(
                f"Annotation {number} of {self.path} does not fit {self.image} ({error}): give the "
                "image that was annotated."
            ) from error


def as_shape(segmentation: Any) -> Polygons | RunLengths:
    """A cell from what COCO calls its segmentation. Raises `ValueError` where it is none."""
    if isinstance(segmentation, dict):
        return _run_lengths(segmentation)
    if not isinstance(segmentation, list) or not segmentation:
        raise ValueError("it has no outline")
    if not all(isinstance(part, list) for part in segmentation):
        raise ValueError("its outline is no list of polygons")
    return Polygons(tuple(_part(part) for part in segmentation))


def _part(values: Sequence[Any]) -> NDArray[np.float64]:
    if len(values) < 6 or len(values) % 2:
        raise ValueError(f"a polygon has {len(values)} numbers, not x and y of 3 or more corners")
    try:
        corners = np.array(values, np.float64).reshape(-1, 2)
    except (TypeError, ValueError) as error:
        raise ValueError("a polygon holds what is no number") from error
    if not np.isfinite(corners).all():
        raise ValueError("a polygon holds NaN or infinity")
    return corners


def _run_lengths(segmentation: dict[str, Any]) -> RunLengths:
    size, counts = segmentation.get("size"), segmentation.get("counts")
    if not (isinstance(size, list) and len(size) == 2 and all(_is_count(each) for each in size)):
        raise ValueError("its mask says no height and width")
    if isinstance(counts, str):
        counts = _decompressed(counts)
    if not (isinstance(counts, list) and all(_is_count(count) for count in counts)):
        raise ValueError("its mask holds no run lengths")
    if sum(counts) != math.prod(size):
        raise ValueError(f"its mask tells of {sum(counts)} pixels, not of {size[0]} x {size[1]}")
    return RunLengths(np.array(counts, np.int64), (size[0], size[1]))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**40


def _decompressed(text: str) -> list[int]:
    """Run lengths from the text that COCO makes of them.

    Each number is written in groups of 5 bits, the lowest first, as characters from ``0`` on; a
    sixth bit says that more follow, and the highest bit of the last group is the sign. From the
    fourth on, they are differences to the number two before.
    """
    counts: list[int] = []
    number = shift = 0
    for character in text:
        group = ord(character) - 48
        if not 0 <= group < 64 or shift > 60:
            raise ValueError("its mask is no compressed run lengths")
        number |= (group & 31) << shift
        shift += 5
        if group & 32:
            continue
        if group & 16:
            number -= 1 << shift
        counts.append(number + counts[-2] if len(counts) > 2 else number)
        number = shift = 0
    if shift:
        raise ValueError("its mask ends too early")
    return counts
