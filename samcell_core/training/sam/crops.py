"""What the network is shown: crops, each prepared as a tile is when an image is segmented."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from samcell_core.models.contrast import published_contrast
from samcell_core.training.examples import Example, View, look
from samcell_core.training.sam.settings import SamTrainingSettings

__all__ = [
    "Crops",
    "count_validation_crops",
    "training_batch",
    "validation_batch",
    "validation_batches",
]

_MOST_FROM_AN_IMAGE = 4  # to validate on
_ORDER, _TRAINING, _VALIDATION = 20_081, 20_082, 20_083  # streams of random numbers


@dataclass(frozen=True, eq=False)
class Crops:
    """Prepared crops and their distance maps, batch x side x side, with their images' names."""

    image: Tensor
    distance: Tensor
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    def split(self, size: int) -> Iterator[Crops]:
        """The same crops in parts of a size."""
        for start in range(0, len(self), size):
            some = slice(start, start + size)
            yield Crops(self.image[some], self.distance[some], self.names[some])


def training_batch(images: Sequence[Example], settings: SamTrainingSettings, number: int) -> Crops:
    """Batch of a number, counted from 0 over all epochs; the seed and the number decide it.

    In each epoch, each image gives one crop, in an order of that epoch; the last batch of an epoch
    may be smaller.
    """
    epoch, batch = divmod(number, settings.updates_in(len(images)))
    order = np.random.default_rng((settings.seed, epoch, _ORDER)).permutation(len(images))
    chosen = order[batch * settings.batch : (batch + 1) * settings.batch]
    return _stacked([_changed_crop(images, settings, epoch, int(each)) for each in chosen])


def count_validation_crops(images: Sequence[Example], settings: SamTrainingSettings) -> int:
    """How many crops there are to validate on."""
    return len(_places(images, settings))


def validation_batches(images: Sequence[Example], settings: SamTrainingSettings) -> int:
    """How many batches these make."""
    return settings.updates_in(count_validation_crops(images, settings))


def validation_batch(
    images: Sequence[Example], settings: SamTrainingSettings, number: int
) -> Crops:
    """Batch of a number to validate on: crops as they are, the same ones in every epoch.

    Each image gives as many as have room in it side by side, from one to four.
    """
    places = _places(images, settings)[number * settings.batch : (number + 1) * settings.batch]
    return _stacked([_plain_crop(images, settings, *each) for each in places])


def _places(images: Sequence[Example], settings: SamTrainingSettings) -> list[tuple[int, int]]:
    """Index of the image and number of the crop in it, for all crops to validate on."""
    places = []
    for index, example in enumerate(images):
        fits = math.prod(example.labels.shape) // settings.tile**2
        places += [(index, crop) for crop in range(min(max(fits, 1), _MOST_FROM_AN_IMAGE))]
    return places


def _plain_crop(
    images: Sequence[Example], settings: SamTrainingSettings, index: int, crop: int
) -> tuple[NDArray[np.uint8], NDArray[np.float32], str]:
    rng = np.random.default_rng((settings.seed, index, crop, _VALIDATION))
    view = View(_centre(rng, images[index], settings.tile / 2), (1.0, 1.0), 0.0, False)
    grey, distance = _cut(images[index], view, settings.tile)
    return published_contrast(grey), distance, images[index].name


def _changed_crop(
    images: Sequence[Example], settings: SamTrainingSettings, epoch: int, index: int
) -> tuple[NDArray[np.uint8], NDArray[np.float32], str]:
    rng = np.random.default_rng((settings.seed, epoch, index, _TRAINING))
    scale = float(rng.uniform(*settings.scale))
    view = View(
        centre=_centre(rng, images[index], settings.tile / 2 / scale),
        zoom=(scale, scale),
        angle=math.radians(float(rng.uniform(-settings.rotation, settings.rotation))),
        mirrored=bool(rng.random() < settings.mirror),
    )
    grey, distance = _cut(images[index], view, settings.tile)
    if rng.random() < settings.inversion:
        grey = cv2.bitwise_not(grey).astype(np.uint8, copy=False)
    # Made brighter after the contrast step, which would undo it.
    bright = published_contrast(grey) * np.float32(rng.uniform(*settings.brightness))
    return np.clip(np.rint(bright), 0, 255).astype(np.uint8), distance, images[index].name


def _centre(rng: np.random.Generator, example: Example, half: float) -> tuple[float, float]:
    """Place of a crop that leaves the image as little as possible: x and y of its middle."""
    height, width = example.labels.shape
    row, column = (
        float(rng.uniform(half, length - half)) if length > 2 * half else length / 2
        for length in (height, width)
    )
    # Centres of pixels lie at whole numbers; so crops that are not turned are cut out exactly.
    return math.floor(column) - 0.5, math.floor(row) - 0.5


def _cut(example: Example, view: View, side: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Grey values and distance map of a view; both mirrored at the image's border, as tiles are."""
    crop = look(example, view, side)
    return np.rint(crop.image * 255).astype(np.uint8), crop.distance


def _stacked(
    crops: Sequence[tuple[NDArray[np.uint8], NDArray[np.float32], str]],
) -> Crops:
    return Crops(
        image=torch.from_numpy(np.stack([image for image, _, _ in crops])),
        distance=torch.from_numpy(np.stack([distance for _, distance, _ in crops])),
        names=tuple(name for _, _, name in crops),
    )
