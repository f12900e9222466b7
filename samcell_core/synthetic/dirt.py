"""What lies about besides cells: dust, crumbs, floating bits, fibres. It is never labelled."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from samcell_core.synthetic.noise import Field, blur, speckles

__all__ = ["dirt"]


def dirt(rng: np.random.Generator, shape: tuple[int, int], diameter: float) -> Field:
    """Change of brightness by dirt in transmitted light; 0 where it is clean.

    Parameters
    ----------
    rng
        Where chance comes from.
    shape
        Height and width.
    diameter
        Usual diameter of the cells, in pixels; bits of dead cells are smaller.
    """
    change = np.zeros(shape, np.float32)
    if rng.random() < 0.6:
        change += _crumbs(rng, shape)
    if rng.random() < 0.4:
        for _ in range(int(rng.integers(1, 6))):
            radius = rng.uniform(2, rng.choice([8.0, 15.0, 60.0]))
            _add_rings(rng, change, radius, rng.uniform(0.01, 0.35))
    if rng.random() < 0.25:
        change += _bits(rng, shape, diameter)
    if rng.random() < 0.12:
        change += _fibres(rng, shape)
    return change


def _crumbs(rng: np.random.Generator, shape: tuple[int, int]) -> Field:
    """Small specks with a rim of the other sign, from a few to very many, each of its own size."""
    count = rng.poisson(np.exp(rng.uniform(0, 4.3)) * shape[0] * shape[1] / 384**2)
    where = rng.integers(0, shape[0] * shape[1], count)
    large = rng.random(count) < rng.uniform(0, 0.5)
    sigma = rng.uniform(0.6, 1.3)
    crumbs = speckles(rng, where[~large], shape, sigma)
    crumbs += speckles(rng, where[large], shape, sigma * rng.uniform(1.3, 2.2))
    rim = blur(crumbs, rng.uniform(1, 3)) * np.float32(rng.uniform(0, 1.5))
    return np.asarray((crumbs - rim) * np.float32(rng.normal(0, 0.5)), np.float32)


def _add_rings(rng: np.random.Generator, change: Field, radius: float, strength: float) -> None:
    """A speck far out of focus: rings that fade outward."""
    height, width = change.shape
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    reach = int(radius * 2) + 3
    left, right = max(0, int(x) - reach), min(width, int(x) + reach)
    top, bottom = max(0, int(y) - reach), min(height, int(y) + reach)
    down, across = np.mgrid[top:bottom, left:right].astype(np.float32)
    far = np.hypot(across - x, down - y) / radius
    wave = np.cos(far**2 * rng.uniform(3, 12) + rng.uniform(0, 6)) * np.exp(-(far**2) * 1.2)
    change[top:bottom, left:right] += (wave * strength).astype(np.float32)


def _bits(rng: np.random.Generator, shape: tuple[int, int], diameter: float) -> Field:
    """Ragged remains of cells, some floating out of focus."""
    bits = np.zeros(shape, np.uint8)
    turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    for _ in range(int(rng.integers(1, 8))):
        x, y = rng.uniform(0, 1, 2) * shape[::-1]
        reach = diameter * rng.uniform(0.06, 0.22) * rng.uniform(0.5, 1.4, len(turn))
        _fill(bits, np.stack([x + reach * np.cos(turn), y + reach * np.sin(turn)], 1))
    soft = blur(_unit(bits), rng.uniform(0.8, 3))
    shade = np.float32(rng.uniform(0.2, 1.2)) * blur(soft, rng.uniform(1.5, 4))
    strength = rng.choice([-1, 1]) * rng.uniform(0.3, 1.2)
    return np.asarray((soft - shade) * np.float32(strength), np.float32)


def _fibres(rng: np.random.Generator, shape: tuple[int, int]) -> Field:
    lines = np.zeros(shape, np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        bend = rng.uniform(0.01, 0.15)
        turns = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, bend, 60))
        start = rng.uniform(0, 1, 2) * shape[::-1]
        path = start + np.cumsum(5 * np.stack([np.cos(turns), np.sin(turns)], 1), 0)
        cv2.polylines(lines, [_fixed(path)], False, 255, 1, cv2.LINE_AA, 4)
    strength = np.float32(rng.normal(0, 0.6))
    return np.asarray(blur(_unit(lines), rng.uniform(0.5, 3)) * strength, np.float32)


def _fill(canvas: NDArray[np.uint8], points: NDArray[np.float64]) -> None:
    cv2.fillPoly(canvas, [_fixed(points)], 255, cv2.LINE_AA, 4)


def _fixed(points: NDArray[np.float64]) -> NDArray[np.int32]:
    """Sixteenths of a pixel, as OpenCV wants them."""
    return np.round(points * 16).astype(np.int32)[:, None]


def _unit(canvas: NDArray[np.uint8]) -> Field:
    return canvas.astype(np.float32) / np.float32(255)
