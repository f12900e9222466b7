"""``samcell-cli run`` on images of several files."""

import cv2
import numpy as np
import pytest
from ome_series import write_ome_series
from tables import rows as read_rows


@pytest.fixture
def rows(invoke, tmp_path):
    """The table of a run over two files of one image, with a cell each."""
    plane = np.zeros((40, 60), np.uint8)
    cv2.circle(plane, (20, 20), 8, 240, -1)
    (tmp_path / "images").mkdir()
    write_ome_series(tmp_path / "images", [("t0.ome.tif", plane), ("t1.ome.tif", plane)])
    assert invoke("run", tmp_path / "images", "-o", tmp_path / "out").exit_code == 0
    return read_rows(tmp_path / "out" / "images.csv")


def test_the_cells_of_a_series_of_files_are_counted_once(rows):
    assert [(row["image"], row["count"]) for row in rows] == [("t0.ome.tif", "2")]


def test_the_row_of_a_series_says_which_files_it_is_made_of(rows):
    assert "a series of 2 files, t0.ome.tif to t1.ome.tif" in rows[0]["notes"]
