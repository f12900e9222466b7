"""Cutting planes of any size into overlapping tiles, and blending what comes back, row by row.

The grid is that of the published program: tiles of 256 pixels whose starts are 192 apart, the last
one ending 32 pixels beyond the border, where the image is mirrored. Neighbours share at least 64
pixels and fade into each other along a cosine of 32. Where the published program is wrong (first
row and column, sides of 192 n + 1..31, small images), the rules in `AxisPlan` hold instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["AxisPlan", "TilePlan", "blend", "cut"]

_MARGIN = 32


class Readable(Protocol):
    """A plane of which regions can be read."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        ...

    def read(self, top: int, bottom: int, left: int, right: int) -> NDArray[Any]:
        """Pixels of a region inside the plane."""
        ...


@dataclass(frozen=True)
class AxisPlan:
    """Tiles along one side of ``length`` pixels.

    Tile i starts at min(192 i, length - 224). Where that gives a start twice, the tile is computed
    once and counts twice, as it does in the published program. A side of up to 192 pixels has one
    tile with the image in its middle. The border of the image is no place to fade: there a
    tile has its full weight.
    """

    length: int
    tile: int = 256

    @cached_property
    def _starts_and_counts(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        step = self.tile - 2 * _MARGIN
        if self.length <= step:
            return (-((self.tile - self.length) // 2),), (1,)
        wished = np.arange(-(-self.length // step)) * step
        starts, counts = np.unique(
            np.minimum(wished, self.length - self.tile + _MARGIN), return_counts=True
        )
        return tuple(starts.tolist()), tuple(counts.tolist())

    @property
    def starts(self) -> tuple[int, ...]:
        """First pixel of each tile; it may lie before the image."""
        return self._starts_and_counts[0]

    def inside(self, index: int) -> tuple[int, int]:
        """Range of the image that a tile covers."""
        start = self.starts[index]
        return max(0, start), min(self.length, start + self.tile)

    @cached_property
    def weights(self) -> tuple[NDArray[np.float32], ...]:
        """Share of each tile in each pixel that it covers; they add up to 1 in every pixel."""
        fade = 0.5 * (1 - np.cos(np.pi * np.arange(_MARGIN) / _MARGIN))
        total = np.zeros(self.length)
        raw = []
        for index, (start, count) in enumerate(zip(*self._starts_and_counts, strict=True)):
            weight = np.full(self.tile, float(count))
            if start > 0:
                weight[:_MARGIN] *= fade
            weight[-_MARGIN:] *= fade[::-1]
            low, high = self.inside(index)
            raw.append(weight[low - start : high - start])
            total[low:high] += raw[-1]
        return tuple(
            (weight / total[slice(*self.inside(index))]).astype(np.float32)
            for index, weight in enumerate(raw)
        )


@dataclass(frozen=True)
class TilePlan:
    """Tiles of a plane, in rows from top to bottom and from left to right."""

    rows: AxisPlan
    columns: AxisPlan

    @classmethod
    def of(cls, shape: tuple[int, int], tile: int = 256, multiple: int = 0) -> TilePlan:
        """Plan for a plane of a height and width.

        Where tiles may be smaller, by a multiple of pixels, they are as large as it takes to cover
        a side with as few as ``tile`` allows.
        """
        return cls(
            AxisPlan(shape[0], _side(shape[0], tile, multiple)),
            AxisPlan(shape[1], _side(shape[1], tile, multiple)),
        )

    def __len__(self) -> int:
        return len(self.rows.starts) * len(self.columns.starts)


def _side(length: int, tile: int, multiple: int) -> int:
    if not multiple:
        return tile
    count = -(-length // (tile - 2 * _MARGIN))
    needed = -(-length // count) + 2 * _MARGIN
    return min(tile, -(-needed // multiple) * multiple)


def cut(plane: Readable, plan: TilePlan) -> Iterator[NDArray[Any]]:
    """Tiles of a plane in the order of the plan, mirrored beyond its borders."""
    for row, row_start in enumerate(plan.rows.starts):
        top, bottom = plan.rows.inside(row)
        for column, column_start in enumerate(plan.columns.starts):
            left, right = plan.columns.inside(column)
            pixels = plane.read(top, bottom, left, right)
            around = (
                (top - row_start, row_start + plan.rows.tile - bottom),
                (left - column_start, column_start + plan.columns.tile - right),
            )
            yield np.pad(pixels, around, mode="symmetric")


def blend(
    plan: TilePlan,
    maps: Iterator[NDArray[np.float32]],
    emit: Callable[[int, NDArray[np.float32]], None],
) -> None:
    """Blend one plane's maps, in the order of `cut`, and hand on rows as soon as they are whole.

    Parameters
    ----------
    plan
        The tiles.
    maps
        Their predictions; as many as the plan has tiles are taken.
    emit
        Gets the number of the first row, and rows of the whole width, from top to bottom.
    """
    height, width = plan.rows.length, plan.columns.length
    band = np.zeros((min(height, plan.rows.tile), width), np.float32)
    base = 0  # row of the image at the top of the band
    for row, row_start in enumerate(plan.rows.starts):
        top, bottom = plan.rows.inside(row)
        row_weight = plan.rows.weights[row][:, None]
        for column, column_start in enumerate(plan.columns.starts):
            left, right = plan.columns.inside(column)
            whole = next(maps)
            part = whole[
                top - row_start : bottom - row_start, left - column_start : right - column_start
            ]
            band[top - base : bottom - base, left:right] += (
                part * row_weight * plan.columns.weights[column]
            )
        done = height if row + 1 == len(plan.rows.starts) else plan.rows.starts[row + 1]
        # Weights that add up to 1 may do so with a rounding error.
        emit(base, np.clip(band[: done - base], 0.0, 1.0))
        kept = band[done - base :].copy()
        band[: len(kept)] = kept
        band[len(kept) :] = 0.0
        base = done
