"""Anything that may stand for an image: a path, an array, or an image already."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from samcell_core.images.arrays import as_array
from samcell_core.images.axes import tell_axes
from samcell_core.images.files import read_image
from samcell_core.images.image import Image

__all__ = ["as_image"]


def as_image(source: Any, *, axes: str | None = None, pixel_size: float | None = None) -> Image:
    """Return an image of a file, an array or an image.

    Parameters
    ----------
    source
        A path, an `Image`, or anything with shape, dtype and numpy's slicing; a list of numbers.
    axes
        A letter for each axis, in place of what the source says.
    pixel_size
        Width of a pixel in micrometres, in place of what the source says.

    Examples
    --------
    >>> as_image([[[0, 80, 160], [40, 120, 200]]]).axes
    'YXS'
    """
    if isinstance(source, (str, os.PathLike)):
        return read_image(source, axes=axes, pixel_size=pixel_size)
    if isinstance(source, Image):
        changes: dict[str, Any] = {} if axes is None else {"axes": axes}
        image = dataclasses.replace(source, **changes)
    else:
        data = as_array(source)
        shape = tuple(int(size) for size in data.shape)
        image = Image(data, tell_axes(shape, "array") if axes is None else axes, None)
    if pixel_size is None:
        return image
    return dataclasses.replace(image, pixel_size=(pixel_size, pixel_size))
