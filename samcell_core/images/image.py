"""An image of any number of axes, read lazily."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from samcell_core.errors import ImageError
from samcell_core.images.arrays import as_array
from samcell_core.images.axes import normalise_axes
from samcell_core.images.channels import choose_channel
from samcell_core.images.limits import check_size, check_type
from samcell_core.images.planes import Planes

__all__ = ["Image"]


@dataclass(frozen=True, eq=False, repr=False)
class Image:
    """Pixels with their axes. What cannot be segmented raises `ImageError` at once.

    Attributes
    ----------
    data
        Anything with a shape, a dtype and slicing as in numpy; all else becomes an array.
    axes
        A letter for each of its axes: T, Z, C, Y, X, and S for the samples of RGB(A).
    pixel_size
        Height and width of a pixel in micrometres, where known.
    channel_names
        Names of the channels, where known.
    name
        What messages call it.
    notes
        Things worth knowing, such as further images in the file that are not read.

    Examples
    --------
    >>> Image(np.zeros((5, 64, 80), np.uint16), "tyx", None).planes().shape
    (5, 64, 80)
    """

    data: Any
    axes: str
    pixel_size: tuple[float, float] | None
    channel_names: tuple[str, ...] = ()
    name: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name or "array")
        object.__setattr__(self, "data", as_array(self.data))
        shape = tuple(int(size) for size in self.data.shape)
        check_type(np.dtype(self.data.dtype), self.name)
        object.__setattr__(self, "axes", normalise_axes(self.axes, shape, self.name))
        check_size(shape, self.name)
        sizes = dict(zip(self.axes, shape, strict=True))
        if sizes.get("S", 1) > 4:
            raise ImageError(
                f"{self.name} has {sizes['S']} samples in each pixel, and RGB(A) has 3 or 4: "
                "give axes= with C in place of S if they are channels."
            )
        if self.channel_names and len(self.channel_names) != sizes.get("C", 1):
            raise ImageError(
                f"{self.name} has {sizes.get('C', 1)} channels but {len(self.channel_names)} "
                "names for them: give a name for each, or none."
            )
        if self.pixel_size is not None:
            self._check_pixel_size(self.pixel_size)

    def __repr__(self) -> str:
        # Not of its pixels: that would read, and print, a whole file.
        shape = tuple(int(size) for size in self.data.shape)
        return (
            f"Image(name={self.name!r}, axes={self.axes!r}, shape={shape}, "
            f"dtype={np.dtype(self.data.dtype)})"
        )

    def _check_pixel_size(self, pixel_size: tuple[float, float]) -> None:
        height, width = (float(length) for length in pixel_size)
        if not (math.isfinite(height) and math.isfinite(width) and height > 0 and width > 0):
            raise ImageError(
                f"The pixel size {pixel_size} of {self.name} is no length: "
                "give micrometres above 0 as pixel_size=."
            )
        object.__setattr__(self, "pixel_size", (height, width))

    def planes(self, channel: int | str | None = None) -> Planes:
        """Grey planes of one channel, or of RGB turned grey.

        Parameters
        ----------
        channel
            Index or name. ``None`` takes the only channel, and all of RGB.
        """
        sizes = dict(zip(self.axes, self.data.shape, strict=True))
        return Planes(
            self.data, self.axes, choose_channel(sizes, self.channel_names, channel, self.name)
        )
