"""The part of numpy's slicing that lazily read data has to understand."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["full_key", "keep_axes"]


def full_key(key: Any, ndim: int) -> tuple[int | slice, ...]:
    """Whole numbers and slices for every axis, of a key that may name fewer."""
    items = key if isinstance(key, tuple) else (key,)
    if Ellipsis in items:
        at = items.index(Ellipsis)
        items = (*items[:at], *[slice(None)] * (ndim - len(items) + 1), *items[at + 1 :])
    if len(items) > ndim:
        raise IndexError(f"{len(items)} indices for {ndim} axes")
    items = tuple(item if isinstance(item, slice) else operator.index(item) for item in items)
    return (*items, *[slice(None)] * (ndim - len(items)))


def keep_axes(
    key: tuple[int | slice, ...], shape: tuple[int, ...]
) -> tuple[tuple[NDArray[np.intp], ...], tuple[int | slice, ...]]:
    """Positions wanted on each axis, and the key that drops the axes of whole numbers after."""
    positions = tuple(
        np.atleast_1d(np.arange(size)[item]) for item, size in zip(key, shape, strict=True)
    )
    return positions, tuple(slice(None) if isinstance(item, slice) else 0 for item in key)
