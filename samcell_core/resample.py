"""Scaling planes and maps strip by strip, with the same values however they are cut.

A triangle filter as wide as the larger of the two pixels: linear interpolation when enlarging, an
average when reducing. It is separable, so a region needs only its own rows and columns of weights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from samcell_core.tiling import Readable

__all__ = ["RowScaler", "ScaledPlane", "scaled_shape"]

# Rows that rounding alone makes ready wait for the next incoming one.
_MARGIN = 1e-6


def scaled_shape(shape: tuple[int, int], scale: float) -> tuple[int, int]:
    """Height and width after scaling, at least one pixel each."""
    return max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))


def _weights(old: int, new: int, low: int, high: int) -> tuple[int, int, sparse.csr_array]:
    """Weights for new pixels low..high: the old range they need, and new x old weights."""
    ratio = old / new
    reach = max(1.0, ratio)
    centre = (np.arange(low, high) + 0.5) * ratio - 0.5
    first = np.ceil(centre - reach).astype(int)
    offsets = np.arange(int(2 * reach) + 2)
    sources = first[:, None] + offsets
    share = np.clip(1 - np.abs(sources - centre[:, None]) / reach, 0, None)
    share[(sources < 0) | (sources >= old)] = 0
    share /= share.sum(1, keepdims=True)
    used = share > 0
    start, stop = int(sources[used].min()), int(sources[used].max()) + 1
    rows = np.broadcast_to(np.arange(high - low)[:, None], sources.shape)[used]
    matrix = sparse.csr_array(
        (share[used].astype(np.float32), (rows, sources[used] - start)),
        shape=(high - low, stop - start),
    )
    return start, stop, matrix


@dataclass(frozen=True)
class ScaledPlane:
    """An 8-bit plane as it looks after scaling, computed where it is read."""

    plane: Readable
    shape: tuple[int, int]

    def read(self, top: int, bottom: int, left: int, right: int) -> NDArray[np.uint8]:
        """Pixels of a region of the scaled plane."""
        height, width = self.plane.shape
        first_row, last_row, down = _weights(height, self.shape[0], top, bottom)
        first_column, last_column, across = _weights(width, self.shape[1], left, right)
        pixels = self.plane.read(first_row, last_row, first_column, last_column)
        scaled: NDArray[np.float32] = across @ (down @ pixels.astype(np.float32)).T
        return np.rint(scaled.T).astype(np.uint8)


class RowScaler:
    """Scales a map to another shape as its rows come in, and hands rows on as soon as it can.

    Parameters
    ----------
    old, new
        Height and width of the map that comes in, and of the one that goes out.
    emit
        Gets the number of the first row, and rows, of the outgoing map.
    """

    def __init__(
        self,
        old: tuple[int, int],
        new: tuple[int, int],
        emit: Callable[[int, NDArray[np.float32]], None],
    ) -> None:
        self._old, self._new, self._emit = old, new, emit
        _, _, self._across = _weights(old[1], new[1], 0, new[1])
        self._kept: NDArray[Any] = np.empty((0, new[1]), np.float32)
        self._kept_from = 0
        self._done = 0

    def __call__(self, top: int, rows: NDArray[np.float32]) -> None:
        """Take rows that follow those before."""
        wide = np.asarray((self._across @ rows.T).T, np.float32)
        self._kept = np.concatenate([self._kept, wide])
        have = top + len(rows)
        ready = self._ready(have)
        if ready == self._done:
            return
        start, stop, down = _weights(self._old[0], self._new[0], self._done, ready)
        part = self._kept[start - self._kept_from : stop - self._kept_from]
        self._emit(self._done, np.asarray(down @ part, np.float32))
        self._done = ready
        if ready < self._new[0]:
            next_start, _, _ = _weights(self._old[0], self._new[0], ready, ready + 1)
            drop = min(max(0, next_start - self._kept_from), len(self._kept))
            self._kept = self._kept[drop:]
            self._kept_from += drop

    def _ready(self, have: int) -> int:
        """Number of outgoing rows that the first ``have`` incoming ones decide."""
        if have == self._old[0]:
            return self._new[0]
        ratio = self._old[0] / self._new[0]
        # Row r needs the incoming rows before its centre plus the reach of the filter.
        last = np.floor((have - max(1.0, ratio) + 0.5) / ratio - 0.5 - _MARGIN)
        return min(self._new[0], max(self._done, int(last) + 1))
