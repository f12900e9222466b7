"""Labels of cells from the files of any program: label images, and outlines such as RoiSet.zip."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import ImageError
from samcell_core.images import Image, read_image

__all__ = ["IMAGE_ENDINGS", "LabelReader", "Labels", "OutlineReader", "frame_of"]

OutlineReader = Callable[[Path, tuple[int, ...], str], NDArray[Any]]
"""Draws the outlines in a file as labels of a shape with these axes, such as ``TYX``."""

IMAGE_ENDINGS = (".tif", ".tiff", ".btf", ".png", ".bmp", ".npy")
"""Endings of the files that may hold a label image."""

_ADVICE = "give a grey image of 16 bits with one number for each cell and 0 outside cells"
_FULL = (255, 65535)  # what masks of all cells in one are made of
_MOST_PIECES = 3  # of the only cell of a plane
_ENOUGH_PIXELS = 4096
_SHORTEST_RUN = 2  # pixels of a cell side by side, on average


@dataclass(frozen=True, eq=False)
class Labels:
    """Cells of one image.

    Attributes
    ----------
    array
        Whole numbers, 0 outside cells.
    axes
        A letter for each axis, such as ``TYX``.
    pixel_size
        Height and width of a pixel in micrometres, where the file says it.
    """

    array: NDArray[Any]
    axes: str
    pixel_size: tuple[float, float] | None = None


@dataclass(frozen=True)
class LabelReader:
    """Reads label files of all kinds.

    Attributes
    ----------
    outlines
        What reads files that hold outlines, by their ending, such as ``.zip``. They know nothing
        of the size of the image, so it has to come from elsewhere.
    """

    outlines: Mapping[str, OutlineReader] = field(default_factory=dict)

    def needs_shape(self, path: Path) -> bool:
        """Whether a file holds outlines, which have to be drawn into an image of some size."""
        return path.suffix.lower() in self.outlines

    def read(self, path: Path, like: Labels | Image | None = None) -> Labels:
        """Labels of a file; outlines are drawn into the shape of ``like``.

        Raises
        ------
        ImageError
            The file cannot be read, or does not hold labels.
        """
        if not self.needs_shape(path):
            return _read_label_image(path)
        if like is None:
            raise ImageError(
                f"{path} holds outlines, which do not say how large the image is: give the image, "
                "or a label image on the other side."
            )
        shape, axes, pixel_size = frame_of(like)
        try:
            array = self.outlines[path.suffix.lower()](path, shape, axes)
        except OSError as error:
            raise ImageError(
                f"{path} cannot be opened ({error.strerror or error}): check it and its rights."
            ) from error
        return Labels(array, axes, pixel_size)

    def read_both(
        self, first: Path, second: Path, image: Path | None = None
    ) -> tuple[Labels, Labels]:
        """Labels of one image from two files, their axes in one order.

        Parameters
        ----------
        first, second
            The files. Where one of them holds outlines, it gets the size of the other.
        image
            The image they were made from: only needed where both hold outlines.
        """
        if self.needs_shape(first) and self.needs_shape(second):
            if image is None:
                raise ImageError(
                    f"{first.name} and {second.name} both hold outlines, which do not say how "
                    "large the image is: give the images, too, or label images on one side."
                )
            frame = read_image(image)
            return self.read(first, frame), self.read(second, frame)
        if self.needs_shape(first):
            other = self.read(second)
            return self.read(first, other), other
        labels = self.read(first)
        return labels, _in_order(self.read(second, labels), labels)


def frame_of(like: Labels | Image) -> tuple[tuple[int, ...], str, tuple[float, float] | None]:
    """Shape of the labels of an image or of other labels, their axes, and the pixel size."""
    if isinstance(like, Labels):
        return like.array.shape, like.axes, like.pixel_size
    sizes = dict(zip(like.axes, like.data.shape, strict=True))
    axes = "".join(axis for axis in like.axes if axis not in "CSYX") + "YX"
    return tuple(int(sizes[axis]) for axis in axes), axes, like.pixel_size


def _in_order(labels: Labels, example: Labels) -> Labels:
    """Labels with the axes of others, where they have the same in another order or idle ones."""
    if sorted(labels.axes) == sorted(example.axes):
        order = [labels.axes.index(axis) for axis in example.axes]
        return replace(labels, array=labels.array.transpose(order), axes=example.axes)
    if labels.array.size == example.array.size and labels.array.squeeze().shape == (
        example.array.squeeze().shape
    ):
        return replace(labels, array=labels.array.reshape(example.array.shape), axes=example.axes)
    return labels


def _read_label_image(path: Path) -> Labels:
    image = read_image(path, stored=True)
    sizes = dict(zip(image.axes, image.data.shape, strict=True))
    if sizes.get("S", 1) > 2:
        raise ImageError(
            f"{path} has colours in place of labels, and pixels of a colour may be of several "
            f"cells: {_ADVICE}."
        )
    if sizes.get("C", 1) > 1:
        raise ImageError(
            f"{path} has {sizes['C']} channels, but each pixel of a label image has one number: "
            "save the channel that holds the labels."
        )
    planes = image.planes()
    height, width = planes.shape[-2:]
    drawn = [_whole_numbers(plane.read(0, height, 0, width), path) for plane in planes]
    for plane in drawn:
        _check_cells(plane, path)
    return Labels(np.stack(drawn).reshape(planes.shape), planes.axes, image.pixel_size)


def _whole_numbers(values: NDArray[Any], path: Path) -> NDArray[Any]:
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise ImageError(f"{path} has NaN or infinity in place of labels: {_ADVICE}.")
        if (values != np.rint(values)).any():
            raise ImageError(f"{path} has fractions in place of labels: {_ADVICE}.")
        values = values.astype(np.int64)
    if values.dtype.kind == "b":
        values = values.astype(np.uint8) * np.uint8(255)
    if values.min() < 0:
        raise ImageError(f"{path} has negative numbers in place of labels: {_ADVICE}.")
    return values


def _check_cells(plane: NDArray[Any], path: Path) -> None:
    """Refuse masks of all cells in one, and microscope images."""
    inside = plane[plane > 0]
    if not inside.size:
        return
    value = int(inside.max())
    if value == inside.min():
        pieces = cv2.connectedComponents((plane > 0).astype(np.uint8), connectivity=8)[0] - 1
        if pieces > (1 if value in _FULL else _MOST_PIECES):
            raise ImageError(
                f"{path} holds one number, {value}, in {pieces} separate pieces, so it is a mask "
                f"of all cells in one: {_ADVICE}."
            )
        return
    runs = np.count_nonzero((plane[:, 1:] != plane[:, :-1]) & (plane[:, 1:] > 0))
    crowded = inside.size > max(_ENOUGH_PIXELS, plane.size // 2)
    if crowded and inside.size < _SHORTEST_RUN * runs:
        raise ImageError(
            f"{path} looks like a microscope image, not like a label image: {_ADVICE}."
        )
