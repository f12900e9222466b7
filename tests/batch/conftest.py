"""Small folders of images, and a segmenter that needs no network."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest
import tifffile


@pytest.fixture(scope="session")
def bright() -> ModuleType:
    """The module beside this file, which is also run as a program."""
    spec = importlib.util.spec_from_file_location("bright", Path(__file__).with_name("bright.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules["bright"] = module
    spec.loader.exec_module(module)
    return module


def spots(count: int, shape: tuple[int, int] = (48, 64), seed: int = 0) -> np.ndarray:
    """Bright squares on a dark noisy ground, none of them touching."""
    image = np.random.default_rng(seed).integers(0, 60, shape, dtype=np.uint8)
    for number in range(count):
        row, column = divmod(number, 6)
        cv2.rectangle(
            image, (4 + 10 * column, 4 + 10 * row), (9 + 10 * column, 9 + 10 * row), 220, -1
        )
    return image


@pytest.fixture(scope="session")
def draw():
    return spots


@pytest.fixture
def out(tmp_path) -> Path:
    """Where results go."""
    return tmp_path / "out"


@pytest.fixture
def folder(tmp_path) -> Path:
    """Three images: a TIFF with a pixel size, a PNG of the same name, a stack."""
    folder = tmp_path / "images"
    folder.mkdir()
    tifffile.imwrite(
        folder / "1.tif", spots(3), imagej=True, resolution=(2, 2), metadata={"unit": "um"}
    )
    cv2.imwrite(str(folder / "1.png"), spots(5, seed=1))
    stack = np.stack([spots(2, seed=2), spots(7, seed=3)])
    tifffile.imwrite(folder / "stack.tif", stack, imagej=True, metadata={"axes": "TYX"})
    return folder
