"""The rows of a training's history and their file."""

import csv
import math
from dataclasses import astuple, replace

import numpy as np
import pytest

import samcell_core as sc
from samcell_core.training.curves import HistoryRow, best_row, write_history

NAN = math.nan


def row(step, **changes):
    values = HistoryRow(step, step // 100, 0.1 / step, 0.2 / step, 1 - 1 / step, 1e-3 / 3, 7.5)
    return replace(values, **changes)


def read(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return [[float(each) for each in line.values()] for line in csv.DictReader(stream)]


def test_what_was_written_is_read_exactly(tmp_path):
    rows = [row(step) for step in (100, 200, 300)]
    write_history(rows, tmp_path / "h.csv")
    assert read(tmp_path / "h.csv") == [list(astuple(each)) for each in rows]


def test_losses_that_are_not_known_are_written_as_such(tmp_path):
    odd = row(5, training_loss=NAN, validation_loss=math.inf)
    write_history([odd], tmp_path / "h.csv")
    np.testing.assert_array_equal(read(tmp_path / "h.csv")[0], astuple(odd))


def test_rows_take_the_place_of_those_before(tmp_path):
    write_history([row(1), row(2)], tmp_path / "h.csv")
    write_history([row(1)], tmp_path / "h.csv")
    assert len(read(tmp_path / "h.csv")) == 1


def test_a_file_that_cannot_be_written_says_so(tmp_path):
    with pytest.raises(sc.SamcellError, match="cannot be written"):
        write_history([row(1)], tmp_path / "none" / "h.csv")


def test_the_best_row_is_the_first_of_the_highest_score():
    scores = ((1, NAN), (2, 0.5), (3, 0.7), (4, 0.7), (5, 0.1))
    assert best_row([row(step, score=score) for step, score in scores]).step == 3


@pytest.mark.parametrize("scores", [(), (NAN,)])
def test_without_a_score_there_is_no_best_row(scores):
    assert best_row([row(step + 1, score=score) for step, score in enumerate(scores)]) is None
