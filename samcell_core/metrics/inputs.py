"""Labels, maps and images as the measures take them, checked and brought into one shape."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import ImageError
from samcell_core.images import Image, read_image
from samcell_core.segmentation import Segmentation

__all__ = ["as_labels", "as_map", "as_pixel_size", "image_channels", "same_shape"]

_CHANNEL_AXES = "CS"
_RGBA = 4


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


def same_shape(array: NDArray[Any], labels: NDArray[Any], name: str) -> NDArray[Any]:
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
) -> list[NDArray[Any]]:
    """Channels of an image, each of the shape of the labels.

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
    data = _with_nan(image)
    if axes is None and segmented_axes is not None:
        axes = _as_segmented(segmented_axes.strip().upper(), told, data.shape, label_axes.upper())
    axes = axes or told
    if data.dtype.kind not in "biuf":
        raise ImageError(f"The image must hold grey values, not {data.dtype}: give real numbers.")
    if data.dtype.kind == "b":
        data = data.view(np.uint8)
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


def _with_nan(image: Any) -> NDArray[Any]:
    """Image as a plain array, NaN where it is masked."""
    if np.ma.is_masked(image) and image.dtype.kind in "biuf":
        return np.asarray(image.astype(np.result_type(image.dtype, np.float32)).filled(np.nan))
    return np.asarray(image)


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


def _by_shape(data: NDArray[Any], shape: tuple[int, ...]) -> list[NDArray[Any]]:
    if data.ndim != len(shape) + 1:
        return [data]
    places = [
        place for place in range(data.ndim) if data.shape[:place] + data.shape[place + 1 :] == shape
    ]
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
    channels = list(np.moveaxis(data, places[0], 0))
    # As where an image is read: four values at the end of each pixel are RGB and opacity.
    return _opaque(channels) if places[0] == data.ndim - 1 else channels


def _opaque(channels: list[NDArray[Any]]) -> list[NDArray[Any]]:
    """Red, green and blue of RGBA: opacity is no grey value."""
    return channels[:-1] if len(channels) == _RGBA else channels


def _by_letters(
    data: NDArray[Any], axes: str, label_axes: str, label_dimensions: int
) -> list[NDArray[Any]]:
    if len(axes) != data.ndim or len(set(axes)) != len(axes):
        raise ImageError(
            f"axes={axes!r} does not fit the image of shape {data.shape}: give one letter for "
            "each axis, such as 'CYX'."
        )
    channel_axes = [letter for letter in axes if letter in _CHANNEL_AXES]
    if len(channel_axes) > 1:
        raise ImageError(
            f"axes={axes!r} has both channels and RGB samples: give one channel of the image."
        )
    # Axes of one plane, such as a single time point, may be in the image and not in the labels.
    if label_axes:
        for letter in axes:
            place = axes.index(letter)
            if letter not in label_axes + _CHANNEL_AXES and data.shape[place] == 1:
                data, axes = data.squeeze(place), axes.replace(letter, "")
    if channel_axes:
        data = np.moveaxis(data, axes.index(channel_axes[0]), 0)
        axes = axes.replace(channel_axes[0], "")
    else:
        data = data[np.newaxis]
    if label_axes and label_dimensions == len(label_axes) and set(axes) == set(label_axes):
        data = data.transpose(0, *(1 + axes.index(letter) for letter in label_axes))
    return _opaque(list(data)) if "S" in channel_axes else list(data)
