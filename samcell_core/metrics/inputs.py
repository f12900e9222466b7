"""Labels, maps and images as the measures take them, checked and brought into one shape."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import ImageError
from samcell_core.images import read_image
from samcell_core.segmentation import Segmentation

__all__ = ["as_labels", "image_channels", "same_shape"]

_CHANNEL_AXES = "CS"


def as_labels(labels: Any, name: str) -> NDArray[Any]:
    """Labels as an array of whole numbers with at least two axes; ``name`` is for the errors."""
    array = np.asarray(labels.labels if isinstance(labels, Segmentation) else labels)
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


def same_shape(array: NDArray[Any], labels: NDArray[Any], name: str) -> NDArray[Any]:
    """Return ``array``, or raise `ImageError` where its shape is not that of the labels."""
    if array.shape != labels.shape:
        raise ImageError(
            f"{name} of shape {array.shape} does not fit the labels of shape {labels.shape}: "
            "both must come from the same image."
        )
    return array


def image_channels(
    image: Any, labels: NDArray[Any], label_axes: str, axes: str | None
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
    """
    if isinstance(image, (str, os.PathLike)):
        image = read_image(image, axes=axes)
    if not isinstance(image, np.ndarray) and hasattr(image, "data") and hasattr(image, "axes"):
        axes = str(image.axes)
        image = image.data
    data = np.asarray(image)
    if data.dtype.kind not in "biuf":
        raise ImageError(f"The image must hold grey values, not {data.dtype}: give real numbers.")
    if data.dtype.kind == "b":
        data = data.view(np.uint8)
    channels = (
        _by_shape(data, labels.shape)
        if axes is None
        else _by_letters(data, axes.upper(), label_axes.upper(), labels.ndim)
    )
    return [same_shape(channel, labels, "The image") for channel in channels]


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
    return list(np.moveaxis(data, places[0], 0))


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
    return list(data)
