"""Small label images, and a real ImageJ that answers what it sees in files."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from imagej_bridge.fiji.build import find_ij_jar

PATIENCE = 180  # seconds; an unknown command opens a dialog that nobody answers


@pytest.fixture(scope="session")
def blobs() -> Callable[..., np.ndarray]:
    """Random cells with holes, of several parts, at the borders, some of one pixel."""

    def make(shape: tuple[int, int] = (60, 70), seed: int = 0, cells: int = 12) -> np.ndarray:
        generator = np.random.default_rng(seed)
        noise = generator.random((cells + 1, *shape)).astype(np.float32)
        smooth = np.stack([cv2.GaussianBlur(one, (0, 0), 2) for one in noise])
        labels = smooth.argmax(axis=0).astype(np.uint16)  # 0 is what is outside
        labels[generator.random(shape) < 0.02] = 0
        labels[2, 3], labels[-1, -1] = cells + 1, cells + 2
        return labels

    return make


@pytest.fixture(scope="session")
def many_cells() -> np.ndarray:
    """10,000 round cells in an image of 2048x2048."""
    rows, columns = np.mgrid[:2048, :2048]
    numbers = rows // 20 * 102 + columns // 20 + 1
    inside = (rows % 20 - 9.5) ** 2 + (columns % 20 - 9.5) ** 2 < 81
    inside &= (rows // 20 < 102) & (columns // 20 < 102) & (numbers <= 10_000)
    return np.where(inside, numbers, 0).astype(np.uint16)


@pytest.fixture(scope="session")
def imagej() -> Callable[[str, Path], None]:
    """Runs a macro in ImageJ; the macro gets a folder as its argument."""
    jar = find_ij_jar()
    programs = [name for name in ("java", "xvfb-run", "xauth") if shutil.which(name) is None]
    if programs:
        pytest.fail(
            f"These tests need a real ImageJ ({', '.join(programs)} missing): run `apt-get install "
            "imagej xvfb xauth`."
        )

    def run(macro: str, folder: Path) -> None:
        script = folder / "macro.ijm"
        script.write_text(macro, encoding="utf-8")
        command = ["xvfb-run", "-a", "java", "-Xmx1g", f"-Duser.home={folder}", "-cp", str(jar)]
        process = subprocess.Popen(
            [*command, "ij.ImageJ", "-batch", str(script), f"{folder}/"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
        # ImageJ reports success whatever happened, so the macro leaves a mark at its end.
        if not (folder / "done").exists():
            pytest.fail(f"ImageJ did not come to the end of the macro:\n{output}")

    return run
