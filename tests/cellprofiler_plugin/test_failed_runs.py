"""Runs of CellProfiler that fail, and how they say so."""

import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

EXAMPLE = Path(__file__).parents[2] / "examples/cellprofiler/count_and_measure"
PIPELINE = EXAMPLE / "count_and_measure.cppipe"


@pytest.fixture(scope="module")
def no_engine(cellprofiler):
    folders = os.environ["PATH"].split(os.pathsep)
    path = os.pathsep.join(each for each in folders if not (Path(each) / "samcell-cli").exists())
    return cellprofiler(PIPELINE, EXAMPLE / "images", SAMCELL_PYTHON="", PATH=path)


def test_without_an_engine_the_run_fails(no_engine):
    assert no_engine.code != 0


def test_without_an_engine_the_log_says_what_to_type(no_engine):
    assert "samcell-cli cellprofiler install" in no_engine.log


def test_without_an_engine_there_is_no_table_that_looks_like_a_result(no_engine):
    assert not (no_engine.folder / "Image.csv").exists()


@pytest.fixture(scope="module")
def one_bad_image(cellprofiler, tmp_path_factory):
    """A run that goes on over an image that the engine refuses: labels in place of a picture."""
    folder = tmp_path_factory.mktemp("images")
    shutil.copy(EXAMPLE / "images/A01_1.png", folder / "A01_1.png")
    blocks = np.kron(np.arange(16).reshape(4, 4), np.ones((20, 20)))
    cv2.imwrite(str(folder / "A01_2.png"), np.pad(blocks, 60).astype(np.uint8))
    shutil.copy(EXAMPLE / "images/A01_1.png", folder / "A01_3.png")
    return cellprofiler(PIPELINE, folder, "--always-continue")


def test_it_goes_on_where_told_to(one_bad_image):
    assert one_bad_image.code == 0, one_bad_image.log[-2000:]


def test_the_other_images_are_counted(one_bad_image):
    counts = [row["Count_Cells"] for row in one_bad_image.table("Image")]
    assert counts[0] == counts[2] != ""
    assert counts[1] in ("", "nan")


def test_the_log_says_which_image_and_why(one_bad_image):
    assert "A01_2.png looks like a label image" in one_bad_image.log
