"""What one annotated image is like: its size, its cells, and labels that look wrong."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from samcell_core.errors import ImageError
from samcell_core.images import read_image
from samcell_core.training.pairs import Pair
from samcell_core.training.reading import read_with_notes

__all__ = ["ImageReport", "examine", "judge"]

_ODD = 3.0  # how many times larger or smaller than usual the diameter of a suspicious cell is
_ENOUGH = 8  # cells of an image that tell what is usual there


@dataclass(frozen=True, eq=False)
class ImageReport:
    """One annotated image.

    Attributes
    ----------
    name, set, image
        As the `Annotated` has them.
    height, width
        In pixels; 0 where the image cannot be read.
    type
        Of its pixels, such as ``uint16`` or ``RGB uint8``.
    diameters
        Of each cell, that of the circle of the same area.
    at_border
        Whether each cell touches the border of the image.
    in_pieces, with_holes
        Cells of several separate parts, and cells with holes.
    tiny, huge
        Cells of less than a third, or more than three times, the usual diameter: the median of
        the image where it has at least 8 cells, else that of its set. Cells at the border may be
        small.
    overlapping
        Pixels that several cells claimed.
    duplicate_of
        Name of an earlier image with the same pixels; empty where there is none.
    content
        Checksum of the image's grey values.
    notes
        Things worth knowing, each a sentence.
    problem
        Why it cannot be trained on; empty where it can.
    """

    name: str
    set: str
    image: Path
    height: int = 0
    width: int = 0
    type: str = ""
    diameters: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    at_border: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    in_pieces: int = 0
    with_holes: int = 0
    tiny: int = 0
    huge: int = 0
    overlapping: int = 0
    duplicate_of: str = ""
    content: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""

    @property
    def cells(self) -> int:
        """Number of cells."""
        return len(self.diameters)

    @property
    def cut(self) -> int:
        """Number of cells that touch the border of the image."""
        return int(np.count_nonzero(self.at_border))

    @property
    def suspicious(self) -> int:
        """Number of suspicious labels; a cell counts for each reason."""
        return self.in_pieces + self.with_holes + self.tiny + self.huge

    def to_dict(self) -> dict[str, Any]:
        """Plain values: a row of a table."""
        median = float(np.median(self.diameters)) if self.cells else math.nan
        return {
            "name": self.name,
            "set": self.set,
            "image": str(self.image),
            "height": self.height,
            "width": self.width,
            "type": self.type,
            "cells": self.cells,
            "median_diameter": median,
            "cut": self.cut,
            "in_pieces": self.in_pieces,
            "with_holes": self.with_holes,
            "tiny": self.tiny,
            "huge": self.huge,
            "overlapping": self.overlapping,
            "duplicate_of": self.duplicate_of,
            "notes": " ".join(self.notes),
            "problem": self.problem,
        }


def judge(reports: Sequence[ImageReport]) -> tuple[ImageReport, ...]:
    """The same with what only others tell: cells of odd sizes, and duplicates."""
    diameters: dict[str, list[NDArray[np.float64]]] = {}
    for each in reports:
        diameters.setdefault(each.set, []).append(each.diameters)
    usual = {
        name: float(np.median(whole)) if (whole := np.concatenate(parts)).size else 0.0
        for name, parts in diameters.items()
    }
    first: dict[str, str] = {}
    judged = []
    for each in reports:
        size = float(np.median(each.diameters)) if each.cells >= _ENOUGH else usual[each.set]
        # Refused images have no content, and are no duplicates.
        original = first.setdefault(each.content, each.name) if each.content else each.name
        judged.append(
            replace(
                each,
                tiny=int(np.count_nonzero((each.diameters * _ODD < size) & ~each.at_border)),
                huge=int(np.count_nonzero(each.diameters > _ODD * size)),
                duplicate_of="" if original == each.name else original,
            )
        )
    return tuple(judged)


def examine(pair: Pair) -> ImageReport:
    """Read and measure one image; what cannot be read is a problem, not an error."""
    name = pair.name or f"{pair.set}/{pair.image.name}"
    try:
        height, width, kind = _format(pair.image)
    except ImageError as error:
        return ImageReport(name, pair.set, pair.image, problem=str(error))
    try:
        grey, drawn = read_with_notes(pair)
    except ImageError as error:
        return ImageReport(name, pair.set, pair.image, height, width, kind, problem=str(error))
    labels = drawn.labels
    edges = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    diameters = np.sqrt(4 / np.pi * np.bincount(labels.ravel())[1:])
    in_pieces, with_holes = _shapes(labels)
    return ImageReport(
        name,
        pair.set,
        pair.image,
        height,
        width,
        kind,
        diameters=diameters,
        at_border=np.isin(np.arange(1, len(diameters) + 1), edges),
        in_pieces=in_pieces,
        with_holes=with_holes,
        overlapping=drawn.overlapping,
        content=hashlib.sha256(f"{grey.shape}".encode() + grey.tobytes()).hexdigest(),
        notes=drawn.notes,
    )


def _format(path: Path) -> tuple[int, int, str]:
    image = read_image(path)
    sizes = dict(zip(image.axes, image.data.shape, strict=True))
    colours = "RGB " if sizes.get("S", 1) > 2 else ""
    return int(sizes["Y"]), int(sizes["X"]), f"{colours}{np.dtype(image.data.dtype).name}"


def _shapes(labels: NDArray[np.int32]) -> tuple[int, int]:
    """How many cells are of several parts, and how many have holes."""
    in_pieces = with_holes = 0
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        own = np.pad((labels[box] == number).view(np.uint8), 1)
        in_pieces += cv2.connectedComponents(own, connectivity=8)[0] > 2
        with_holes += cv2.connectedComponents(1 - own, connectivity=4)[0] > 2
    return in_pieces, with_holes
