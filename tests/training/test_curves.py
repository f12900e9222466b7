"""The rows of a training's history, their file, and the drawing of them."""

import math
from dataclasses import astuple, replace

import cv2
import numpy as np
import pytest

import samcell_core as sc
from samcell_core.training.curves import History, HistoryRow, draw_curves

NAN = math.nan


def row(step, **changes):
    values = HistoryRow(step, step // 100, 0.1 / step, 0.2 / step, 1 - 1 / step, 1e-3 / 3, 7.5)
    return replace(values, **changes)


@pytest.fixture
def history(tmp_path):
    """A history of four rows."""
    written = History(tmp_path / "history.csv")
    for step in (100, 200, 300, 400):
        written.append(row(step))
    return written


@pytest.fixture
def drawing(tmp_path):
    """The pixels that rows are drawn as."""

    def draw(*rows):
        history = History(tmp_path / "drawn.csv")
        for each in rows:
            history.append(each)
        draw_curves(history, tmp_path / "curves.png")
        return cv2.imread(str(tmp_path / "curves.png"))

    return draw


def test_what_was_written_is_read_exactly(history):
    assert History(history.path).rows == history.rows


def test_losses_that_are_not_known_are_read_as_such(tmp_path):
    History(tmp_path / "h.csv").append(row(5, training_loss=NAN, validation_loss=math.inf))
    np.testing.assert_array_equal(
        astuple(History(tmp_path / "h.csv").rows[0]),
        astuple(row(5, training_loss=NAN, validation_loss=math.inf)),
    )


def test_a_history_without_a_file_is_empty(tmp_path):
    assert len(History(tmp_path / "none.csv")) == 0


def test_nothing_but_the_history_is_left_in_the_folder(history):
    assert [path.name for path in history.path.parent.iterdir()] == ["history.csv"]


def test_rows_after_the_step_are_dropped_from_the_file(history):
    history.truncate(250)
    assert [each.step for each in History(history.path).rows] == [100, 200]


def test_all_rows_can_be_dropped(history):
    history.truncate(0)
    assert History(history.path).rows == ()


def test_training_goes_on_after_dropped_rows(history):
    history.truncate(200)
    history.append(row(250))
    assert [each.step for each in History(history.path).rows] == [100, 200, 250]


def test_a_step_that_is_there_already_is_refused(history):
    with pytest.raises(sc.TrainingError, match="already has step 400, so step 400"):
        history.append(row(400))


def test_the_best_row_is_the_first_of_the_highest_score(tmp_path):
    history = History(tmp_path / "h.csv")
    for step, score in ((1, NAN), (2, 0.5), (3, 0.7), (4, 0.7), (5, 0.1)):
        history.append(row(step, score=score))
    assert history.best.step == 3


@pytest.mark.parametrize("scores", [(), (NAN,)])
def test_without_a_score_there_is_no_best_row(tmp_path, scores):
    history = History(tmp_path / "h.csv")
    for step, score in enumerate(scores):
        history.append(row(step + 1, score=score))
    assert history.best is None


def test_a_row_that_could_not_be_written_is_written_with_the_next(tmp_path):
    history = History(tmp_path / "later" / "h.csv")
    with pytest.raises(sc.SamcellError, match="cannot be written"):
        history.append(row(1))
    (tmp_path / "later").mkdir()
    history.append(row(2))
    assert [each.step for each in History(history.path).rows] == [1, 2]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("step", "time", "is no history"),
        ("200,2", "two,2", "Row 3 .* damaged"),
        (",7.5\n400", "\n400", "Row 4 .* 6 columns, not 7"),
        ("300,3", "150,3", r"Row 4 .* \(step 150 follows step 200"),
    ],
)
def test_a_damaged_history_is_refused_with_its_row(history, old, new, message):
    history.path.write_text(history.path.read_text().replace(old, new))
    with pytest.raises(sc.TrainingError, match=message):
        History(history.path)


def test_an_empty_file_is_no_history(tmp_path):
    (tmp_path / "h.csv").touch()
    with pytest.raises(sc.TrainingError, match="is no history"):
        History(tmp_path / "h.csv")


@pytest.mark.parametrize(
    "rows",
    [
        [row(500)],
        [row(1, training_loss=NAN, validation_loss=NAN, score=NAN)],
        [row(1, score=0.5), row(2, score=0.5)],
        [row(1, validation_loss=math.inf), row(2, validation_loss=1e300)],
        [row(1, training_loss=1e-320, validation_loss=1e29), row(2, score=-5e-324)],
        [row(1, training_loss=0.0, validation_loss=0.0), row(2_000_000)],
    ],
)
def test_all_values_can_be_drawn(drawing, rows):
    assert drawing(*rows).std() > 0


def test_a_falling_loss_is_drawn_from_the_left_top_to_the_right_bottom(drawing):
    picture = drawing(*(row(step, training_loss=1 - step / 20) for step in range(1, 11)))
    blue = (picture == np.array([180, 119, 31])).all(axis=2)
    blue[:60] = False  # the legend
    rows, columns = np.nonzero(blue)
    assert np.corrcoef(rows, columns)[0, 1] > 0.99


def test_losses_far_apart_are_drawn_on_a_logarithmic_axis(drawing):
    picture = drawing(
        *(row(n, training_loss=10.0**-n, validation_loss=10.0**-n) for n in range(1, 8))
    )
    orange = (picture == np.array([16, 96, 220])).all(axis=2)
    orange[:60] = False  # the legend
    rows, columns = np.nonzero(orange)
    assert np.corrcoef(rows, columns)[0, 1] > 0.99


def test_a_drawing_takes_the_place_of_the_one_before(history, tmp_path):
    draw_curves(history, tmp_path / "curves.png")
    first = (tmp_path / "curves.png").read_bytes()
    history.append(row(500))
    draw_curves(history, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes() != first


def test_a_history_without_rows_is_not_drawn(tmp_path):
    with pytest.raises(sc.TrainingError, match="no rows yet"):
        draw_curves(History(tmp_path / "h.csv"), tmp_path / "curves.png")
