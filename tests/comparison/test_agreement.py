"""Two segmentations of which neither is the truth."""

import json
import math
import os

import numpy as np
import pytest

from samcell_core.comparison import Match, compare_labels, compare_matches, describe_labels
from samcell_core.errors import ImageError


@pytest.fixture
def a(rectangles):
    return rectangles((0, 10, 0, 10), (0, 10, 20, 30), (20, 30, 0, 10))


@pytest.fixture
def b(rectangles):
    """One cell of A, another one a fifth larger."""
    return rectangles((0, 10, 0, 10), (0, 12, 20, 30))


def test_cells_are_counted_on_their_own_sides(a, b):
    row = compare_labels(a, b).to_row()
    names = ("count_a", "count_b", "difference", "in_both", "only_in_a", "only_in_b")
    assert [row[name] for name in names] == [3, 2, -1, 2, 1, 0]


def test_the_mean_iou_is_that_of_the_cells_that_both_have(a, b):
    assert compare_labels(a, b).mean_iou == pytest.approx((1 + 100 / 120) / 2)


def test_agreement_does_not_depend_on_the_side(a, b):
    one, other = compare_labels(a, b), compare_labels(b, a)
    assert one.mean_iou == pytest.approx(other.mean_iou)
    assert one.matches.average_precision == other.matches.average_precision


def test_covered_parts_are_those_of_each_side(a, b):
    row = compare_labels(a, b).to_row()
    assert (row["confluency_a"], row["confluency_b"]) == (300 / 2400, 220 / 2400)


def test_a_higher_threshold_wants_more_agreement(a, b):
    assert compare_labels(a, b, threshold=0.9).matches.true_positives == 1


def test_the_same_cells_under_other_numbers_are_identical(a):
    assert compare_labels(a, np.where(a > 0, 9 - a.astype(int), 0)).identical


def test_cells_that_differ_by_a_pixel_are_not_identical(a):
    changed = a.copy()
    changed[10, 0] = 1
    assert not compare_labels(a, changed).identical


def test_without_common_cells_the_mean_iou_is_unknown(a):
    assert math.isnan(compare_labels(a, a * 0).mean_iou)


def test_images_without_cells_agree_wholly(a):
    agreement = compare_labels(a * 0, a * 0)
    assert agreement.matches.average_precision == 1
    assert agreement.identical


def test_planes_of_stacks_are_taken_together(a, b):
    stacks = compare_labels(np.stack([a, a]), np.stack([b, a]))
    assert (stacks.count_a, stacks.count_b) == (6, 5)
    assert not stacks.identical


def test_other_shapes_are_refused(a):
    with pytest.raises(ImageError, match="both must come from the same image"):
        compare_labels(a, a[:-1])


def test_a_bad_file_does_not_stop_the_others(a, b, write, reader):
    matches = [
        Match("bad", write("a/bad.tif"), write("b/bad.tif", b)),
        Match("good", write("a/good.tif", a), write("b/good.tif", b)),
    ]
    assert [image.to_row()["status"] for image in compare_matches(matches, reader=reader)] == [
        "error",
        "ok",
    ]


def test_a_run_is_described_by_its_model(tmp_path):
    made = {"made_with": {"model": {"name": "my-model"}, "version": "1.2"}}
    (tmp_path / "run.json").write_text(json.dumps(made))
    assert describe_labels(tmp_path) == f"{tmp_path} (my-model, samcell-suite 1.2)"


def test_other_labels_are_described_by_their_path(tmp_path):
    assert describe_labels(tmp_path) == str(tmp_path)


def test_an_unforeseen_error_is_one_of_that_image_alone(a, b, write, moody):
    matches = [
        Match("bad", write("a/bad.tif"), write("b/bad.tif")),
        Match("good", write("a/good.tif", a), write("b/good.tif", b)),
    ]
    compared = compare_matches(matches, reader=moody(RuntimeError("mood")))
    assert [image.error for image in compared] == ["Unexpected RuntimeError: mood", ""]


def test_an_error_can_be_written_where_the_name_of_the_file_is_no_text(write, reader):
    empty = write(os.fsdecode(b"zelle_\xe4.tif"))
    (image,) = compare_matches([Match("x", empty, empty)], reader=reader)
    assert "zelle_?.tif is empty" in image.error
