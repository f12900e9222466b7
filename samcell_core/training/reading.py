"""Image and labels of a pair as training takes them, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.measure import label

from samcell_core.errors import ImageError
from samcell_core.images import Image, eight_bit, looks_like_labels, read_image
from samcell_core.training.annotation import Drawn
from samcell_core.training.pairs import Pair

__all__ = ["read_pair", "read_with_notes"]

_SEVERAL = {"T": "time points", "Z": "depths", "C": "channels"}
_MOST_PIECES = 3  # of a cell, on average
_MOST_NUMBERS = 256  # of cells below 4 pixels each that fill half an image
_MOST_CLASSES = 8  # cells of an image are rarely so few, and in so many pieces
_FULL = (255, 65535)  # what masks of all cells in one are made of


def read_pair(
    pair: Pair, *, intensity: str = "percentile"
) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Image in 8 bits, and labels 1..n in the order of their numbers.

    The image is as the engine prepares it: with ``intensity="percentile"`` for the small network,
    with ``"auto"`` for those of SAM. A cell may be of one pixel, or of several pieces.

    Raises
    ------
    ImageError
        One of the files cannot be read, is not what it should be, or does not fit the other.
    """
    grey, drawn = read_with_notes(pair, intensity=intensity)
    return grey, drawn.labels


def read_with_notes(
    pair: Pair, *, intensity: str = "percentile"
) -> tuple[NDArray[np.uint8], Drawn]:
    """Image and labels as `read_pair` gives them, with what is worth knowing of the labels.

    Raises
    ------
    ImageError
        As `read_pair` does.
    """
    grey = _read_grey(pair, intensity)
    if pair.annotation is None:
        drawn = Drawn(_read_labels(pair.labels))
    else:
        drawn = pair.annotation.draw((grey.shape[0], grey.shape[1]))
        labels, _ = _numbered(drawn.labels, pair.labels)
        drawn = replace(drawn, labels=labels)
    labels = drawn.labels
    if labels.shape != grey.shape:
        raise ImageError(
            f"{pair.labels} has {labels.shape[0]} x {labels.shape[1]} pixels and {pair.image} has "
            f"{grey.shape[0]} x {grey.shape[1]}: give the labels of this very image."
        )
    return grey, drawn


def _read_grey(pair: Pair, intensity: str) -> NDArray[np.uint8]:
    image = read_image(pair.image)
    _check_single(image, pair.image)
    plane = image.planes()[0]
    if looks_like_labels(plane):
        raise ImageError(
            f"{pair.image} looks like a label image, not like a microscope image: check whether "
            "images and labels are swapped."
        )
    height, width = plane.shape
    if plane.dtype.kind == "f":
        unknown = 1 - np.isfinite(plane.read(0, height, 0, width)).mean()
        if unknown > 0.5:
            raise ImageError(
                f"{unknown:.0%} of the pixels of {pair.image} are NaN or infinite: leave it out, "
                "or fill them."
            )
    grey: NDArray[np.uint8] = eight_bit(plane, intensity).read(0, height, 0, width)
    if grey.min() == grey.max():
        raise ImageError(f"{pair.image} has the same value everywhere: leave it out.")
    return grey


def _check_single(image: Image, path: Path) -> None:
    """Refuse what holds more than one plane."""
    sizes = dict(zip(image.axes, image.data.shape, strict=True))
    several = [f"{sizes[axis]} {name}" for axis, name in _SEVERAL.items() if sizes.get(axis, 1) > 1]
    if several:
        raise ImageError(
            f"{path} has {' and '.join(several)}, and training takes one plane of one channel, or "
            "RGB: save each plane to train on as a file of its own, with its labels."
        )


def _read_labels(path: Path) -> NDArray[np.int32]:
    image = read_image(path, stored=True)
    _check_single(image, path)
    advice = "give a grey image with one number for each cell and 0 outside cells"
    if dict(zip(image.axes, image.data.shape, strict=True)).get("S", 1) > 2:
        raise ImageError(
            f"{path} has colours (RGB) in place of labels: {advice} (in CellProfiler, "
            "ConvertObjectsToImage as uint16, not Color)."
        )
    plane = image.planes()[0]
    values = plane.read(0, plane.shape[0], 0, plane.shape[1])
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise ImageError(f"{path} has NaN or infinity in place of labels: {advice}.")
        if (values != np.rint(values)).any():
            raise ImageError(f"{path} has fractions in place of labels: {advice}.")
    if values.min() < 0:
        raise ImageError(f"{path} has negative numbers in place of labels: {advice}.")
    labels, count = _numbered(values, path)
    _check_cells(labels, count, int(values.max()), path)
    return labels


def _numbered(values: NDArray[Any], path: Path) -> tuple[NDArray[np.int32], int]:
    """Labels 1..n in the order of their numbers, and n."""
    numbers, index = np.unique(values, return_inverse=True)
    outside = int(numbers[0] == 0)
    count = len(numbers) - outside
    if not count:
        raise ImageError(f"{path} has no cells, only 0: leave it out, or label the cells.")
    return (index.reshape(values.shape) + 1 - outside).astype(np.int32), count


def _check_cells(labels: NDArray[np.int32], count: int, highest: int, path: Path) -> None:
    """Refuse microscope images, classes in place of cells, and masks of all cells in one."""
    pieces = int(label(labels, connectivity=2).max())
    whole = count == 1 and highest in _FULL
    if count <= _MOST_CLASSES and pieces > (1 if whole else _MOST_PIECES * count):
        classes = "one class" if count == 1 else f"{count} classes"
        raise ImageError(
            f"{path} is no label image but a mask of {classes} in {pieces} separate pieces: give "
            "each cell a number of its own; where cells do not touch, connected-component "
            "labelling does it (skimage.measure.label, or MorphoLibJ in Fiji)."
        )
    if pieces > _MOST_PIECES * count:
        raise ImageError(
            f"{path} is no label image: its {count} numbers lie in {pieces} separate pieces; give "
            "each cell a number of its own (a mask of all cells, or the image, will not do)."
        )
    inside = int(np.count_nonzero(labels))
    if count > _MOST_NUMBERS and 2 * inside > labels.size and 4 * count > inside:
        raise ImageError(
            f"{path} is no label image: it has {count} numbers on {inside} pixels; give each cell "
            "one number."
        )
