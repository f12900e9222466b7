"""``samcell-cli measure``: the tables of a run from labels that are there already."""

import cv2
import numpy as np
import pytest
import tifffile
from stored_tiffs import KINDS, bright_value, write_stored
from tables import rows


@pytest.fixture
def folders(tmp_path):
    """Labels and images of two files."""
    for folder in ("labels", "images"):
        (tmp_path / folder).mkdir()
    for number, name in enumerate("ab", start=1):
        labels = np.zeros((50, 60), np.uint16)
        for cell in range(number):
            labels[5:15, 20 * cell + 2 : 20 * cell + 12] = cell + 1
        tifffile.imwrite(tmp_path / "labels" / f"{name}_labels.tif", labels)
        tifffile.imwrite(tmp_path / "images" / f"{name}.tif", labels * 100)
    return tmp_path / "labels", tmp_path / "images"


def test_tables_lie_beside_the_labels(invoke, folders, tmp_path):
    assert invoke("measure", *folders).exit_code == 0
    cells = rows(tmp_path / "labels_measures" / "cells.csv")
    assert [(row["image"], row["intensity_mean"]) for row in cells] == [
        ("a.tif", "100.0"),
        ("b.tif", "100.0"),
        ("b.tif", "200.0"),
    ]
    images = rows(tmp_path / "labels_measures" / "images.csv")
    assert [(row["image"], row["count"]) for row in images] == [("a.tif", "1"), ("b.tif", "2")]


def test_the_columns_are_those_of_a_run(invoke, images, tmp_path):
    invoke("run", images, "-o", tmp_path / "run", "--save", "labels")
    invoke("measure", tmp_path / "run", images, "-o", tmp_path / "again")
    for table in ("cells.csv", "images.csv"):
        first, again = (tmp_path / folder / table for folder in ("run", "again"))
        names = set(rows(first)[0]) - {"doubtful"}
        assert names == set(rows(again)[0])


def test_cells_of_a_run_are_measured_as_the_run_measured_them(invoke, images, tmp_path):
    invoke("run", images, "-o", tmp_path / "run", "--save", "labels")
    invoke("measure", tmp_path / "run", images, "-o", tmp_path / "again")
    first, again = (rows(tmp_path / folder / "cells.csv") for folder in ("run", "again"))
    for name in ("image", "id", "area", "perimeter", "intensity_mean", "neighbours"):
        assert [row[name] for row in first] == [row[name] for row in again]


def test_a_pixel_size_gives_micrometres(invoke, folders, tmp_path):
    invoke("measure", *folders, "--pixel-size", "0.5", "-o", tmp_path / "out")
    assert rows(tmp_path / "out" / "cells.csv")[0]["area_um2"] == "25.0"


def test_a_pixel_size_that_is_no_length_is_a_usage_error(invoke, folders):
    assert invoke("measure", *folders, "--pixel-size", "-1").exit_code == 2


def test_labels_without_an_image_are_a_failure_with_a_row(invoke, folders, tmp_path):
    (folders[1] / "b.tif").unlink()
    result = invoke("measure", *folders, "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "1 of LABELS has no partner in IMAGES: b_labels.tif" in result.stderr
    table = rows(tmp_path / "out" / "images.csv")
    assert [(row["image"], row["status"]) for row in table] == [
        ("a.tif", "ok"),
        ("b_labels.tif", "error"),
    ]


def test_images_without_labels_are_a_note(invoke, folders, tmp_path):
    (folders[0] / "b_labels.tif").unlink()
    result = invoke("measure", *folders, "-o", tmp_path / "out")
    assert result.exit_code == 0
    assert result.stderr.startswith("Note: 1 of IMAGES has no partner in LABELS: b.tif")


def test_colours_in_place_of_labels_are_told_in_a_sentence(invoke, folders, tmp_path):
    (folders[0] / "a_labels.tif").unlink()
    cv2.imwrite(str(folders[0] / "a_labels.png"), np.full((50, 60, 3), (1, 2, 3), np.uint8))
    result = invoke("measure", *folders, "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "has colours in place of labels" in result.stderr


def test_tables_are_not_overwritten_unasked(invoke, folders, tmp_path):
    invoke("measure", *folders, "-o", tmp_path / "out")
    assert "cells.csv exists" in invoke("measure", *folders, "-o", tmp_path / "out").stderr
    assert invoke("measure", *folders, "-o", tmp_path / "out", "--overwrite").exit_code == 0


@pytest.mark.parametrize("kind", KINDS)
def test_images_are_measured_however_their_pixels_are_stored(invoke, folders, tmp_path, kind):
    for path in folders[1].iterdir():
        write_stored(path, np.where(tifffile.imread(path), 220, 30).astype(np.uint8), kind)
    assert invoke("measure", *folders, "-o", tmp_path / "out").exit_code == 0
    cells = rows(tmp_path / "out" / "cells.csv")
    for name, value in bright_value(kind, 220).items():
        assert [float(cell[name]) for cell in cells] == [value] * 3
