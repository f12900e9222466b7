"""What is inside the cells: thickness, nuclei, nucleoli, granules and ruffles, as maps."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from samcell_core.synthetic.culture import Culture
from samcell_core.synthetic.layout import Colony
from samcell_core.synthetic.noise import Field, blur, fractal, smooth_noise, speckles
from samcell_core.synthetic.shapes import KINDS, outlines

__all__ = ["Anatomy", "dissect"]

_CORNERS = 36
_BALLS = [KINDS.index(kind) for kind in ("round", "oval")]


@dataclass(frozen=True, eq=False)
class Anatomy:
    """Maps over the canvas.

    Attributes
    ----------
    phase
        Delay of light in radians through cells and what lies among them.
    depth
        Distance to the cell's own border as a part of its largest, 0..1.
    edge
        Distance to the cell's own border in pixels.
    nucleus
        1 inside nuclei, soft at their rims.
    granules
        Small dense spots in the cytoplasm, about 1 at their peaks.
    body
        1 inside cells, 0 outside.
    absorption
        How strongly light is absorbed; mostly near 0.
    colony
        The cells.
    diameter
        Their usual diameter in pixels.
    """

    phase: Field
    depth: Field
    edge: Field
    nucleus: Field
    granules: Field
    body: Field
    absorption: Field
    colony: Colony
    diameter: float

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the canvas."""
        return (self.phase.shape[0], self.phase.shape[1])


def dissect(rng: np.random.Generator, culture: Culture, colony: Colony, diameter: float) -> Anatomy:
    """Fill the cells of a colony."""
    owner = colony.owner
    shape = (owner.shape[0], owner.shape[1])
    count = len(colony.radii)
    body = (owner > 0).astype(np.float32)
    edge, depth = _depths(owner, count)
    nucleus, nucleoli = _nuclei(rng, colony, diameter)

    contact = rng.uniform(0, 0.7) if rng.random() < 0.7 else 0.0
    tops, is_ball = _tops(rng, culture, colony, diameter)
    dome = np.sqrt(np.maximum(0, 1 - (1 - depth) ** 2))
    flat = _layer(rng, colony, edge, depth, diameter, contact)
    height = (is_ball * dome + (1 - is_ball) * flat) * tops
    height = blur(height, max(0.5, diameter * rng.uniform(0.005, 0.035)))

    phase = height * (1 + _unevenness(rng, shape, diameter))
    phase += _nuclear_phase(rng, nucleus, nucleoli, tops)
    granules = _granules(rng, colony, depth * (1 - 0.9 * nucleus), diameter)
    phase += granules * np.float32(rng.choice([0, 0.15, 0.4, 0.9]) * rng.uniform(0.3, 1.2))
    phase += _clefts(rng, edge, body, diameter, contact)
    if culture.neurites or rng.random() < 0.12:
        phase += _neurites(rng, colony, diameter)
    absorption = body * np.float32(rng.uniform(0, 0.06)) + granules * np.float32(
        rng.uniform(0, 0.25)
    )
    return Anatomy(phase, depth, edge, nucleus, granules, body, absorption, colony, diameter)


def _tops(
    rng: np.random.Generator, culture: Culture, colony: Colony, diameter: float
) -> tuple[Field, Field]:
    """Phase at the highest point of the cell of each pixel, and 1 where that cell is a ball."""
    count = len(colony.radii)
    ball = np.isin(colony.kinds, _BALLS) | colony.raised
    usual = rng.uniform(*culture.thickness)
    # A cell that has drawn itself together is thicker.
    contracted = np.clip(diameter / 2 / colony.radii, 0.6, 2) ** rng.uniform(0, 1.5)
    flat = usual * contracted * np.exp(rng.normal(0, rng.uniform(0.1, 0.45), count))
    # Balls so thick that nothing else is left to see help nobody.
    round_up = min(rng.uniform(1.0, 4.5), 4 * usual) * np.exp(rng.normal(0, 0.2, count))
    tops = np.where(ball, round_up, flat)
    return _by_cell(tops, colony.owner), _by_cell(ball.astype(float), colony.owner)


def _layer(
    rng: np.random.Generator,
    colony: Colony,
    edge: Field,
    depth: Field,
    diameter: float,
    contact: float,
) -> Field:
    """Relative thickness of flat cells: a plateau with a hill; valleys where cells touch."""
    ground = np.asarray(
        cv2.distanceTransform((colony.owner > 0).view(np.uint8), cv2.DIST_L2, 5), np.float32
    )
    if rng.random() < 0.5:
        slopes = rng.uniform(0.04, 0.5) * np.exp(rng.normal(0, 0.3, len(colony.radii)))
        rise = np.maximum(_by_cell(np.clip(slopes, 0.03, 0.8), colony.owner), 0.02)
        shared = np.float32(contact) * np.minimum(ground / np.float32(diameter / 2), 1)
        layer = 1 - np.exp(-np.maximum(depth, shared) / rise)
    else:  # thin arms are as thick as the rest
        width = np.float32(rng.uniform(0.7, 3.5))
        valley = 1 - np.float32(1 - contact) * np.exp(-edge / width)
        layer = (1 - np.exp(-ground / width)) * valley
    hill = rng.uniform(0.05, 0.8)
    return np.asarray(layer * (1 - hill + hill * depth**1.5), np.float32)


def _by_cell(values: NDArray[np.float64], owner: NDArray[np.int32]) -> Field:
    return np.asarray(np.append(0, values).astype(np.float32)[owner])


def _depths(owner: NDArray[np.int32], count: int) -> tuple[Field, Field]:
    inside = owner > 0
    inside[:, 1:] &= owner[:, 1:] == owner[:, :-1]
    inside[1:] &= owner[1:] == owner[:-1]
    edge = np.asarray(cv2.distanceTransform(inside.view(np.uint8), cv2.DIST_L2, 5), np.float32)
    deepest = np.zeros(count + 1)
    numbers = np.arange(1, count + 1)
    deepest[1:] = ndimage.maximum(edge, owner, numbers)
    return edge, np.asarray(edge / np.maximum(deepest, 1).astype(np.float32)[owner], np.float32)


def _unevenness(rng: np.random.Generator, shape: tuple[int, int], diameter: float) -> Field:
    """Relative waves of thickness: broad folds, and the grain of the cytoplasm."""
    folds = fractal(rng, shape, max(4, diameter * rng.uniform(0.15, 0.5)), 3, rng.uniform(0.4, 0.8))
    grain = smooth_noise(rng, shape, rng.uniform(1.5, 5))
    strength = rng.uniform(0.02, 0.3) if rng.random() < 0.8 else 0.0
    rough = rng.uniform(0.01, 0.2) if rng.random() < 0.7 else 0.0
    return np.asarray(folds * np.float32(strength) + grain * np.float32(rough), np.float32)


def _nuclei(rng: np.random.Generator, colony: Colony, diameter: float) -> tuple[Field, Field]:
    """Soft masks of nuclei, and of the nucleoli in them."""
    shape = colony.owner.shape
    nuclei = np.zeros(shape, np.uint8)
    nucleoli = np.zeros(shape, np.uint8)
    share = rng.uniform(0.35, 0.62)
    dots = int(rng.integers(0, 5))
    sizes = colony.radii * share * rng.uniform(0.85, 1.15, len(colony.radii))
    turns = colony.angles + rng.normal(0, 0.3, len(sizes))
    reach = outlines(rng, np.full(len(sizes), KINDS.index("nucleus")), sizes, turns, _CORNERS)
    around = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    compass = np.stack([np.cos(around), np.sin(around)], 1)
    for cell in np.flatnonzero(~colony.raised):
        radius = sizes[cell]
        x, y = middle = colony.centres[cell] + rng.normal(0, 0.12 * colony.radii[cell], 2)
        rim = np.round(16 * (middle + compass * reach[cell][:, None])).astype(np.int32)
        cv2.fillPoly(nuclei, [rim[:, None]], 255, cv2.LINE_AA, 4)
        for _ in range(int(rng.integers(0, dots + 1))):
            spot = rng.uniform(-0.5, 0.5, 2) * radius
            place = (round(16 * (x + spot[0])), round(16 * (y + spot[1])))
            size = max(10, round(16 * radius * rng.uniform(0.08, 0.24)))
            cv2.circle(nucleoli, place, size, 255, -1, cv2.LINE_AA, 4)
    inside = cv2.erode((colony.owner > 0).view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    soft = max(0.5, diameter * rng.uniform(0.01, 0.03))
    mask = np.asarray(np.where(inside, nuclei, 0) / 255, np.float32)
    return blur(mask, soft), blur(np.asarray(nucleoli / 255 * mask, np.float32), 0.7)


def _nuclear_phase(rng: np.random.Generator, nucleus: Field, nucleoli: Field, tops: Field) -> Field:
    """Delay by nuclei: more or less than the cytoplasm; a rim may show, nucleoli are dense."""
    if rng.random() < 0.15:
        return np.zeros_like(nucleus)
    excess = rng.normal(0.05, 0.22)
    rim = 4 * nucleus * (1 - nucleus) * np.float32(rng.uniform(-0.1, 0.25))
    dots = nucleoli * np.float32(rng.uniform(0.1, 0.8))
    scale = np.float32(0.25) + 0.6 * np.minimum(tops, 2)
    return np.asarray((nucleus * np.float32(excess) + rim + dots) * scale, np.float32)


def _granules(rng: np.random.Generator, colony: Colony, liking: Field, diameter: float) -> Field:
    """Granules and vesicles, some of them dense, crowded in some cells and near the middle."""
    shape = (colony.owner.shape[0], colony.owner.shape[1])
    richness = np.exp(rng.normal(0, rng.uniform(0.2, 1.2), len(colony.radii)))
    chance = _by_cell(richness, colony.owner) * np.clip(liking, 0, 0.6) ** rng.uniform(0.3, 2)
    chance *= np.float32(np.exp(rng.uniform(np.log(0.0008), np.log(0.05))))
    where = np.flatnonzero(rng.random(shape, dtype=np.float32) < chance)
    sigma = min(rng.uniform(0.6, 1.4), diameter / 20)
    spots = speckles(rng, where, shape, sigma)
    if len(where) > 8 and rng.random() < 0.5:
        few = rng.choice(where, max(1, len(where) // int(rng.integers(4, 12))), replace=False)
        large = speckles(rng, np.sort(few), shape, min(rng.uniform(1.4, 3), diameter / 14))
        # Vesicles are hollow to light, lipid drops are dense.
        spots = spots + large * np.float32(rng.choice([-1.0, 1.0, 1.0]))
    return np.asarray(np.clip(spots, -1.5, 2), np.float32)


def _clefts(
    rng: np.random.Generator, edge: Field, body: Field, diameter: float, contact: float
) -> Field:
    """Ridges or grooves along the borders, that come and go."""
    width = np.float32(max(0.8, diameter * rng.uniform(0.01, 0.05)))
    comes = np.clip(
        0.5 + smooth_noise(rng, (body.shape[0], body.shape[1]), diameter * rng.uniform(0.3, 1)),
        0,
        1.6,
    )
    strength = np.float32(rng.normal(0, 0.25) * (rng.random() < 0.7 + contact))
    return np.asarray(body * np.exp(-((edge / width) ** 2)) * comes * strength, np.float32)


def _neurites(rng: np.random.Generator, colony: Colony, diameter: float) -> Field:
    """Thin processes that wander away from the cells."""
    drawn = np.zeros(colony.owner.shape, np.uint8)
    cells = rng.permutation(len(colony.radii))[:90]
    for cell in cells:
        for _ in range(int(rng.integers(1, 5))):
            steps = int(rng.integers(6, 30))
            turns = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.25, steps))
            stride = rng.uniform(0.08, 0.25) * diameter
            path = colony.centres[cell] + np.cumsum(
                stride * np.stack([np.cos(turns), np.sin(turns)], 1), 0
            )
            points = np.round(path * 16).astype(np.int32)[:, None]
            shade = int(rng.integers(80, 255))
            cv2.polylines(drawn, [points], False, shade, int(rng.integers(1, 3)), cv2.LINE_AA, 4)
    strength = np.float32(rng.uniform(0.15, 0.8))
    lines = np.asarray(np.where(colony.owner > 0, 0, drawn) / 255, np.float32)
    return np.asarray(blur(lines, rng.uniform(0.5, 1.0)) * strength, np.float32)
