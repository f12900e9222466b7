"""Images between xarray and this project: axes by name, steps by coordinates."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from imagej_bridge.calibration import Steps, pixel_size_of
from samcell_core.errors import ImageError, SamcellError
from samcell_core.images import Image

__all__ = ["from_xarray", "is_xarray", "to_xarray"]

_LETTERS = {
    "X": ("x", "col", "column"),
    "Y": ("y", "row"),
    "Z": ("z", "pln", "plane", "slice", "depth"),
    "C": ("c", "ch", "channel"),
    "T": ("t", "time", "frame"),
    "S": ("s", "rgb", "sample"),
}
_LETTER_OF = {name: letter for letter, names in _LETTERS.items() for name in names}


def is_xarray(source: Any) -> bool:
    """Whether this is a ``DataArray``, told without importing xarray."""
    return all(hasattr(source, name) for name in ("dims", "coords", "values"))


def from_xarray(array: Any) -> tuple[Image, dict[str, Steps]]:
    """Image of a ``DataArray``, and the steps along its axes.

    Axes are named as by xarray's users (``t z c y x``, in upper or lower case) or by PyImageJ
    (``t pln row col ch``). Steps are told from coordinates at equal distances, their unit from the
    attribute ``units``; other coordinates are left out.
    """
    name = str(array.name) if array.name is not None else "xarray"
    unknown = [str(each) for each in array.dims if str(each).lower() not in _LETTER_OF]
    if unknown:
        raise ImageError(
            f"{name} has dimensions without a meaning here ({', '.join(unknown)}): rename them "
            "to t, z, c, y or x."
        )
    letters = {str(each): _LETTER_OF[str(each).lower()] for each in array.dims}
    steps = {
        letter: found
        for each, letter in letters.items()
        if letter in "XYZT" and each in array.coords and (found := _steps(array.coords[each]))
    }
    channels = [each for each, letter in letters.items() if letter == "C" and each in array.coords]
    names = tuple(str(value) for each in channels for value in array.coords[each].values)
    if any(array.coords[each].dtype.kind not in "UO" for each in channels):
        names = ()
    axes = "".join(letters.values())
    return Image(array.values, axes, pixel_size_of(steps), names, name), steps


def to_xarray(image: Image, steps: Mapping[str, Steps]) -> Any:
    """``DataArray`` of an image, as `from_xarray` takes it."""
    try:
        xarray = importlib.import_module("xarray")
    except ModuleNotFoundError as error:
        raise SamcellError("xarray is not installed: run pip install xarray.") from error
    coordinates: dict[str, Any] = {}
    for axis, size in zip(image.axes, image.data.shape, strict=True):
        if axis in steps:
            step, unit, origin = steps[axis]
            notes = {"units": unit, "step": step, "origin": origin}
            coordinates[axis] = (axis, (np.arange(size) - origin) * step, notes)
        if axis == "C" and image.channel_names:
            coordinates[axis] = list(image.channel_names)
    return xarray.DataArray(
        np.asarray(image.data[...]), coordinates, dims=list(image.axes), name=image.name
    )


def _steps(coordinate: Any) -> Steps | None:
    """Steps of coordinates at equal distances; ``None`` of others."""
    places = coordinate.values
    if places.dtype.kind not in "iuf" or places.ndim != 1:
        return None
    unit = str(coordinate.attrs.get("units", "pixel"))
    told = coordinate.attrs.get("step"), coordinate.attrs.get("origin")
    indices = np.arange(len(places))
    if all(isinstance(each, (int, float)) for each in told):
        step, origin = (float(each) for each in told)
        # They are more exact than what differences tell, unless the array was cut since.
        if np.allclose(places, (indices - origin) * step, rtol=1e-9, atol=1e-9 * abs(step)):
            return Steps(step, unit, origin)
    if len(places) < 2:
        return None
    step = float(places[1]) - float(places[0])
    if not step or not np.allclose(np.diff(places), step, rtol=1e-6, atol=0):
        return None
    return Steps(step, unit, -float(places[0]) / step if places[0] else 0.0)
