"""Targets of two and three classes, and the distance map: drawn, learnt, turned into cells."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from skimage.segmentation import expand_labels
from torch import Tensor
from torch.nn import functional

from samcell_core.postprocess import segment_distance
from samcell_core.settings import Settings
from samcell_core.training.examples import Example, make_example
from samcell_core.training.targets import Targets, make_targets

__all__ = ["TARGETS", "Target", "prepared"]

WIDTH = 2
"""Pixels: of a border, and of what two cells that touch each leave free between them."""

_LARGE = np.iinfo(np.int32).max

Map = NDArray[np.float32]


@dataclass(frozen=True)
class Target:
    """One way to say where the cells are.

    Attributes
    ----------
    name
        For the table.
    masks
        Of the mask decoder's four masks, those whose logits are used.
    draw
        A plane in 0..1 from labels and their distance map. It is turned and enlarged as a distance
        map is.
    loss
        From logits, batch x masks x side x side, and that plane.
    shown
        Maps in 0..1 of those logits, batch x maps x side x side.
    cells
        Labels from these maps of a whole image.
    """

    name: str
    masks: tuple[int, ...]
    draw: Callable[[NDArray[np.int32], Map], Map]
    loss: Callable[[Tensor, Tensor], Tensor]
    shown: Callable[[Tensor], Tensor]
    cells: Callable[[Sequence[Map]], NDArray[np.integer]]


def prepared(examples: Sequence[Example], target: Target) -> list[Example]:
    """The same images with other planes to learn."""

    def make(labels: NDArray[np.integer]) -> Targets:
        usual = make_targets(labels)
        drawn = target.draw(labels.astype(np.int32), usual.distance)
        return dataclasses.replace(usual, distance=drawn)

    return [
        make_example(each.image, each.labels, name=each.name, set_name=each.set, make=make)
        for each in examples
    ]


def _distance(_: NDArray[np.int32], distance: Map) -> Map:
    return distance


def _distance_loss(logits: Tensor, plane: Tensor) -> Tensor:
    return functional.mse_loss(torch.sigmoid(logits[:, 0]), plane)


def _cells_of_distance(maps: Sequence[Map]) -> NDArray[np.integer]:
    return segment_distance(maps[0], Settings(peak=0.47, fill=0.09))


def _inside(labels: NDArray[np.int32], _: Map) -> Map:
    """1 inside cells; cells that touch are kept apart."""
    side = 2 * WIDTH + 1
    highest = ndimage.maximum_filter(labels, side, mode="nearest")
    lowest = ndimage.minimum_filter(np.where(labels, labels, _LARGE), side, mode="nearest")
    alone = (highest == labels) & (lowest == labels)
    return np.asarray(alone & (labels > 0), np.float32)


def _inside_loss(logits: Tensor, plane: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits[:, 0], (plane > 0.5).float())


def _cells_of_inside(maps: Sequence[Map]) -> NDArray[np.integer]:
    inside = maps[0] > 0.5
    grown = expand_labels(_components(inside), WIDTH)
    # Back into the gaps between cells alone: elsewhere they reach to their edge already.
    kernel = np.ones((2 * WIDTH + 1, 2 * WIDTH + 1), np.uint8)
    closed = cv2.morphologyEx(inside.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    return np.asarray(grown * closed, np.int32)


def _three(labels: NDArray[np.int32], _: Map) -> Map:
    """0 in the background, 1/2 at the border of a cell, 1 inside.

    Turned or enlarged, it passes through 1/2 on its way from 0 to 1, which is where the border is.
    """
    side = 2 * WIDTH + 1
    highest, lowest = (
        apply(labels, side, mode="nearest")
        for apply in (ndimage.maximum_filter, ndimage.minimum_filter)
    )
    inside = (highest == labels) & (lowest == labels)
    return np.asarray(np.where(inside, 1.0, 0.5) * (labels > 0), np.float32)


def _three_loss(logits: Tensor, plane: Tensor) -> Tensor:
    return functional.cross_entropy(logits, torch.round(2 * plane).long())


def _background_and_inside(logits: Tensor) -> Tensor:
    return torch.softmax(logits, dim=1)[:, ::2]


def _cells_of_three(maps: Sequence[Map]) -> NDArray[np.integer]:
    background, inside = maps
    border = 1 - background - inside
    within = _components((inside > background) & (inside > border))
    grown = expand_labels(within, 2 * WIDTH)
    return np.where((background > inside) & (background > border), within, grown)


def _components(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    return cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)[1].astype(np.int32)


TARGETS = (
    Target("distance map", (1,), _distance, _distance_loss, torch.sigmoid, _cells_of_distance),
    Target("two classes", (1,), _inside, _inside_loss, torch.sigmoid, _cells_of_inside),
    Target(
        "three classes", (1, 2, 3), _three, _three_loss, _background_and_inside, _cells_of_three
    ),
)
"""All ways."""
