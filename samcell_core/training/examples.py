"""Images and their targets, ready to be cut from at any scale and angle."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import ImageError
from samcell_core.training.targets import Targets, make_targets

__all__ = ["Crop", "Example", "Examples", "View", "choose", "look", "make_example", "random_view"]

_CONTACT_WEIGHT = 3.0
_LEVELS = 4
# A crop's cells are enlarged and reduced at most so much: beyond, there is nothing to see.
_ZOOM = (0.12, 3.0)
# Grid on which presence and size are told, in pixels of the crop.
_GRID = 8
_LONGEST = 32_000  # OpenCV warps nothing larger


@dataclass(frozen=True, eq=False)
class Example:
    """One image with its targets, at full size and halved several times.

    Attributes
    ----------
    name, set
        For messages, and for sampling.
    levels
        Image, distance map x 255 and weight x 80 as uint8, stacked in that order along the
        last axis, at sizes 1, 1/2, 1/4 ...
    labels, diameter, cut
        Labels at full size, the diameter of each, and whether the border of the image cuts it.
    typical
        Median diameter of the whole cells.
    """

    name: str
    set: str
    levels: tuple[NDArray[np.uint8], ...]
    labels: NDArray[np.int32]
    diameter: NDArray[np.float32]
    cut: NDArray[np.bool_]
    typical: float

    @property
    def image(self) -> NDArray[np.uint8]:
        """The image at full size."""
        return np.ascontiguousarray(self.levels[0][..., 0])


Examples = Mapping[str, Sequence[Example]]
"""Images by the name of their set."""


@dataclass(frozen=True, eq=False)
class Crop:
    """What is shown to the network, and what it should say.

    Attributes
    ----------
    image
        Grey values of 0..1, side x side.
    distance, weight
        Distance map, and how much each pixel counts: 0 beyond the border of the image.
    size
        On a grid of every 8th pixel, log2 of the diameter of the cell there; 0 where there is none,
        and -1 where there is one whose diameter is not known, for the border of the image cuts it.
    """

    image: NDArray[np.float32]
    distance: NDArray[np.float32]
    weight: NDArray[np.float32]
    size: NDArray[np.float32]


@dataclass(frozen=True)
class View:
    """Where a crop lies: centre in the image, zoom along both axes, angle, mirrored or not."""

    centre: tuple[float, float]
    zoom: tuple[float, float]
    angle: float
    mirrored: bool

    def matrix(self, side: int) -> NDArray[np.float64]:
        """From x and y in the crop, counted from pixel centres, to x and y in the image."""
        turn = np.array(
            [
                [math.cos(self.angle), -math.sin(self.angle)],
                [math.sin(self.angle), math.cos(self.angle)],
            ]
        )
        flip = np.diag([-1.0 if self.mirrored else 1.0, 1.0])
        linear = turn @ flip @ np.diag([1 / self.zoom[0], 1 / self.zoom[1]])
        offset = np.array(self.centre) - linear @ np.full(2, (side - 1) / 2)
        return np.column_stack([linear, offset])


def make_example(
    image: NDArray[np.uint8],
    labels: NDArray[np.integer],
    *,
    name: str,
    set_name: str,
    make: Callable[[NDArray[np.integer]], Targets] = make_targets,
) -> Example:
    """Prepare an image for training: its targets are computed here, once.

    Parameters
    ----------
    image
        Grey values of 8 bits, stretched as ``intensity="percentile"`` does.
    labels
        Of the same shape: 0 outside cells, 1..n inside.
    name
        What messages call it; no other image should have it.
    set_name
        Its set.
    make
        What makes the targets, or finds them where they have been made before.

    Raises
    ------
    ImageError
        One of them is not what it should be, or there are no cells.
    """
    _check(image, labels, name)
    targets = make(labels)
    weight = np.where(targets.contact, _CONTACT_WEIGHT, 1.0) * 80
    level = np.dstack([image, np.rint(targets.distance * 255), weight]).astype(np.uint8)
    levels = [level]
    while len(levels) < _LEVELS and min(level.shape[:2]) >= 64:
        height, width = level.shape[:2]
        half = cv2.resize(level, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        level = np.asarray(half, np.uint8)
        levels.append(level)
    return Example(
        name=name,
        set=set_name,
        levels=tuple(levels),
        labels=np.ascontiguousarray(labels, np.int32),
        diameter=targets.diameter,
        cut=targets.cut,
        typical=targets.typical_diameter,
    )


def _check(image: NDArray[np.uint8], labels: NDArray[np.integer], name: str) -> None:
    if image.dtype != np.uint8 or image.ndim != 2:
        raise ImageError(
            f"{name} is {image.dtype} of shape {image.shape}: give a grey plane of 8 bits."
        )
    if labels.shape != image.shape:
        raise ImageError(
            f"The labels of {name} have the shape {labels.shape} and the image has {image.shape}: "
            "give the labels of this very image."
        )
    if max(image.shape) > _LONGEST:
        raise ImageError(
            f"{name} has {image.shape[0]} x {image.shape[1]} pixels: cut it into pieces of at "
            f"most {_LONGEST} a side."
        )
    if not labels.any():
        raise ImageError(f"{name} has no cells, only 0: leave it out, or label the cells.")


def choose(rng: np.random.Generator, examples: Examples, weights: Mapping[str, float]) -> Example:
    """One example: first a set by weight, then any of its images."""
    names = sorted(examples)
    shares = np.array([weights[name] for name in names], float)
    name = names[int(rng.choice(len(names), p=shares / shares.sum()))]
    return examples[name][int(rng.integers(len(examples[name])))]


def random_view(
    rng: np.random.Generator,
    example: Example,
    side: int,
    diameters: tuple[float, float],
    usual: tuple[float, float],
) -> View:
    """Choose a view in which the cells have a size drawn from a range, mostly the usual one."""
    low, high = usual if rng.random() < 0.7 else diameters
    wanted = math.exp(rng.uniform(math.log(low), math.log(high)))
    zoom = min(max(wanted / example.typical, _ZOOM[0]), _ZOOM[1])
    stretch = math.exp(rng.normal(0, 0.07))
    height, width = example.labels.shape
    half = 0.5 * side / zoom
    if rng.random() < 0.6:  # around a cell, so that sparse images do not give empty crops only
        row, column = _any_cell(rng, example.labels)
        row, column = row + rng.uniform(-half, half) / 2, column + rng.uniform(-half, half) / 2
    else:
        row, column = rng.uniform(0, height), rng.uniform(0, width)
    row, column = _inside(row, half, height), _inside(column, half, width)
    return View(
        centre=(column, row),
        zoom=(zoom * stretch, zoom / stretch),
        angle=float(rng.uniform(0, 2 * math.pi)),
        mirrored=bool(rng.random() < 0.5),
    )


def _any_cell(rng: np.random.Generator, labels: NDArray[np.int32]) -> tuple[float, float]:
    """Find a pixel of a cell, or any pixel if 20 tries hit none."""
    height, width = labels.shape
    for _ in range(20):
        row, column = int(rng.integers(height)), int(rng.integers(width))
        if labels[row, column]:
            break
    return float(row), float(column)


def _inside(centre: float, half: float, length: int) -> float:
    """Move a crop so that it leaves the image as little as possible."""
    if 2 * half >= length:
        return length / 2
    return min(max(centre, half), length - half)


def look(example: Example, view: View, side: int) -> Crop:
    """Cut a view out of an example."""
    matrix = view.matrix(side)
    zoom = min(view.zoom)
    level = 0
    while zoom <= 0.6 and level + 1 < len(example.levels):
        zoom, level = zoom * 2, level + 1
    factor = 0.5**level
    reduced = matrix * factor
    reduced[:, 2] += 0.5 * factor - 0.5  # centres of pixels lie half a pixel from the corner
    flags = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
    planes = example.levels[level]
    shown = cv2.warpAffine(
        planes, reduced, (side, side), flags=flags, borderMode=cv2.BORDER_REFLECT
    )
    inside = cv2.warpAffine(
        np.ascontiguousarray(planes[..., 2]),
        reduced,
        (side, side),
        flags=flags,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    return Crop(
        image=shown[..., 0].astype(np.float32) / np.float32(255),
        distance=shown[..., 1].astype(np.float32) / np.float32(255),
        weight=inside.astype(np.float32) / np.float32(80),
        size=_sizes(example, matrix, math.sqrt(view.zoom[0] * view.zoom[1]), side),
    )


def _sizes(
    example: Example, matrix: NDArray[np.float64], zoom: float, side: int
) -> NDArray[np.float32]:
    centres = np.arange(side // _GRID) * _GRID + (_GRID - 1) / 2
    across, down = np.meshgrid(centres, centres)
    place = matrix @ np.stack([across.ravel(), down.ravel(), np.ones(across.size)])
    column, row = np.rint(place).astype(int)
    height, width = example.labels.shape
    valid = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    found = example.labels[np.where(valid, row, 0), np.where(valid, column, 0)]
    diameter = np.where(valid & (found > 0), example.diameter[found], 0.0)
    size = np.zeros(across.size, np.float32)
    here = diameter > 0
    size[here] = np.maximum(np.log2(diameter[here] * zoom), 0.01)
    size[here & example.cut[found]] = -1
    return size.reshape(across.shape)
