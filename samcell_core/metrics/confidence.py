"""How sure a cell is, told from the distance map alone.

Three things make a cell of the distance map D certain, each between 0 and 1:

* *peak height* p: the largest D in it. A cell that hardly rises above the peak threshold is weak.
* *saddle depth* d = 1 - s/p, where s is the highest pass to a cell that it touches: over all pairs
  of pixels on either side of the common border, the largest of the smaller D. Where the map hardly
  falls between two cells they may be one. A cell that touches none has d = 1.
* *border contrast* c = (i - o)/(i + o), where i is the mean of D in the cell and o that just
  outside, over all edges between a pixel of the cell and one of no cell. Where the map fades away
  slowly the border is anyone's guess. A cell without such an edge has c = 1.

The confidence is their harmonic mean, 3/(1/p + 1/d + 1/c), 0 where one of them is 0: it grows with
each of them, and the weakest of them weighs most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.metrics.outlines import EDGES, Outlines
from samcell_core.metrics.regions import Regions

__all__ = ["Confidence", "confidence"]


@dataclass(frozen=True)
class Confidence:
    """The three parts of each cell's confidence."""

    peak_height: NDArray[np.float64]
    saddle_depth: NDArray[np.float64]
    border_contrast: NDArray[np.float64]

    @property
    def value(self) -> NDArray[np.float64]:
        """Harmonic mean of the parts, 0 to 1."""
        parts = np.stack([self.peak_height, self.saddle_depth, self.border_contrast])
        with np.errstate(divide="ignore"):
            mean: NDArray[np.float64] = len(parts) / (1 / parts).sum(axis=0)
        return mean


def confidence(regions: Regions, outlines: Outlines, distance_map: NDArray[Any]) -> Confidence:
    """Confidence of each cell of one plane; values of the map outside 0..1 are clipped."""
    if not len(regions):
        nothing = np.zeros(0)
        return Confidence(nothing, nothing, nothing)
    clipped = np.nan_to_num(np.clip(distance_map, 0.0, 1.0), copy=False)
    first = np.cumsum(regions.length) - regions.length
    pixels = clipped[regions.labels != 0]
    peak = regions.reduce(np.maximum, np.maximum.reduceat(pixels, first)).astype(np.float64)
    total = regions.reduce(np.add, np.add.reduceat(pixels, first, dtype=np.float64))
    # The frame is told from background by its negative value.
    framed = outlines.frame(clipped, -1.0)
    saddle = _saddles(outlines, framed, len(regions))
    outside = _outside(outlines, framed, len(regions))
    inside = total / regions.area
    return Confidence(
        peak_height=peak,
        saddle_depth=np.clip(1 - _part(saddle, peak), 0.0, 1.0),
        border_contrast=np.clip(_part(inside - outside, inside + outside), 0.0, 1.0),
    )


def _part(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)


def _saddles(outlines: Outlines, framed: NDArray[Any], count: int) -> NDArray[np.float64]:
    """Highest pass from each cell to any that it touches; 0 where it touches none."""
    saddle = np.zeros(count)
    own = framed[outlines.place]
    for pixel, place, other in outlines.contacts():
        height = np.minimum(own[pixel], framed[place]).astype(np.float64)
        np.maximum.at(saddle, outlines.cell[pixel], height)
        np.maximum.at(saddle, other, height)
    return saddle


def _outside(outlines: Outlines, framed: NDArray[Any], count: int) -> NDArray[np.float64]:
    """Mean of the map at the edges between each cell and no cell; 0 where it has none."""
    total, edges = np.zeros(count), np.zeros(count)
    for place, label in outlines.neighbours(EDGES):
        value = framed[place]
        free = (label == 0) & (value >= 0)
        total += np.bincount(outlines.cell[free], weights=value[free], minlength=count)
        edges += np.bincount(outlines.cell[free], minlength=count)
    return _part(total, edges)
