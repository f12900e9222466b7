"""The page and the script for people who script do what they say."""

import re
import runpy
import sys
from pathlib import Path

import pytest

import imagej_bridge as ib
import samcell_core as sc
from samcell_core.synthetic import make_scene

ROOT = Path(__file__).parents[5]


@pytest.fixture
def folder(tmp_path, monkeypatch, jar):
    """A folder with an image of cells and a macro, in which things run."""
    import tifffile

    scene = make_scene("fluorescent nuclei", seed=3, shape=(128, 160), diameter=18)
    tifffile.imwrite(tmp_path / "cells.tif", scene.image)
    (tmp_path / "count.ijm").write_text("return getArgument();")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IJ_JAR", jar)
    return tmp_path


def test_the_blocks_of_the_page_run_one_after_the_other(connection, folder):
    text = (ROOT / "docs" / "pyimagej.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.+?)```", text, re.DOTALL)
    names = {}
    for number, block in enumerate(blocks):
        exec(compile(block, f"block {number}", "exec"), names)
    assert names["result"].count > 3
    assert names["unit"] == "test"
    assert len(connection.from_table("Cells")) == names["result"].count
    assert ib.read_label_tiff(folder / "cells_labels.tif").labels.max() > 3
    names["ij"].close()


def test_the_page_says_what_a_macro_that_fails_says(connection, folder):
    text = (ROOT / "docs" / "pyimagej.md").read_text(encoding="utf-8")
    with pytest.raises(sc.SamcellError) as failure:
        connection.run_macro('newImage("a", "8-bit", 64, 64, 1);\nrun("Segmnet");')
    assert f"str(error)  # {failure.value}" in text


def test_the_script_keeps_what_was_corrected(connection, java, folder, monkeypatch):
    def correct(question):
        manager = java("ij.plugin.frame.RoiManager").getInstance()
        manager.select(0)
        manager.runCommand("Delete")
        counts.append(int(manager.getCount()))

    counts = []
    monkeypatch.setattr("builtins.input", correct)
    monkeypatch.setattr(sys, "argv", ["pyimagej_correct.py", "cells.tif"])
    runpy.run_path(str(ROOT / "examples" / "pyimagej_correct.py"), run_name="__main__")
    java("ij.IJ").getInstance().setVisible(False)
    labels = ib.read_label_tiff(folder / "cells_labels.tif").labels
    rows = (folder / "cells_cells.csv").read_text().splitlines()
    assert len(set(labels[labels > 0].tolist())) == counts[0] == len(rows) - 1
