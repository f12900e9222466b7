"""Distance maps and label scenes to hold the post-processing against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture(scope="session")
def crowd() -> NDArray[np.float32]:
    """More than 2,000 cells in a closed layer, with the small unevenness of a predicted map."""
    random = np.random.default_rng(5)
    side, count = 800, 4000
    centres = (random.random((count, 2)) * side).astype(int)
    plane = np.ones((side, side), np.uint8)
    plane[centres[:, 0], centres[:, 1]] = 0
    away = cv2.distanceTransform(plane, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    rough = cv2.GaussianBlur(random.normal(0, 0.05, plane.shape).astype(np.float32), (0, 0), 1)
    smooth = cv2.GaussianBlur(np.exp(-away / 3).astype(np.float32), (0, 0), 1.2) + rough
    return np.clip((smooth - smooth.min()) / np.ptp(smooth) * 0.8 + 0.15, 0, 1)


@pytest.fixture
def rough_map() -> Callable[..., NDArray[Any]]:
    """Return a maker of random maps: smoothed noise in so many steps of height."""

    def make(
        seed: int, height: int, width: int, smoothing: float, steps: int, dtype: Any
    ) -> NDArray[Any]:
        values = np.random.default_rng(seed).random((height, width))
        if smoothing:
            values = cv2.GaussianBlur(values, (0, 0), smoothing)
        values = (values - values.min()) / max(float(np.ptp(values)), 1e-9)
        return (np.round(values * steps) / steps).astype(dtype)

    return make


@pytest.fixture
def scene() -> Callable[[int], NDArray[np.int32]]:
    """Return a maker of random scenes: discs, rings with and without guests, and clutter."""

    def make(seed: int) -> NDArray[np.int32]:
        random = np.random.default_rng(seed)
        labels = np.zeros(random.integers(8, 70, 2), np.int32)
        for number in range(1, int(random.integers(1, 30))):
            at = [int(random.integers(-5, side + 5)) for side in labels.shape[::-1]]
            thick = int(random.choice([-1, 1, 2]))
            cv2.circle(labels, at, int(random.integers(1, 14)), number, thick)
        if random.random() < 0.5:
            labels[random.random(labels.shape) < 0.15] = 0
        return labels

    return make
