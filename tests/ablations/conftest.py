"""Small annotated images, and each ablation run once with the smallest settings."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from samcell_core.synthetic.files import NamedScene, write_scenes

ROOT = Path(__file__).parents[2]
SIDE = 128
SMALLEST = ("--epochs", "1", "--seeds", "1", "--device", "cpu")


def draw(folder: Path, modality: str, count: int) -> Path:
    """A folder of images with labels, as people have them."""
    scenes = tuple(
        NamedScene(f"cells_{number}", modality, number, diameter=24, crowding=0.4)
        for number in range(count)
    )
    list(write_scenes(folder / "images", folder / "labels", scenes=scenes, side=SIDE))
    return folder


@pytest.fixture(scope="session")
def nuclei(tmp_path_factory) -> Path:
    """Folder of three annotated images."""
    return draw(tmp_path_factory.mktemp("data") / "nuclei", "fluorescent nuclei", 3)


@pytest.fixture(scope="session")
def cytoplasm(tmp_path_factory) -> Path:
    """Folder of three others."""
    return draw(tmp_path_factory.mktemp("data") / "cytoplasm", "fluorescent cytoplasm", 3)


@pytest.fixture(scope="session")
def out(tmp_path_factory) -> Path:
    """Folder of all ablations."""
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="session")
def command(out) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a script as a user does."""

    def run(name: str, *options: str) -> subprocess.CompletedProcess[str]:
        script = [sys.executable, f"ablations/{name}.py", "--out", str(out), *SMALLEST, *options]
        return subprocess.run(
            script,
            cwd=ROOT,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )

    return run


@pytest.fixture(scope="session")
def ablation(command, nuclei, cytoplasm) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """The run of an ablation, which takes place once."""
    own, drawn = ("--data", str(nuclei)), ("--images", "1")
    options = {
        "data_sets": (*own, "--data", str(cytoplasm)),
        "network_size": drawn,
        "patch_size": own,
        "pretraining": drawn,
        "targets": own,
        "thresholds": (*own, "--data", str(cytoplasm)),
        "trained_parts": drawn,
    }
    ran: dict[str, subprocess.CompletedProcess[str]] = {}

    def once(name: str) -> subprocess.CompletedProcess[str]:
        if name not in ran:
            ran[name] = command(name, *options[name])
        return ran[name]

    return once


@pytest.fixture
def within(monkeypatch, capsys, out) -> Callable[..., tuple[int, str, str]]:
    """Run a script in this process, which is faster: its exit code, output and errors."""

    def run(name: str, *options: str) -> tuple[int, str, str]:
        monkeypatch.syspath_prepend(str(ROOT / "ablations"))
        monkeypatch.setattr(sys, "argv", [f"{name}.py", "--out", str(out), *SMALLEST, *options])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(ROOT / "ablations" / f"{name}.py"), run_name="__main__")
        return int(ended.value.code), *capsys.readouterr()

    return run


@pytest.fixture
def refused(within) -> Callable[..., tuple[int, str]]:
    """Run a script that has to end with an error: its exit code and what it says."""

    def run(name: str, *options: str) -> tuple[int, str]:
        code, _, written = within(name, *options)
        errors = written.splitlines()
        assert len([line for line in errors if line.startswith("Error: ")]) == 1
        return code, errors[-1]

    return run
