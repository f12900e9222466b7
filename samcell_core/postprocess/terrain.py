"""A terrain on which every pixel points to the next one on its way down to a seed.

The ways end: no pixel can come back to itself.

* Before the pits are filled a step goes to a lower neighbour, or on flat ground to one above or
  to the left of equal height. Height falls, or stays and the place in the plane falls.
* Afterwards a pixel that has a lower level beside it goes there. One that has not keeps to its
  step of before, within its own basin, where the level never rises on the way to the pit. A pit
  leads to the near side of its exit where the level falls from there, else to the far side, at
  the same level in the basin that is one nearer to the seeds in the tree of passes. So level
  falls, or stays and the basin comes nearer, or both stay and the height falls as before.
  (Pixels made flat by the filling must not go above or left as others do: that may lead across
  the pass into the basin for which this one is the exit, and so in a circle.)

Should that ever be broken (in floating-point arithmetic it cannot be: heights are compared and
copied, never computed with), no harm is done: ways are followed by doubling, in as many rounds as
the size has binary digits, and a pixel that has then not reached an end is reported.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.postprocess.pits import Pass

__all__ = ["Terrain"]

Band = slice
"""Rows of the framed plane."""

FLAT = np.uint8(16)
"""Flag beside the four direction bits of a pixel: no neighbour is lower."""

ABOVE_OR_LEFT = np.uint8(1 + 2)
"""Neighbours that a flat pixel may lead to: always one way round, so that no way is a circle."""

BAND_PIXELS = 1 << 16
"""Pixels worked on at once: few enough to stay in a processor's cache."""


class Terrain:
    """The plane and what is known of each of its pixels; see `flooding.flood` for the arguments.

    Attributes
    ----------
    bands
        Rows inside the frame, cut into bands of `BAND_PIXELS`. Threads may work on different ones
        at once: each writes to its own band alone, and reads of the others what no thread writes.
    level
        Flood level: the height, until the pits are filled.
    lowest
        A bit for each of the neighbours above, left, right and below that has the lowest level of
        them, unless the pixel is lower still, and `FLAT`; 0 for seeds and outside the extent.
    labels
        What the way down from each pixel ends at: a seed's label, or minus the number of a pit.
    """

    def __init__(self, height: NDArray[np.floating[Any]], seeds: NDArray[np.int32]) -> None:
        rows, width = height.shape
        tall = max(1, BAND_PIXELS // width)
        self.bands = [slice(top, min(top + tall, rows - 1)) for top in range(1, rows - 1, tall)]
        self.level = height
        self.lowest = np.zeros(height.shape, np.uint8)
        self.labels = np.zeros(height.shape, np.int32)
        self._ends = seeds.copy()  # labels of seeds, minus the number of each pit, 0 elsewhere
        self._pits = np.empty(0, np.intp)
        fits = height.size <= np.iinfo(np.int32).max
        # How far each pixel leads within its band: to a seed, a pit or a row of the next band.
        self._onward: NDArray[Any] = np.arange(height.size, dtype=np.int32 if fits else np.int64)
        # The same, but from pits and the rows next to another band all the way.
        self._joined = self._onward
        offsets = (-width, -1, 1, width)
        codes = np.arange(2 * FLAT)
        codes[FLAT:] &= ABOVE_OR_LEFT
        self._steps = np.array([offsets[int(c & -c).bit_length() - 1] if c else 0 for c in codes])

    def descend(self, band: Band) -> None:
        """Find the lowest neighbours in a band, and how far they lead within it."""
        width = self.level.shape[1]
        level = self.level[band.start - 1 : band.stop + 1]
        here = level[1:-1, 1:-1]
        neighbours = (level[:-2, 1:-1], level[1:-1, :-2], level[1:-1, 2:], level[2:, 1:-1])
        bottom = np.minimum(neighbours[0], neighbours[1])
        np.minimum(bottom, neighbours[2], out=bottom)
        np.minimum(bottom, neighbours[3], out=bottom)
        np.minimum(bottom, here, out=bottom)
        found = (bottom == here).view(np.uint8) * FLAT
        for bit, neighbour in enumerate(neighbours):
            found |= (neighbour == bottom).view(np.uint8) << np.uint8(bit)
        found *= (self._ends[band, 1:-1] <= 0) & (here < np.inf)

        before = self.lowest[band, 1:-1]
        flat_now = (found >= FLAT) & (before > 0)  # see at the top why these keep to their step
        step = self._steps.take(np.where(flat_now, before, found))
        before[...] = found
        onward = np.arange(level.size)
        onward.reshape(level.shape)[1:-1, 1:-1] += step
        for _ in range(level.size.bit_length()):
            further = onward.take(onward)
            if np.array_equal(further, onward):
                break
            onward = further
        start = (band.start - 1) * width
        inside = onward[width:-width]
        self._onward[band.start * width : band.stop * width] = inside + start

    def find_pits(self) -> NDArray[np.intp]:
        """Find the pixels that are neither seeds nor lead anywhere, and make them ends."""
        self._pits = np.flatnonzero((self.lowest & (FLAT | ABOVE_OR_LEFT)) == FLAT)
        self._ends.ravel()[self._pits] = -np.arange(1, self._pits.size + 1)
        return self._pits

    def count_choices(self) -> int:
        """Count the pixels with several lowest neighbours."""
        bits = self.lowest & np.uint8(FLAT - 1)
        return int(np.count_nonzero(bits & (bits - np.uint8(1))))

    def raise_to(self, level: NDArray[np.floating[Any]], raised: NDArray[np.intp]) -> list[Band]:
        """Put the flood levels in place of the heights; returns the bands that must descend anew.

        ``raised`` are the pixels that differ, as sorted flat indices.
        """
        self.level = level
        rows = np.unique(raised // level.shape[1])
        edges = [(band.start - 1, band.stop + 1) for band in self.bands]
        first, last = np.searchsorted(rows, edges).T
        return [self.bands[number] for number in np.flatnonzero(first < last)]

    def leave_pits(self, exits: Pass) -> None:
        """Make each pit lead on to where its flood comes from."""
        enters = self.lowest.ravel()[exits.near] < FLAT
        self._onward[self._pits] = self._onward.take(np.where(enters, exits.near, exits.far))
        self._ends.ravel()[self._pits] = 0

    def join_bands(self) -> None:
        """Follow the ways from band to band and through the pits.

        Pixels lead to ends, to pits and to the rows on either side of a cut between bands, so
        those lead to each other alone.
        """
        cuts = np.array([band.start for band in self.bands[1:]], np.intp)
        width = self.level.shape[1]
        rows = np.concatenate([cuts - 1, cuts])
        going = np.concatenate([(rows[:, None] * width + np.arange(width)).ravel(), self._pits])
        self._joined = joined = self._onward.copy()
        for _ in range(joined.size.bit_length()):
            place = joined.take(going)
            further = joined.take(place)
            moved = further != place
            going = going[moved]
            if going.size == 0:
                break
            joined[going] = further[moved]

    def label(self, band: Band) -> bool:
        """Label the pixels of a band by where they lead; false if one leads nowhere."""
        width = self.level.shape[1]
        rows = slice(band.start * width, band.stop * width)
        ends = self._joined.take(self._onward[rows])
        labels = self.labels.ravel()[rows]
        self._ends.ravel().take(ends, out=labels)
        return bool(np.all((labels != 0) | (self.level.ravel()[rows] == np.inf)))
