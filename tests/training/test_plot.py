"""The drawing of a training's curves."""

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

import samcell_core as sc
from samcell_core.training.curves import HistoryRow
from samcell_core.training.plot import draw_curves

NAN = math.nan


def row(step, **changes):
    values = HistoryRow(step, step // 100, 0.1 / step, 0.2 / step, 1 - 1 / step, 1e-3 / 3, 7.5)
    return replace(values, **changes)


@pytest.fixture
def drawing(tmp_path):
    """The pixels that rows are drawn as."""

    def draw(*rows):
        draw_curves(rows, tmp_path / "curves.png")
        return cv2.imread(str(tmp_path / "curves.png"))

    return draw


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


def test_scores_are_joined_over_validations_that_did_not_score(drawing):
    ends = (row(100, score=0.2), row(400, score=0.8))
    between = (row(200, score=NAN), row(300, score=NAN))
    lower = slice(330, None)  # the panel of scores
    joined, apart = drawing(ends[0], *between, ends[1])[lower], drawing(*ends)[lower]
    assert np.array_equal(joined, apart)


def test_a_drawing_takes_the_place_of_the_one_before(drawing):
    assert not np.array_equal(drawing(row(100)), drawing(row(100), row(200)))


def test_nothing_is_not_drawn(tmp_path):
    with pytest.raises(sc.TrainingError, match="no validation yet"):
        draw_curves([], tmp_path / "curves.png")
