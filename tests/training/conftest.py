"""Small images with labels, in files and prepared, and a network that trains in a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from samcell_core.models.lite import LiteShape
from samcell_core.training import TrainingSettings, make_example
from samcell_core.training.examples import Example

GREY = np.random.default_rng(5).integers(0, 256, (24, 30), dtype=np.uint8)
CELLS = np.zeros((24, 30), np.uint16)
CELLS[2:9, 2:9], CELLS[10:20, 12:20] = 7, 3


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Files of the names given, labels where a name says so."""

    def write(*names: str) -> Path:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            is_labels = any(word in name for word in ("label", "mask", "truth"))
            if path.suffix == ".npy":
                np.save(path, CELLS if is_labels else GREY)
            else:
                cv2.imwrite(str(path), CELLS if is_labels else GREY)
        return tmp_path

    return write


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small only wait for a second thread, for long where others work, too."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def discs(seed: int, side: int = 96) -> tuple[np.ndarray, np.ndarray]:
    """Bright round cells on a dark ground, and their labels."""
    rng = np.random.default_rng(seed)
    labels = np.zeros((side, side), np.int32)
    number = 0
    for row in range(16, side - 8, 32):
        for column in range(16, side - 8, 32):
            number += 1
            centre = (column + int(rng.integers(-3, 4)), row + int(rng.integers(-3, 4)))
            cv2.circle(labels, centre, int(rng.integers(8, 13)), number, -1)
    grey = np.where(labels > 0, 170, 60) + rng.normal(0, 8, labels.shape)
    return np.clip(grey, 0, 255).astype(np.uint8), labels


@pytest.fixture(scope="session")
def example() -> Callable[..., Example]:
    """Prepared images of round cells."""

    def make(seed: int = 0, name: str = "discs/1.png", side: int = 96) -> Example:
        image, labels = discs(seed, side)
        return make_example(image, labels, name=name, set_name=name.split("/")[0])

    return make


@pytest.fixture
def disc_files(tmp_path: Path) -> Path:
    """A folder of four pairs of files."""
    for number in range(4):
        image, labels = discs(number)
        for kind, pixels in (("images", image), ("labels", labels.astype(np.uint16))):
            path = tmp_path / "discs" / kind / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), pixels)
    return tmp_path / "discs"


@pytest.fixture(scope="session")
def tiny_lite() -> LiteShape:
    """Shape of a network that trains in a second."""
    return LiteShape(widths=(8, 8, 12, 12), depths=(0, 1, 1, 1))


@pytest.fixture
def quick() -> Callable[..., TrainingSettings]:
    """Settings of a short run."""

    def make(**changes: object) -> TrainingSettings:
        short = {"steps": 6, "batch": 2, "crop": 64, "warm_up": 2, "validate_every": 2, "seed": 3}
        return TrainingSettings.from_dict({**short, **changes})

    return make


@pytest.fixture
def refused(run: Callable[..., tuple[int, str, str]]) -> Callable[..., str]:
    """The one sentence of an error before anything was done, by a test file's own `run`."""

    def call(*arguments: object, **options: object) -> str:
        code, _, warned = run(*arguments, **options)
        assert code == 2
        (line,) = (line for line in warned.splitlines() if line.startswith("Error: "))
        return line

    return call


@pytest.fixture
def replacing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Do something when a file is put in its place for the n-th time."""

    def arrange(name, number, *, before=None, after=None):
        original, seen = Path.replace, []

        def replace(self, target):
            here = Path(target).name == name
            seen.extend([name] * here)
            if here and len(seen) == number and before is not None:
                raise before
            original(self, target)
            if here and len(seen) == number and after is not None:
                raise after

        monkeypatch.setattr(Path, "replace", replace)

    return arrange
