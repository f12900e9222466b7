"""The dialog in a real window, called with the mouse, and what the Macro Recorder writes of it."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
import tifffile
from PIL import Image


@pytest.fixture(scope="module")
def told(java, stub_engine, tmp_path_factory) -> SimpleNamespace:
    folder = tmp_path_factory.mktemp("dialog")
    engine = stub_engine(folder, "well")
    image = folder / "plain.tif"
    tifffile.imwrite(image, np.zeros((60, 80), np.uint8))
    output = java("DriveDialog", folder, engine, image, "0.47", home=folder)
    lines = [line[5:] for line in output.splitlines() if line.startswith("told ")]
    assert lines, output
    return SimpleNamespace(folder=folder, **json.loads(lines[0].replace(" replayed", "_replayed")))


def test_the_recorder_writes_the_line_of_the_dialog(told):
    line = 'run("SAMCell...", "model=samcell-lite peak=0.47 labels rois overlay table");'
    assert line in told.recorded.splitlines()


def test_the_dialog_makes_what_was_ticked(told):
    assert (told.cells, told.rois) == (2, 2)


def test_the_recorded_line_makes_the_same_again(told):
    assert (told.cells_replayed, told.rois_replayed) == (2, 2)


@pytest.mark.parametrize("name", ["dialog", "refusal", "result"])
def test_there_is_something_to_be_seen(told, name):
    screen = np.asarray(Image.open(told.folder / f"{name}.png").convert("L"))
    assert len(np.unique(screen)) > 10
