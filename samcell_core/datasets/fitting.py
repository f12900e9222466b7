"""Images of mixed sizes become squares of one size, and their labels with them."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import ImageError, SettingsError

__all__ = ["fit"]


def fit(
    image: NDArray[np.uint8],
    labels: NDArray[np.integer],
    side: int,
    how: Literal["pad", "crop"] = "pad",
) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Square image and labels.

    Parameters
    ----------
    image
        Grey plane of 8 bits.
    labels
        Of the same shape, 0 outside cells.
    side
        Height and width wanted, in pixels.
    how
        ``pad`` reduces an image that is larger until it fits, both sides by the same factor, and
        fills up what is missing on the right and below; none is enlarged. ``crop`` takes the
        middle of each side that is longer, without reducing, and fills up the shorter ones.
        What is filled up is of the image's median grey and outside all cells.

    Returns
    -------
    tuple
        The image, and labels 1..n in the order of their numbers. Cells that lie outside the crop,
        or fall between the pixels of a reduced image, are gone; none may be left.

    Raises
    ------
    ImageError
        Image and labels are of different shapes.
    SettingsError
        Another way, or a side of no pixels.

    Examples
    --------
    >>> image, labels = np.zeros((600, 300), np.uint8), np.zeros((600, 300), np.int32)
    >>> labels[500:, 200:] = 7
    >>> fit(image, labels, 512)[0].shape, fit(image, labels, 512)[1][480, 200]
    ((512, 512), 1)
    """
    if image.ndim != 2 or image.shape != labels.shape or not image.size:
        raise ImageError(
            f"An image of shape {image.shape} and labels of shape {labels.shape} do not belong "
            "together: give one grey plane and the labels of this very image."
        )
    if side < 1:
        raise SettingsError(f"side={side} is not allowed: give a number of pixels from 1 on.")
    if how not in ("pad", "crop"):
        raise SettingsError(f"how={how!r} is unknown: give 'pad' or 'crop'.")
    grey = int(np.median(image))
    image, labels = (_reduced if how == "pad" else _middle)(image, labels, side)
    height, width = image.shape
    square = np.full((side, side), grey, np.uint8)
    square[:height, :width] = image
    numbers, index = np.unique(labels, return_inverse=True)
    numbered = np.zeros((side, side), np.int32)
    numbered[:height, :width] = index.reshape(labels.shape) + int(numbers[0] != 0)
    return square, numbered


def _reduced(
    image: NDArray[np.uint8], labels: NDArray[np.integer], side: int
) -> tuple[NDArray[np.uint8], NDArray[np.integer]]:
    longest = max(image.shape)
    if longest <= side:
        return image, labels
    height, width = (max(1, round(length * side / longest)) for length in image.shape)
    smaller = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(np.intp)
        for new, old in zip((height, width), labels.shape, strict=True)
    )
    return np.asarray(smaller, np.uint8), labels[np.ix_(rows, columns)]


def _middle(
    image: NDArray[np.uint8], labels: NDArray[np.integer], side: int
) -> tuple[NDArray[np.uint8], NDArray[np.integer]]:
    part = tuple(slice(max(0, length - side) // 2, None) for length in image.shape)
    return image[part][:side, :side], labels[part][:side, :side]
