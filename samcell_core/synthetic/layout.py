"""Where the cells lie, and which pixel belongs to which."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from samcell_core.synthetic.culture import Culture
from samcell_core.synthetic.labels import close_gaps, drop_scraps
from samcell_core.synthetic.noise import smooth_noise
from samcell_core.synthetic.shapes import KINDS, outlines

__all__ = ["Colony", "grow"]


@dataclass(frozen=True, eq=False)
class Colony:
    """Cells on a canvas.

    Attributes
    ----------
    owner
        Number of the cell of each pixel, 1 for the first; 0 where there is none.
    centres
        x and y of each cell on the canvas.
    radii
        Radius of the circle of each cell's intended area.
    kinds
        Place of each cell's kind in `samcell_core.synthetic.shapes.KINDS`.
    angles
        Direction of its long axis.
    raised
        True for cells rounded up, that lie above their neighbours.
    """

    owner: NDArray[np.int32]
    centres: NDArray[np.float64]
    radii: NDArray[np.float64]
    kinds: NDArray[np.int64]
    angles: NDArray[np.float64]
    raised: NDArray[np.bool_]


def grow(
    rng: np.random.Generator,
    culture: Culture,
    shape: tuple[int, int],
    diameter: float,
    crowding: float,
) -> Colony:
    """Cells of a culture over the whole canvas, `crowding` of it covered."""
    aligned = rng.random() < culture.aligned * (0.5 + 0.5 * crowding)
    base = rng.uniform(0, np.pi)
    centres = _sites(rng, culture, shape, diameter, crowding, base if aligned else None)
    count = len(centres)
    kinds, raised = _choose_kinds(rng, culture, count)
    sizes = rng.uniform(0.08, 0.35)
    radii = diameter / 2 * np.exp(rng.normal(0, sizes, count))
    radii *= diameter / 2 / np.median(radii)
    radii[raised] *= rng.uniform(0.55, 0.85)
    flow = smooth_noise(rng, shape, max(shape) / 2)
    here = np.clip(centres.astype(int), 0, np.array(shape[::-1]) - 1)
    angles = base + 0.4 * flow[here[:, 1], here[:, 0]] + rng.normal(0, 0.15, count)
    if not aligned:
        angles = rng.uniform(0, 2 * np.pi, count)
    centres, radii, kinds, angles, raised = _pair(rng, centres, radii, kinds, angles, raised)

    # Flat cells of a crowded layer reach until they meet; those on top keep their shape.
    spread = 1 + 0.45 * np.clip((crowding - 0.55) / 0.45, 0, 1) * rng.uniform(0.8, 1.1)
    finest = rng.uniform(5, 14) if crowding > 0.6 else None
    reach = outlines(rng, kinds, radii, angles, 256 if diameter < 40 else 720, finest)
    reach[~raised] *= np.float32(spread)
    grid, slack = _rippled_grid(rng, culture, shape, diameter)
    owner = np.zeros(shape, np.int32)
    whole = np.zeros(len(radii), np.int64)
    for layer in (~raised, raised):
        nearest = np.ones(shape, np.float32)
        for cell in np.flatnonzero(layer):
            whole[cell] = _paint(
                owner, nearest, grid, centres[cell], reach[cell], slack, int(cell) + 1
            )
    if crowding > 0.9:
        close_gaps(owner, diameter)
    drop_scraps(owner, whole, diameter)
    return Colony(owner, centres, radii, kinds, angles, raised)


def _sites(
    rng: np.random.Generator,
    culture: Culture,
    shape: tuple[int, int],
    diameter: float,
    crowding: float,
    along: float | None,
) -> NDArray[np.float64]:
    """Centres: a shaken honeycomb, thinned to the coverage wanted."""
    pattern = culture.patterns[int(rng.integers(len(culture.patterns)))]
    density = {"scatter": 0.8, "clumps": 0.9, "colonies": 1.0}[pattern]
    density = max(density, min(1.0, crowding + 0.05))
    step = diameter * np.sqrt(np.pi / 4 * 2 / np.sqrt(3) / density)
    height, width = shape
    span = int(np.hypot(height, width) / step * 1.6) + 4
    column, row = np.meshgrid(np.arange(-span, span + 1), np.arange(-span, span + 1))
    lattice = (
        np.stack([column + 0.5 * (row % 2), row * np.sqrt(3) / 2], -1).reshape(-1, 2).astype(float)
    )
    lattice += rng.normal(0, rng.uniform(0.12, 0.3), lattice.shape) + rng.uniform(0, 1, 2)
    stretch = np.sqrt(rng.uniform(1.5, 3.0)) if along is not None else 1.0
    angle = rng.uniform(0, np.pi) if along is None else along
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    points = (lattice * step * [stretch, 1 / stretch]) @ turn + [width / 2, height / 2]
    inside = np.all(
        (points > -0.4 * diameter) & (points < np.array([width, height]) + 0.4 * diameter), 1
    )
    points = points[inside]
    keep = min(1.0, crowding / density)
    taste = rng.random(len(points))
    if pattern != "scatter":
        field = smooth_noise(rng, shape, diameter * rng.uniform(1.5, 6))
        here = np.clip(points.astype(int), 0, [width - 1, height - 1])
        local = field[here[:, 1], here[:, 0]]
        taste = taste * (0.8 if pattern == "clumps" else 0.05) + 0.5 * local
    chosen = np.argsort(taste)[: max(round(keep * len(points)), min(len(points), 3))]
    return np.asarray(points[np.sort(chosen)])


def _choose_kinds(
    rng: np.random.Generator, culture: Culture, count: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    names = list(culture.shares)
    # Each image has its own mixture around the recipe's.
    shares = np.array([culture.shares[name] for name in names]) * rng.exponential(1, len(names))
    numbers = np.array([KINDS.index(name) for name in names])
    kinds = numbers[rng.choice(len(names), count, p=shares / shares.sum())]
    raised = rng.random(count) < rng.uniform(0, culture.dividing) * (rng.random() < 0.6)
    if culture.shares.keys() != {"nucleus", "oval"}:
        kinds[raised] = KINDS.index("round")
    else:
        raised[:] = False
    return kinds, raised


def _pair(
    rng: np.random.Generator,
    centres: NDArray[np.float64],
    radii: NDArray[np.float64],
    kinds: NDArray[np.int64],
    angles: NDArray[np.float64],
    raised: NDArray[np.bool_],
) -> tuple[
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.int64],
    NDArray[np.float64],
    NDArray[np.bool_],
]:
    """Some rounded cells become two halves that still touch."""
    halves = np.flatnonzero(raised & (rng.random(len(radii)) < 0.4))
    if not len(halves):
        return centres, radii, kinds, angles, raised
    direction = rng.uniform(0, 2 * np.pi, len(halves))
    apart = np.stack([np.cos(direction), np.sin(direction)], 1)
    radii, centres, angles = radii.copy(), centres.copy(), angles.copy()
    radii[halves] *= rng.uniform(0.72, 0.85)
    offset = apart * (radii[halves] * rng.uniform(0.85, 1.02, len(halves)))[:, None]
    second = centres[halves] + offset
    centres[halves] -= offset
    return (
        np.concatenate([centres, second]),
        np.concatenate([radii, radii[halves] * rng.uniform(0.9, 1.1, len(halves))]),
        np.concatenate([kinds, kinds[halves]]),
        np.concatenate([angles, angles[halves]]),
        np.concatenate([raised, raised[halves]]),
    )


def _rippled_grid(
    rng: np.random.Generator, culture: Culture, shape: tuple[int, int], diameter: float
) -> tuple[tuple[NDArray[np.float32], NDArray[np.float32]], float]:
    """Coordinates of every pixel, shifted by noise to bend arms and borders; the largest shift."""
    ripple = rng.uniform(*culture.ripple) * diameter
    fine = ripple * rng.uniform(0.05, 0.3)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    wide, narrow = diameter * rng.uniform(0.5, 1.2), max(3.0, diameter * rng.uniform(0.1, 0.25))
    slack = 0.0
    for axis in (x, y):
        # Steeper ripples would fold the canvas.
        shift = np.float32(min(ripple, 0.22 * wide)) * smooth_noise(rng, shape, wide)
        shift += np.float32(min(fine, 0.15 * narrow)) * smooth_noise(rng, shape, narrow)
        axis += shift
        slack = max(slack, float(np.abs(shift).max()))
    return (x, y), slack


def _paint(
    owner: NDArray[np.int32],
    nearest: NDArray[np.float32],
    grid: tuple[NDArray[np.float32], NDArray[np.float32]],
    centre: NDArray[np.float64],
    reach: NDArray[np.float32],
    slack: float,
    number: int,
) -> int:
    """Give a cell the pixels that are relatively nearer to it than to others; return its pixels."""
    height, width = owner.shape
    most = float(reach.max()) + slack + 1
    left, right = max(0, int(centre[0] - most)), min(width, int(centre[0] + most) + 2)
    top, bottom = max(0, int(centre[1] - most)), min(height, int(centre[1] + most) + 2)
    if left >= right or top >= bottom:
        return 0
    box = (slice(top, bottom), slice(left, right))
    length, angle = cv2.cartToPolar(
        grid[0][box] - np.float32(centre[0]), grid[1][box] - np.float32(centre[1])
    )
    steps = len(reach)
    index = (angle * np.float32(steps / (2 * np.pi))).astype(np.int32)
    relative = length / np.append(reach, reach[:1])[index]
    mine = relative < nearest[box]
    nearest[box][mine] = relative[mine]
    owner[box][mine] = number
    return int(np.count_nonzero(relative < 1))
