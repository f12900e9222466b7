"""Small models and images, and folders of a new user, that many tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

import samcell_core as sc

TINY = {
    "width": 32,
    "depth": 3,
    "heads": 2,
    "mlp_width": 64,
    "global_blocks": (1,),
    "window": 6,
    "image_size": 256,
}


@pytest.fixture(scope="session")
def tiny_shape() -> sc.SamcellShape:
    return sc.SamcellShape(**TINY)


@pytest.fixture(scope="session")
def tiny_model(tiny_shape) -> sc.Model:
    return sc.random_model(tiny_shape)


@pytest.fixture(scope="session")
def tiny(tiny_model) -> Iterator[sc.Segmenter]:
    with sc.Segmenter(tiny_model, device="cpu", precision="fp32", threads=2) as segmenter:
        yield segmenter


@pytest.fixture(scope="session")
def clouds() -> Callable[..., np.ndarray]:
    """Smooth random grey images of a shape."""

    def make(shape: tuple[int, int], seed: int = 0, dtype: type = np.uint8) -> np.ndarray:
        noise = np.random.default_rng(seed).random(shape).astype(np.float32)
        smooth = cv2.GaussianBlur(noise, (0, 0), 5)
        smooth -= smooth.min()
        smooth /= max(float(smooth.max()), 1e-9)
        limit = 1.0 if np.issubdtype(dtype, np.floating) else float(np.iinfo(dtype).max)
        return (smooth * limit).astype(dtype)

    return make


class Brightness(torch.nn.Module):
    """Stands for a network: the distance map is the grey value. Remembers the batches it saw."""

    def __init__(self, most: int | None = None) -> None:
        super().__init__()
        self.batches: list[int] = []
        self.most = most

    def forward(self, tiles: torch.Tensor) -> torch.Tensor:
        if self.most is not None and len(tiles) > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        self.batches.append(len(tiles))
        return tiles.float() / 255


@pytest.fixture
def brightness() -> Callable[..., sc.Model]:
    """Models whose distance map is the image itself, so that what comes out is known."""

    def make(**options: int) -> sc.Model:
        return sc.Model(
            network=Brightness(**options),
            info=sc.ModelInfo(name="brightness", architecture="none", peak=0.5, fill=0.2),
            prepare=lambda tile: tile,
        )

    return make


@pytest.fixture
def blocks(brightness) -> Iterator[sc.Segmenter]:
    """Segmenter whose distance map is the image itself, with peak 0.5 and fill 0.2."""
    with sc.Segmenter(brightness(), device="cpu", threads=2) as segmenter:
        yield segmenter


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """The home folder of somebody who has never opened CellProfiler."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return folder


@pytest.fixture
def plugins(tmp_path) -> Path:
    """An empty folder for CellProfiler's plugins."""
    folder = tmp_path / "Plugins für Zellen"
    folder.mkdir()
    return folder
