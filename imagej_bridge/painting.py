"""Shapes become labels: one number a cell, overlaps by a rule and counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagej_bridge.filling import Patch
from imagej_bridge.planes import Position, matching_planes, stack_axes
from samcell_core.errors import ImageError

__all__ = ["Cell", "DrawnCells", "Shape", "paint"]


_ANYWHERE = Position()


@dataclass(frozen=True)
class Cell:
    """One cell of one plane.

    Attributes
    ----------
    name
        Its name in the file.
    label, plane
        Its number in the labels, and its plane, counted from 0 over all axes before Y and X.
    position
        Its position in the file.
    confidence
        0 to 1; NaN where the file tells none.
    """

    name: str
    label: int
    plane: int
    position: Position
    confidence: float


@dataclass(frozen=True, eq=False)
class DrawnCells:
    """Labels made of drawn shapes.

    Where shapes overlap, a pixel stays with the one that comes first in the file.

    Attributes
    ----------
    labels, axes
        uint16, or uint32 where a number is above 65,535; 0 outside cells.
    cells
        The cells, in the order of the file.
    overlapping
        Pixels that a later shape claimed too, and did not get.
    lost
        Names of shapes of which no pixel is left: outside the image, thinner than a pixel, or
        wholly under earlier ones.
    without_area
        Names of what is no cell: points, lines, texts.
    """

    labels: NDArray[Any]
    axes: str
    cells: tuple[Cell, ...]
    overlapping: int
    lost: tuple[str, ...]
    without_area: tuple[str, ...]


@dataclass(frozen=True)
class Shape:
    """One shape of a file: how to fill it, and what the file says of it.

    ``label`` is the number that it asks for, 0 for any.
    """

    name: str
    fill: Callable[[int, int], Patch] | None
    position: Position = _ANYWHERE
    label: int = 0
    confidence: float = float("nan")


def paint(shapes: Sequence[Shape], shape: tuple[int, ...], axes: str) -> DrawnCells:
    """Labels of an image of this shape.

    A shape keeps the number it asks for where it is the first of its plane to do so and the number
    is at most 65,535 or the number of pixels of the plane. All others get, in the order of the
    file, the lowest numbers that are free.
    """
    if any(size < 1 for size in shape):
        raise ImageError(f"An image of the shape {shape} has no pixels: give its real shape.")
    axes = stack_axes(axes, shape, "the image")
    height, width = shape[-2:]
    planes = [
        matching_planes(one.position, shape, axes, one.name) if one.fill else [] for one in shapes
    ]
    wanted, taken = _wanted(shapes, planes, max(65535, height * width))
    labels = np.zeros((int(np.prod(shape[:-2], dtype=np.int64)), height, width), np.uint32)
    cells: list[Cell] = []
    lost: list[str] = []
    overlapping = 0
    last = [0] * len(labels)
    for index, one in enumerate(shapes):
        if one.fill is None:
            continue
        mask, top, left = one.fill(height, width)
        for plane in planes[index]:
            area = labels[plane, top : top + mask.shape[0], left : left + mask.shape[1]]
            free = mask & (area == 0)
            overlapping += int(np.count_nonzero(mask)) - int(np.count_nonzero(free))
            if not free.any():
                lost.append(one.name)
                continue
            number = wanted.get((plane, index), 0)
            while not number:
                last[plane] += 1
                number = 0 if (plane, last[plane]) in taken else last[plane]
            area[free] = number
            cells.append(Cell(one.name, number, plane, one.position, one.confidence))
    dtype = np.uint16 if labels.max(initial=0) <= 65535 else np.uint32
    return DrawnCells(
        labels=labels.reshape(shape).astype(dtype),
        axes=axes,
        cells=tuple(cells),
        overlapping=overlapping,
        lost=tuple(lost),
        without_area=tuple(one.name for one in shapes if one.fill is None),
    )


def _wanted(
    shapes: Sequence[Shape], planes: list[list[int]], largest: int
) -> tuple[dict[tuple[int, int], int], set[tuple[int, int]]]:
    """Numbers that are granted by plane and shape, and which of each plane are taken thereby."""
    granted: dict[tuple[int, int], int] = {}
    taken: set[tuple[int, int]] = set()
    for index, one in enumerate(shapes):
        for plane in planes[index]:
            if 0 < one.label <= largest and (plane, one.label) not in taken:
                granted[plane, index] = one.label
                taken.add((plane, one.label))
    return granted, taken
