"""Rough maps with true cells, labelled images on disk, and finished searches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

import samcell_core as sc
from samcell_core.tuning import Grid, Score, TunedImage, Tuning


@pytest.fixture(scope="session")
def rough() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """A random map of so many grey levels, and labels that have something to do with it."""

    def make(
        seed: int,
        shape: tuple[int, int],
        smoothing: float,
        steps: int,
        dtype: type = np.float32,
    ) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        noise = rng.random(shape).astype(np.float32)
        if smoothing:
            noise = cv2.GaussianBlur(noise, (0, 0), smoothing)
        noise = (noise - noise.min()) / max(float(np.ptp(noise)), 1e-6)
        distance = (np.round(noise * steps) / steps).astype(dtype)
        other = cv2.GaussianBlur(rng.random(shape).astype(np.float32), (0, 0), smoothing or 1)
        mixed = noise + (other - other.mean())
        truth = cv2.connectedComponents((mixed > np.median(mixed)).view(np.uint8))[1]
        return distance, truth * 3  # numbers need not be without gaps

    return make


@pytest.fixture(scope="session")
def culture() -> tuple[np.ndarray, np.ndarray]:
    """A map as networks predict it: uneven cones that touch, and their cells; and the truth."""
    rng = np.random.default_rng(4)
    distance = np.zeros((150, 170), np.float32)
    truth = np.zeros(distance.shape, np.int32)
    down, right = np.ogrid[: distance.shape[0], : distance.shape[1]]
    for number, middle in enumerate(np.argwhere(np.ones((6, 7))) * 24 + 14, start=1):
        y, x = middle + rng.uniform(-4, 4, 2)
        cone = 1 - np.hypot(down - y, right - x) / rng.uniform(9, 16)
        truth[cone > np.maximum(distance, 0)] = number
        distance = np.maximum(distance, cone.astype(np.float32))
    speckle = cv2.GaussianBlur(rng.normal(0, 0.4, distance.shape).astype(np.float32), (0, 0), 1.5)
    return np.clip(distance + speckle * (distance > 0.02), 0, 1), truth


def discs(seed: int, count: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Blurred bright discs on a dark ground, and their labels."""
    rng = np.random.default_rng(seed)
    labels = np.zeros((70, 100), np.uint16)
    for number in range(count):
        row, column = divmod(number, 3)
        centre = 18 + 30 * column + int(rng.integers(-2, 3)), 18 + 32 * row
        cv2.circle(labels, centre, int(rng.integers(9, 12)), number + 1, -1)
    image = cv2.GaussianBlur((labels > 0).astype(np.uint8) * 240, (0, 0), 3)
    return image, labels


@pytest.fixture
def cells(tmp_path) -> Path:
    """A folder of three labelled images of two sets, listed by ``cells.csv``."""
    folder = tmp_path / "cells"
    rows = ["image,labels,set"]
    for number, name in enumerate(("a", "b", "c")):
        image, labels = discs(number)
        for kind, pixels in (("images", image), ("labels", labels)):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / kind / f"{name}.png"), pixels)
        rows.append(f"images/{name}.png,labels/{name}.png,{'first' if number else 'second'}")
    (folder / "cells.csv").write_text("\n".join(rows))
    return folder


@pytest.fixture
def finished() -> Callable[..., Tuning]:
    """A search with OP_CSB as given for each image: set, then peaks x fills."""

    def make(*images: tuple[str, list[list[float]]], present: float = 0.5) -> Tuning:
        height, width = np.shape(images[0][1])
        grid = Grid(
            tuple(0.5 + 0.1 * number for number in range(height)),
            tuple(0.1 + 0.1 * number for number in range(width)),
        )
        return Tuning(
            grid,
            sc.Settings(peak=0.55, fill=0.15),
            sc.ModelInfo(name="drawn", architecture="none"),
            tuple(
                TunedImage(
                    name=f"{name}/{number}",
                    set=name,
                    path=Path(f"{number}.png"),
                    cells=3,
                    scores=np.array([scores, scores, scores], float),
                    present=Score(present, present, present),
                )
                for number, (name, scores) in enumerate(images)
            ),
        )

    return make
