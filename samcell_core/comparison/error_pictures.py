"""Pictures in which the wrong cells of one plane stand out: predicted cells, and true ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from samcell_core.batch.pictures import outline_pixels, picture_of
from samcell_core.images import Image
from samcell_core.metrics import Evaluation

__all__ = ["KINDS", "ErrorPictures", "Kind", "draw_errors"]


@dataclass(frozen=True)
class Kind:
    """A way in which a cell is right or wrong.

    Attributes
    ----------
    name
        What people call it.
    colour
        Red, green and blue.
    help
        One line for people.
    """

    name: str
    colour: tuple[int, int, int]
    help: str


# Okabe and Ito's colours: told apart by people who see no red or no green, too.
KINDS = (
    Kind("right", (150, 158, 170), "predicted and true cell belong together"),
    Kind("merged", (230, 159, 0), "true cells that one predicted cell covers together"),
    Kind("split", (86, 180, 233), "a true cell that holds several predicted ones"),
    Kind("missed", (240, 228, 66), "a true cell of which no predicted cell covers more than half"),
    Kind("spurious", (255, 79, 160), "a predicted cell that covers more than half of no true one"),
)
_RIGHT, _MERGED, _SPLIT, _MISSED, _SPURIOUS = range(len(KINDS))

_WINDOW = 1024  # pixels: cells of larger planes would be too small to be seen
_STRIDE = 128
_LEAST_SIDE, _MOST_SIDE = 420, 900
_GROUND = 24
_FILL = {True: 0.35, False: 0.75}  # with a microscope image below, and without
_RIGHT_FILL = {True: 0.0, False: 0.45}


@dataclass(frozen=True, eq=False)
class ErrorPictures:
    """What is wrong in one plane.

    Attributes
    ----------
    predicted, truth
        Pictures of the cells of either side, blue first as OpenCV has it.
    rows, columns
        The part of the plane that they show, ends not included.
    whole
        Whether that is all of it.
    """

    predicted: NDArray[np.uint8]
    truth: NDArray[np.uint8]
    rows: tuple[int, int]
    columns: tuple[int, int]
    whole: bool


def draw_errors(
    evaluation: Evaluation,
    predicted: NDArray[Any],
    truth: NDArray[Any],
    image: Image | None = None,
    plane: int = 0,
) -> ErrorPictures:
    """Colour the cells of one plane by what is wrong with them.

    A cell that is wrong in several ways has the first of these colours: merged, split, missed or
    spurious. Of large planes the part with most wrong pixels is shown.

    Parameters
    ----------
    evaluation
        Of this plane.
    predicted, truth
        Labels, height x width.
    image, plane
        The image below the cells and the number of its plane, where it is at hand.
    """
    kinds = _kinds_of_predicted(evaluation, predicted), _kinds_of_truth(evaluation, truth)
    wrong = (kinds[0] > _RIGHT) | (kinds[1] > _RIGHT)
    rows, columns = _worst_window(wrong)
    window = (slice(*rows), slice(*columns))
    below = None if image is None else _below(image, predicted, plane, window)
    pictures = [
        _draw(labels[window], kind[window], below)
        for labels, kind in zip((predicted, truth), kinds, strict=True)
    ]
    whole = (rows[1] - rows[0], columns[1] - columns[0]) == wrong.shape
    return ErrorPictures(pictures[0], pictures[1], rows, columns, whole)


def _kinds_of_predicted(evaluation: Evaluation, labels: NDArray[Any]) -> NDArray[np.int8]:
    pieces = [piece for those in evaluation.split.values() for piece in those]
    return _kinds(
        labels,
        (_SPURIOUS, evaluation.spurious),
        (_SPLIT, pieces),
        (_MERGED, list(evaluation.merged)),
    )


def _kinds_of_truth(evaluation: Evaluation, labels: NDArray[Any]) -> NDArray[np.int8]:
    covered = [cell for those in evaluation.merged.values() for cell in those]
    return _kinds(
        labels, (_MISSED, evaluation.missed), (_SPLIT, list(evaluation.split)), (_MERGED, covered)
    )


def _kinds(labels: NDArray[Any], *cells: tuple[int, Any]) -> NDArray[np.int8]:
    """Kind of each pixel, -1 outside cells; later ones take the place of earlier ones."""
    ids, index = np.unique(labels, return_inverse=True)
    kinds = np.where(ids == 0, -1, _RIGHT).astype(np.int8)
    for kind, those in cells:
        kinds[np.isin(ids, np.asarray(those, dtype=np.int64))] = kind
    coloured: NDArray[np.int8] = kinds[index].reshape(labels.shape)
    return coloured


def _worst_window(wrong: NDArray[np.bool_]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Rows and columns of the part of a plane that has most wrong pixels."""
    height, width = wrong.shape
    sums = cv2.integral(wrong.astype(np.uint8))
    tall, wide = min(height, _WINDOW), min(width, _WINDOW)
    tops, lefts = _starts(height, tall), _starts(width, wide)
    inside = (
        sums[np.ix_(tops + tall, lefts + wide)]
        - sums[np.ix_(tops, lefts + wide)]
        - sums[np.ix_(tops + tall, lefts)]
        + sums[np.ix_(tops, lefts)]
    )
    row, column = np.unravel_index(int(np.argmax(inside)), inside.shape)
    top, left = int(tops[row]), int(lefts[column])
    return (top, top + tall), (left, left + wide)


def _starts(length: int, window: int) -> NDArray[np.int64]:
    return np.unique(np.append(np.arange(0, length - window + 1, _STRIDE), length - window))


def _below(
    image: Image, labels: NDArray[Any], plane: int, window: tuple[slice, slice]
) -> NDArray[np.uint8]:
    """Part of the microscope image, at full size also where a picture of it is reduced."""
    picture = picture_of(image, labels, plane, channel=None if _single(image) else 0)
    if picture.step == 1:
        return picture.colours[window]
    reduced = tuple(slice(part.start // picture.step, None) for part in window)
    size = tuple(part.stop - part.start for part in window)
    some = picture.colours[reduced][: -(-size[0] // picture.step), : -(-size[1] // picture.step)]
    return np.asarray(cv2.resize(some, size[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def _single(image: Image) -> bool:
    return "C" not in image.axes or image.data.shape[image.axes.index("C")] == 1


def _draw(
    labels: NDArray[Any], kinds: NDArray[np.int8], below: NDArray[np.uint8] | None
) -> NDArray[np.uint8]:
    """Cells filled in their colours, right ones hardly, and outlined."""
    size = _size(labels.shape)
    ground = (
        np.full((size[1], size[0], 3), _GROUND, np.uint8)
        if below is None
        else np.asarray(cv2.resize(below, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    )
    rows = np.arange(size[1]) * labels.shape[0] // size[1]
    columns = np.arange(size[0]) * labels.shape[1] // size[0]
    labels, kinds = labels[np.ix_(rows, columns)], kinds[np.ix_(rows, columns)]
    colours = np.array([kind.colour[::-1] for kind in KINDS], np.float32)[kinds]
    over = below is not None
    opacity = np.where(kinds > _RIGHT, _FILL[over], _RIGHT_FILL[over]).astype(np.float32)
    opacity[kinds < 0] = 0
    opacity[outline_pixels(labels)] = 1
    mixed = ground + (colours - ground) * opacity[..., np.newaxis]
    return np.asarray(np.rint(mixed), np.uint8)


def _size(shape: tuple[int, ...]) -> tuple[int, int]:
    """Width and height of the picture of a part of this shape."""
    longest = max(shape)
    factor = min(max(1.0, -(-_LEAST_SIDE // longest)), _MOST_SIDE / longest)
    return max(1, round(shape[1] * factor)), max(1, round(shape[0] * factor))
