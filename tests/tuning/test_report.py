"""The files that a search leaves."""

import csv
import json

import cv2
import numpy as np
import pytest

import samcell_core as sc
from samcell_core.tuning import draw_heat_map, summary, write_tuning

NONE = float("nan")
GREY = (236, 233, 232)  # blue first, as OpenCV reads it


@pytest.fixture
def two_sets(finished):
    return finished(
        ("a", [[0.2, NONE], [0.5, 0.9]]), ("b", [[0.4, NONE], [0.1, 0.3]]), present=0.25
    )


def rows(path):
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_table_has_a_row_for_each_pair_of_each_set_and_of_all(two_sets, tmp_path):
    write_tuning(two_sets, tmp_path)
    found = rows(tmp_path / "tuning.csv")
    assert [row["set"] for row in found] == ["all sets"] * 3 + ["a"] * 3 + ["b"] * 3
    last = found[2]
    assert (last["peak"], last["fill"], last["images"]) == ("0.6", "0.2", "2")
    assert float(last["op_csb"]) == pytest.approx(0.6)


def test_one_set_alone_has_no_rows_of_all_sets(finished, tmp_path):
    write_tuning(finished(("a", [[0.2, 0.3]])), tmp_path)
    assert [row["set"] for row in rows(tmp_path / "tuning.csv")] == ["a", "a"]


def test_each_image_has_its_score_now_at_the_optimum_and_at_its_own(two_sets, tmp_path):
    write_tuning(two_sets, tmp_path)
    found = rows(tmp_path / "images.csv")
    names = ("op_csb_present", "op_csb_optimum", "op_csb_highest")
    assert [[float(row[name]) for name in names] for row in found] == [
        [0.25, 0.9, 0.9],
        [0.25, 0.3, 0.4],
    ]


def test_the_summary_has_the_optimum_of_each_set_and_over_all(two_sets, tmp_path):
    write_tuning(two_sets, tmp_path)
    told = json.loads((tmp_path / "summary.json").read_text())
    assert told == json.loads(json.dumps(summary(two_sets)))
    assert (told["over_all"]["peak"], told["over_all"]["fill"]) == (0.6, 0.2)
    assert told["sets"]["b"]["op_csb"] == 0.4
    assert told["over_all"]["present"]["op_csb"] == 0.25
    assert told["over_all"]["near"] == {
        "pairs": 1,
        "peak": [0.6, 0.6],
        "fill": [0.2, 0.2],
        "elsewhere": 0,
    }


@pytest.mark.parametrize(
    ("scores", "word"),
    [
        ([[0.1], [0.9]], "best peak threshold, 0.6, is the highest that was tried"),
        ([[0.9, 0.1], [0.8, 0.1]], "best fill threshold, 0.1, is the lowest that was tried"),
        (
            [[0.9, 0.1, 0.9, 0.1, 0.1]],
            "in another part of the grid are as good within 0.01 (pairs: 1)",
        ),
    ],
)
def test_doubts_about_the_optimum_are_told(finished, scores, word):
    assert word in " ".join(summary(finished(("a", scores)))["notes"])


def test_an_optimum_in_the_middle_raises_no_doubts(finished):
    scores = [[0.1, 0.1, 0.1], [0.1, 0.9, 0.1], [0.1, 0.1, 0.1]]
    assert summary(finished(("a", scores)))["notes"] == []


def test_nothing_is_overwritten_unasked(two_sets, tmp_path):
    write_tuning(two_sets, tmp_path)
    with pytest.raises(sc.SamcellError, match="exists"):
        write_tuning(two_sets, tmp_path)
    write_tuning(two_sets, tmp_path, overwrite=True)


def test_a_folder_that_cannot_be_made_is_an_error_in_one_sentence(two_sets, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(sc.SamcellError, match="cannot be made or written to"):
        write_tuning(two_sets, tmp_path / "file" / "out")


def test_the_picture_has_a_panel_for_each_set_and_one_for_all(two_sets, finished, tmp_path):
    draw_heat_map(two_sets, tmp_path / "three.png")
    draw_heat_map(finished(("a", [[0.2, 0.3]])), tmp_path / "one.png")
    three, one = (cv2.imread(str(tmp_path / name)) for name in ("three.png", "one.png"))
    assert three.shape == (one.shape[0], 3 * one.shape[1], 3)


def test_the_best_pair_is_bright_and_pairs_left_out_are_grey(finished, tmp_path):
    scores = [[0.9 - 0.1 * abs(i - 2) if j <= i else NONE for j in range(5)] for i in range(5)]
    draw_heat_map(finished(("a", scores)), tmp_path / "map.png")
    picture = cv2.imread(str(tmp_path / "map.png"))

    def colour(peak, fill):
        return tuple(picture[66 + 380 - 76 * peak - 20, 62 + 76 * fill + 60].tolist())

    assert colour(1, 3) == GREY
    assert sum(colour(2, 0)) > sum(colour(3, 0)) > sum(colour(4, 0))


@pytest.mark.parametrize("scores", [[[0.0, 0.0]], [[1.0]]], ids=["all zero", "one pair"])
def test_scores_without_any_difference_can_be_drawn(finished, tmp_path, scores):
    draw_heat_map(finished(("a", scores)), tmp_path / "map.png")
    assert np.ptp(cv2.imread(str(tmp_path / "map.png"))) > 0
