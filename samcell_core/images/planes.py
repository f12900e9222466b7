"""The planes of an image: grey, two-dimensional, read region by region."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from samcell_core.images.grey import grey_of

__all__ = ["Plane", "Planes"]


class Plane(Protocol):
    """A grey plane of an image, read lazily."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of its pixels, in the byte order of this machine."""

    def read(self, top: int, bottom: int, left: int, right: int) -> NDArray[Any]:
        """Pixels of a region inside the plane, as an array of the caller's own."""


class Planes:
    """All planes of one channel, in the order of their axes.

    Attributes
    ----------
    axes
        The axes of the image without C and S, such as ``TZYX``.
    shape
        Their lengths.
    """

    def __init__(self, data: Any, axes: str, fixed: Mapping[str, int]) -> None:
        self._data = data
        self._data_axes = axes
        self._fixed = dict(fixed)
        sizes = dict(zip(axes, (int(size) for size in data.shape), strict=True))
        self._leading = [letter for letter in axes if letter not in "CSYX"]
        self.axes = "".join(self._leading) + "YX"
        self.shape = tuple(sizes[letter] for letter in self.axes)

    def __len__(self) -> int:
        return math.prod(self.shape[:-2])

    def __getitem__(self, index: int) -> Plane:
        count = len(self)
        if not -count <= index < count:
            raise IndexError(f"plane {index} of {count}")
        positions = np.unravel_index(index % count, self.shape[:-2]) if self._leading else ()
        fixed = dict(zip(self._leading, (int(position) for position in positions), strict=True))
        return _DataPlane(self._data, self._data_axes, {**self._fixed, **fixed}, self.shape[-2:])

    def __iter__(self) -> Iterator[Plane]:
        return (self[index] for index in range(len(self)))


class _DataPlane:
    def __init__(
        self, data: Any, axes: str, fixed: Mapping[str, int], shape: tuple[int, ...]
    ) -> None:
        self._data = data
        self._axes = axes
        self._fixed = fixed
        self.shape = (shape[0], shape[1])
        self.dtype = np.dtype(data.dtype).newbyteorder("=")

    def read(self, top: int, bottom: int, left: int, right: int) -> NDArray[Any]:
        height, width = self.shape
        if not (0 <= top <= bottom <= height and 0 <= left <= right <= width):
            raise IndexError(
                f"rows {top}:{bottom} and columns {left}:{right} leave the plane of "
                f"{height} x {width} pixels"
            )
        region = {"Y": slice(top, bottom), "X": slice(left, right), "S": slice(None)}
        values = np.asarray(
            self._data[tuple(self._fixed.get(a, region.get(a)) for a in self._axes)]
        )
        present = [letter for letter in self._axes if letter not in self._fixed]
        values = values.transpose([present.index(a) for a in "YXS" if a in present])
        if "S" in present:
            return grey_of(values.astype(self.dtype, copy=False))
        # A copy: what the caller does to it must never reach the user's array.
        return np.array(values, dtype=self.dtype, order="C", copy=True)
