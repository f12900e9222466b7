"""One channel of an image, read plane by plane, whatever the order of its axes is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Channel"]


class Channel:
    """A channel with the axes of the labels in their order. Only the plane asked for is read.

    Parameters
    ----------
    data
        Anything with a shape, a dtype and slicing as in numpy, such as pixels of a file.
    places
        For each axis of the labels its place among those of ``data``.
    fixed
        Position on each of the other axes, by their places.

    Examples
    --------
    >>> Channel(np.arange(6).reshape(3, 1, 2), (2, 0), {1: 0})[()].tolist()
    [[0, 2, 4], [1, 3, 5]]
    """

    def __init__(self, data: Any, places: Sequence[int], fixed: Mapping[int, int]) -> None:
        self._data = data
        self._places = tuple(places)
        self._fixed = dict(fixed)
        self.shape = tuple(int(data.shape[place]) for place in places)

    def __getitem__(self, index: tuple[int, ...]) -> NDArray[Any]:
        """Plane at a position on the leading axes: NaN where it is masked, 1 where it is true."""
        *leading, down, across = self._places
        where: dict[int, int | slice] = {**self._fixed, down: slice(None), across: slice(None)}
        where.update(zip(leading, index, strict=True))
        plane = _with_nan(self._data[tuple(where[place] for place in range(len(where)))])
        if down > across:
            plane = plane.T
        return plane.view(np.uint8) if plane.dtype.kind == "b" else plane


def _with_nan(values: Any) -> NDArray[Any]:
    """Values as a plain array, NaN where they are masked."""
    if np.ma.is_masked(values):
        return np.asarray(values.astype(np.result_type(values.dtype, np.float32)).filled(np.nan))
    return np.asarray(values)
