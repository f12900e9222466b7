"""``samcell-cli compare``: two segmentations side by side."""

import json

import numpy as np
import pytest
import tifffile


@pytest.fixture
def sides(write_sides):
    """B lacks a cell of A in the first image, and is the same in the second."""
    both = np.zeros((40, 60), np.uint16)
    both[2:12, 2:12], both[20:30, 20:40] = 1, 2
    return write_sides(x=(both, np.where(both == 2, 0, both)), y=(both, both * 7))


def test_the_table_says_what_both_have_and_what_one_has(invoke, sides):
    lines = invoke("compare", *sides).stdout.splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in lines[4:]}
    assert rows["x"] == ["2", "1", "-1", "1", "1", "0", "0.500", "1.000"]
    assert rows["y"] == ["2", "2", "0", "2", "0", "0", "1.000", "1.000", "identical"]
    assert rows["all"][:5] == ["2", "4", "3", "-1", "3"]


def test_both_sides_are_named(invoke, sides):
    lines = invoke("compare", *sides).stdout.splitlines()
    assert lines[:2] == [f"A  {sides[0]}", f"B  {sides[1]}"]


def test_the_comparison_is_written_as_csv(invoke, sides, tmp_path):
    invoke("compare", *sides, "-o", tmp_path / "out")
    lines = (tmp_path / "out" / "comparison.csv").read_text().splitlines()
    assert lines[0].startswith("image,status,error,count_a,count_b,difference,in_both,")
    assert lines[1].startswith("x,ok,,2,1,-1,1,1,0,0.5,1.0,")


def test_the_comparison_is_not_overwritten_unasked(invoke, sides, tmp_path):
    invoke("compare", *sides, "-o", tmp_path / "out")
    assert invoke("compare", *sides, "-o", tmp_path / "out").exit_code == 2
    assert invoke("compare", *sides, "-o", tmp_path / "out", "--overwrite").exit_code == 0


def test_numbers_that_do_not_exist_are_null_in_json(invoke, sides):
    tifffile.imwrite(sides[1] / "x.tif", np.zeros((40, 60), np.uint16))
    answer = json.loads(invoke("compare", *sides, "--json").stdout)
    assert answer["images"][0]["mean_iou"] is None
    assert answer["all"]["count_b"] == 2


def test_a_higher_threshold_is_named_in_the_table(invoke, sides):
    assert "AP 0.9" in invoke("compare", *sides, "--at", "0.9").stdout


def test_a_bad_image_is_told_and_the_others_go_on(invoke, sides):
    tifffile.imwrite(sides[1] / "x.tif", np.zeros((4, 6), np.uint16))
    result = invoke("compare", *sides)
    assert result.exit_code == 1
    assert "Error: x: The labels A of shape (40, 60)" in result.stderr
    assert "\ny " in result.stdout
