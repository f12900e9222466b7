"""An image as a person would look at it: 8-bit colours, contrast set, huge ones made smaller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from samcell_core.images import Image

__all__ = ["Picture", "outline_pixels", "picture_of"]

_MOST_SIDE = 4096
_BAND = 512
_SATURATED = 0.35  # percent at either end, as ImageJ's automatic contrast
_SAMPLES = 250_000


@dataclass(frozen=True, eq=False)
class Picture:
    """A plane to look at.

    Attributes
    ----------
    colours
        Height x width x 3, uint8, blue first as OpenCV has it.
    labels
        The cells in it, of the same height and width.
    step
        How many pixels of the image became one of the picture.
    """

    colours: NDArray[np.uint8]
    labels: NDArray[Any]
    step: int

    def smaller(self, side: int) -> Picture:
        """The picture with no side longer than a number of pixels."""
        height, width = self.labels.shape
        factor = side / max(height, width)
        if factor >= 1:
            return self
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        rows = (np.arange(size[1]) * (height / size[1])).astype(int)
        columns = (np.arange(size[0]) * (width / size[0])).astype(int)
        return Picture(
            np.asarray(cv2.resize(self.colours, size, interpolation=cv2.INTER_AREA), np.uint8),
            self.labels[np.ix_(rows, columns)],
            self.step,
        )


def picture_of(
    image: Image, labels: NDArray[Any], plane: int, *, channel: int | str | None = None
) -> Picture:
    """Return a plane of an image in grey, or in its colours where no channel was chosen.

    Parameters
    ----------
    image
        The image.
    labels
        Cells of that plane.
    plane
        Number of the plane.
    channel
        The channel that was segmented.
    """
    height, width = labels.shape
    step = -(-max(height, width) // _MOST_SIDE)
    colour = channel is None and "S" in image.axes and _length(image, "S") >= 3
    bands = []
    for top in range(0, height, _BAND * step):
        bottom = min(height, top + _BAND * step)
        rows = (
            _colour_rows(image, plane, top, bottom)
            if colour
            else image.planes(channel)[plane].read(top, bottom, 0, width)[..., np.newaxis]
        )
        bands.append(np.asarray(rows, np.float32)[::step, ::step])
    values = _eight_bit(np.concatenate(bands))
    colours = values[..., ::-1] if colour else np.repeat(values, 3, axis=2)
    return Picture(np.ascontiguousarray(colours), labels[::step, ::step], step)


def outline_pixels(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """The innermost border pixels of each cell: those with another label at an edge."""
    border = np.zeros(labels.shape, bool)
    down, right = labels[1:] != labels[:-1], labels[:, 1:] != labels[:, :-1]
    border[1:] |= down
    border[:-1] |= down
    border[:, 1:] |= right
    border[:, :-1] |= right
    border &= labels != 0
    return border


def _length(image: Image, letter: str) -> int:
    return int(image.data.shape[image.axes.index(letter)])


def _colour_rows(image: Image, plane: int, top: int, bottom: int) -> NDArray[Any]:
    """Rows of all columns, with red, green and blue."""
    leading = [letter for letter in image.axes if letter not in "CSYX"]
    sizes = [_length(image, letter) for letter in leading]
    places = np.unravel_index(plane, sizes) if sizes else ()
    where: dict[str, Any] = {"C": 0, "Y": slice(top, bottom)}
    where.update((letter, int(place)) for letter, place in zip(leading, places, strict=True))
    values = np.asarray(image.data[tuple(where.get(letter, slice(None)) for letter in image.axes)])
    present = [letter for letter in image.axes if letter in "YXS"]
    return values.transpose([present.index(letter) for letter in "YXS"])[..., :3]


def _eight_bit(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Contrast as a person would set it: all but a few of the darkest and brightest pixels."""
    step = max(1, int(np.sqrt(values.size / _SAMPLES)))
    some = values[::step, ::step]
    some = some[np.isfinite(some)]
    if some.size == 0:
        return np.zeros(values.shape, np.uint8)
    low, high = (float(p) for p in np.percentile(some, (_SATURATED, 100 - _SATURATED)))
    if low == high:  # few bright specks on an empty ground
        low, high = float(some.min()), float(some.max())
    if low == high:
        return np.full(values.shape, 128, np.uint8)
    scaled = (np.clip(values, low, high) - low) * (255 / (high - low))
    whole: NDArray[np.uint8] = np.nan_to_num(scaled, nan=0).astype(np.uint8)
    return whole
