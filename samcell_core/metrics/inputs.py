"""Labels, maps and images as the measures take them, checked and brought into one shape."""

from __future__ import annotations

import os
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import ImageError
from samcell_core.images import Image, read_image
from samcell_core.images.arrays import as_array
from samcell_core.metrics.channels import Channel
from samcell_core.segmentation import Segmentation

__all__ = ["as_labels", "as_map", "as_pixel_size", "image_channels", "same_shape"]

_CHANNEL_AXES = "CS"
_RGBA = 4


class _Shaped(Protocol):
    @property
    def shape(self) -> tuple[int, ...]: ...


_Array = TypeVar("_Array", bound=_Shaped)


def as_labels(labels: Any, name: str) -> NDArray[Any]:
    """Labels as an array of whole numbers with at least two axes; ``name`` is for the errors.

    Masked pixels are outside cells.
    """
    array = _unmasked(labels.labels if isinstance(labels, Segmentation) else labels)
    if array.dtype.kind == "b":
        array = array.view(np.uint8)
    if array.dtype.kind not in "iu":
        raise ImageError(
            f"{name} must hold whole numbers, one for each cell and 0 outside cells, not "
            f"{array.dtype}: give a label image."
        )
    if array.ndim < 2 or array.size == 0:
        raise ImageError(
            f"{name} must have a height and a width, not the shape {array.shape}: give a label "
            "image of at least one pixel."
        )
    if array.dtype == np.uint64 and array.max() > np.iinfo(np.int64).max:
        raise ImageError(f"{name} must not hold numbers of 2^63 and more: number the cells anew.")
    if array.dtype.kind == "i" and array.min() < 0:
        raise ImageError(
            f"{name} must not hold negative numbers: cells count from 1, 0 is outside."
        )
    return array


def as_map(distance_map: Any, labels: NDArray[Any]) -> NDArray[Any]:
    """Distance map of the shape of the labels; it is 0 in masked pixels."""
    return same_shape(_unmasked(distance_map), labels, "The distance map")


def as_pixel_size(size: Any) -> tuple[float, float]:
    """Height and width of a pixel in micrometres, from one number or from two."""
    try:
        lengths = np.asarray(size, dtype=np.float64)
    except (TypeError, ValueError):
        lengths = np.zeros(0)
    if lengths.shape not in ((), (2,)) or not (np.isfinite(lengths) & (lengths > 0)).all():
        raise ImageError(
            f"The pixel size {size!r} is no length: give a number above 0, or a height and a "
            "width, in micrometres."
        )
    height, width = np.broadcast_to(lengths, 2).tolist()
    return height, width


def _unmasked(values: Any) -> NDArray[Any]:
    """Values as a plain array, 0 where they are masked."""
    if isinstance(values, np.ma.MaskedArray):
        values = values.filled(0)
    return np.asarray(values)


def same_shape(array: _Array, labels: NDArray[Any], name: str) -> _Array:
    """Return ``array``, or raise `ImageError` where its shape is not that of the labels."""
    if array.shape != labels.shape:
        raise ImageError(
            f"{name} of shape {array.shape} does not fit the labels of shape {labels.shape}: "
            "both must come from the same image."
        )
    return array


def image_channels(
    image: Any,
    labels: NDArray[Any],
    label_axes: str,
    axes: str | None,
    segmented_axes: str | None = None,
) -> list[Channel]:
    """Channels of an image, each of the shape of the labels. Their pixels are not read yet.

    Parameters
    ----------
    image
        A file, an array, or anything with ``data`` and ``axes`` such as an image that was read.
    labels, label_axes
        The labels and a letter for each of their axes (empty where not known).
    axes
        A letter for each axis of ``image``, ``C`` or ``S`` for its channels. Where it is not
        given, an axis that the labels lack is that of the channels.
    segmented_axes
        The axes that were given when the labels were made; they hold where ``axes`` is not given.
    """
    told: str | None = None
    if isinstance(image, (str, os.PathLike)):
        image = _read(image, axes, segmented_axes)
    if not isinstance(image, np.ndarray) and hasattr(image, "data") and hasattr(image, "axes"):
        told = str(image.axes).strip().upper()
        image = image.data
    data = as_array(image)
    if axes is None and segmented_axes is not None:
        axes = _as_segmented(segmented_axes.strip().upper(), told, data.shape, label_axes.upper())
    axes = axes or told
    if np.dtype(data.dtype).kind not in "biuf":
        raise ImageError(f"The image must hold grey values, not {data.dtype}: give real numbers.")
    channels = (
        _by_shape(data, labels.shape)
        if axes is None
        else _by_letters(data, axes.strip().upper(), label_axes.upper(), labels.ndim)
    )
    return [same_shape(channel, labels, "The image") for channel in channels]


def _read(path: str | os.PathLike[str], axes: str | None, segmented_axes: str | None) -> Image:
    """File with the axes given, or else with those it was segmented with where they fit."""
    if axes is None and segmented_axes is not None:
        try:
            return read_image(path, axes=segmented_axes)
        except ImageError:  # it has other axes than the image that was segmented
            return read_image(path)
    return read_image(path, axes=axes)


def _as_segmented(
    given: str, told: str | None, shape: tuple[int, ...], label_axes: str
) -> str | None:
    """Axes of an image whose labels were made with the axes ``given``, where these say them."""
    one_channel = "".join(letter for letter in given if letter not in _CHANNEL_AXES)
    for axes in (given, one_channel):
        if len(axes) == len(shape) and told in (None, axes):
            return axes
    reference = label_axes if told is None else told
    if [a for a in one_channel if a in reference] == [a for a in reference if a in one_channel]:
        return None  # nothing is to be turned, so what the image or its shape says will do
    raise ImageError(
        f"The labels were made with axes={given!r}, which does not fit the image of shape {shape}"
        f"{'' if told is None else f' and axes {told!r}'}: give its axes, such as axes='CYX'."
    )


def _by_shape(data: Any, shape: tuple[int, ...]) -> list[Channel]:
    axes = range(len(data.shape))
    if len(axes) != len(shape) + 1:
        return [Channel(data, axes, {})]
    others = {place: [axis for axis in axes if axis != place] for place in axes}
    places = [place for place in axes if tuple(data.shape[axis] for axis in others[place]) == shape]
    if not places:
        raise ImageError(
            f"The image of shape {data.shape} does not fit the labels of shape {shape}: it may "
            "have one axis more, its channels, and must agree in all others."
        )
    if len(places) > 1:
        raise ImageError(
            f"Which axis of the image of shape {data.shape} holds its channels cannot be told: "
            "give axes, such as 'CYX'."
        )
    (place,) = places
    # As where an image is read: four values at the end of each pixel are RGB and opacity.
    count = _measured(data.shape[place], samples=place == axes[-1])
    return [Channel(data, others[place], {place: number}) for number in range(count)]


def _measured(channels: int, *, samples: bool) -> int:
    """Number of channels without the opacity of RGBA, which is no grey value."""
    return channels - 1 if samples and channels == _RGBA else channels


def _by_letters(data: Any, axes: str, label_axes: str, label_dimensions: int) -> list[Channel]:
    if len(axes) != len(data.shape) or len(set(axes)) != len(axes):
        raise ImageError(
            f"axes={axes!r} does not fit the image of shape {data.shape}: give one letter for "
            "each axis, such as 'CYX'."
        )
    channel_axes = [letter for letter in axes if letter in _CHANNEL_AXES]
    if len(channel_axes) > 1:
        raise ImageError(
            f"axes={axes!r} has both channels and RGB samples: give one channel of the image."
        )
    sizes = dict(zip(axes, data.shape, strict=True))
    kept = [letter for letter in axes if letter not in _CHANNEL_AXES]
    if label_axes:
        # Axes of one plane, such as a single time point, may be in the image and not in the labels.
        kept = [letter for letter in kept if letter in label_axes or sizes[letter] != 1]
        if label_dimensions == len(label_axes) and sorted(kept) == sorted(label_axes):
            kept = list(label_axes)
    places = [axes.index(letter) for letter in kept]
    fixed = {
        axes.index(letter): 0
        for letter in axes
        if letter not in kept and letter not in channel_axes
    }
    if not channel_axes:
        return [Channel(data, places, fixed)]
    (letter,) = channel_axes
    count = _measured(sizes[letter], samples=letter == "S")
    return [Channel(data, places, {**fixed, axes.index(letter): number}) for number in range(count)]
