"""How the commands about label files call those that have no partner."""

import csv

import numpy as np
import pytest
import tifffile

CELL = np.zeros((20, 30), np.uint16)
CELL[2:9, 2:12] = 1


@pytest.fixture
def sides(tmp_path):
    """Writes the same labels at paths below a folder for either side."""

    def write(first, second):
        for side, names in (("a", first), ("b", second)):
            for name in ("both.tif", *names):
                path = tmp_path / side / name
                path.parent.mkdir(parents=True, exist_ok=True)
                tifffile.imwrite(path, CELL)
        return tmp_path / "a", tmp_path / "b"

    return write


@pytest.fixture
def unmatched(invoke, tmp_path):
    """Image and reason of the rows of what `compare` could not match."""

    def compare(a, b):
        invoke("compare", a, b, "-o", tmp_path / "out")
        with (tmp_path / "out" / "comparison.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        return [(row["image"], row["error"]) for row in rows if row["status"] == "unmatched"]

    return compare


def test_files_of_one_name_in_several_folders_have_a_row_each(sides, unmatched):
    assert unmatched(*sides(["day 1/x.tif", "day 2/x.tif"], [])) == [
        ("day 1/x.tif", "it has no partner in B"),
        ("day 2/x.tif", "it has no partner in B"),
    ]


def test_files_of_one_name_on_both_sides_have_a_row_each(sides, unmatched):
    assert unmatched(*sides(["day 1/x.tif"], ["day 2/x.tif"])) == [
        ("day 1/x.tif", "it has no partner in B"),
        ("day 2/x.tif", "it has no partner in A"),
    ]


def test_files_are_called_by_their_path_where_matches_lie_in_folders(sides, unmatched):
    a, b = sides(["day 1/x.tif", "day 1/y.tif"], ["day 1/x.tif"])
    for side in (a, b):
        (side / "both.tif").unlink()
    assert unmatched(a, b) == [("day 1/y.tif", "it has no partner in B")]


def test_the_message_names_the_folders_of_files_without_a_partner(invoke, sides):
    result = invoke("compare", *sides(["day 1/x.tif", "day 2/x.tif"], []))
    assert "2 of A have no partner in B: day 1/x.tif, day 2/x.tif." in result.stderr
