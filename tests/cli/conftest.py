"""The command line in this process, with a model whose distance map is the image itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from click.testing import CliRunner, Result


def discs(count: int, shape: tuple[int, int] = (80, 120), dtype: type = np.uint8) -> np.ndarray:
    """Blurred bright discs, none of them touching, on a dark ground."""
    image = np.zeros(shape, np.uint8)
    for number in range(count):
        row, column = divmod(number, 4)
        cv2.circle(image, (18 + 28 * column, 18 + 28 * row), 9, 240, -1)
    return cv2.GaussianBlur(image, (0, 0), 1.5).astype(dtype)


@pytest.fixture
def images(tmp_path) -> Path:
    """Two images with 3 and 5 cells, the first with a pixel size of 0.5 micrometres."""
    folder = tmp_path / "my images"
    folder.mkdir()
    tifffile.imwrite(
        folder / "a.tif", discs(3), imagej=True, resolution=(2, 2), metadata={"unit": "um"}
    )
    cv2.imwrite(str(folder / "b.png"), discs(5))
    return folder


@pytest.fixture
def invoke(brightness, monkeypatch) -> Callable[..., Result]:
    """Call ``samcell-cli`` with arguments."""
    from samcell_cli.main import cli

    monkeypatch.setattr("samcell_core.engine.load_model", lambda *_, **__: brightness())

    def call(*arguments: object) -> Result:
        return CliRunner().invoke(cli, [str(each) for each in arguments])

    return call


@pytest.fixture
def write_sides(tmp_path) -> Callable[..., tuple[Path, Path]]:
    """Write pairs of labels by the names of their images, and return the folders of either side."""

    def write(**pairs: tuple[np.ndarray, np.ndarray]) -> tuple[Path, Path]:
        sides = tmp_path / "one side", tmp_path / "other side"
        for place, folder in enumerate(sides):
            folder.mkdir()
            for name, labels in pairs.items():
                tifffile.imwrite(folder / f"{name}.tif", labels[place])
        return sides

    return write
