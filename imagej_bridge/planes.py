"""Planes of a stack of labels, and where ImageJ places them: channel, slice and frame."""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import ImageError
from samcell_core.images.axes import normalise_axes
from samcell_core.metrics.inputs import as_labels
from samcell_core.segmentation import Segmentation

__all__ = ["Position", "label_stack", "matching_planes", "position_of", "stack_axes"]

STACK_LETTERS = "TZC"  # ImageJ's order, channels fastest


class Position(NamedTuple):
    """A place in a stack, counted from 1; 0 where any will do.

    Attributes
    ----------
    channel, slice, frame
        In a stack whose axes are known.
    plane
        Number of the plane in ImageJ's order, for programs that know no axes.
    """

    channel: int = 0
    slice: int = 0
    frame: int = 0
    plane: int = 0


def label_stack(labels: Any, axes: str | None) -> tuple[NDArray[Any], str]:
    """Labels as an array (..., Y, X) of whole numbers, with the letters of its axes."""
    array = as_labels(labels, "labels")
    if axes is None:
        axes = labels.axes if isinstance(labels, Segmentation) else "YX"
    return array, stack_axes(axes, array.shape, "labels")


def stack_axes(axes: str, shape: tuple[int, ...], name: str) -> str:
    """Axes in upper case, checked: rows and columns last, before them T, Z and C in any order."""
    letters = normalise_axes(axes, shape, name)
    if letters[-2:] != "YX" or "S" in letters:
        raise ImageError(
            f"axes={axes!r} of {name} must end in YX and hold no colours: give the planes of "
            "cells, such as 'TYX'."
        )
    return letters


def position_of(plane: int, shape: tuple[int, ...], axes: str) -> Position:
    """Position of a plane, counted from 0 over the axes before Y and X; (0, 0, 0, 0) of one."""
    sizes = dict(zip(axes[:-2], shape[:-2], strict=True))
    if all(size == 1 for size in sizes.values()):
        return Position()
    place = dict(zip(axes, np.unravel_index(plane, shape[:-2]), strict=False))
    at = {letter: int(place[letter]) + 1 if sizes.get(letter, 1) > 1 else 0 for letter in "TZC"}
    number = 0
    for letter in STACK_LETTERS:
        number = number * sizes.get(letter, 1) + max(at[letter] - 1, 0)
    return Position(channel=at["C"], slice=at["Z"], frame=at["T"], plane=number + 1)


def matching_planes(position: Position, shape: tuple[int, ...], axes: str, name: str) -> list[int]:
    """Planes, counted from 0, that a position means: all of them along axes where it is 0."""
    sizes = {letter: size for letter, size in zip(axes[:-2], shape[:-2], strict=True) if size > 1}
    at = dict(zip("CZT", position[:3], strict=True))
    if not any(at.values()) and position.plane and sizes:
        at |= _from_number(position.plane, sizes)
    for letter, size in sizes.items():
        if at[letter] > size:
            raise ImageError(
                f"{name} lies at {letter} {at[letter]}, and the image has {size} there: give the "
                "shape and axes of the image that it was drawn on."
            )
    choices = [
        [at[letter] - 1] if at[letter] and letter in sizes else range(size)
        for letter, size in zip(axes[:-2], shape[:-2], strict=True)
    ]
    if not choices:
        return [0]
    places = np.array(list(product(*choices)), np.int64).reshape(-1, len(choices))
    planes: list[int] = np.atleast_1d(np.ravel_multi_index(tuple(places.T), shape[:-2])).tolist()
    return planes


def _from_number(plane: int, sizes: dict[str, int]) -> dict[str, int]:
    """Channel, slice and frame by the one number that ROIs of plain stacks have.

    As in ImageJ it counts slices where there are several, else frames, at any place of the other
    axes. A number above that is taken for the number of the plane in the whole stack.
    """
    letter = next(letter for letter in "ZTC" if letter in sizes)
    others = [other for other in STACK_LETTERS if other in sizes and other != letter]
    if plane <= sizes[letter] or not others:
        return {letter: plane}
    *faster, slowest = (each for each in reversed(STACK_LETTERS) if each in sizes)
    rest, at = plane - 1, {}
    for each in faster:
        rest, at[each] = rest // sizes[each], rest % sizes[each] + 1
    return at | {slowest: rest + 1}
