"""Means over images and sets, the best pair, and how flat it is there."""

import numpy as np
import pytest

from samcell_core.errors import SettingsError

NONE = float("nan")


def test_a_set_is_the_mean_over_its_images(finished):
    tuning = finished(("a", [[0.2, 0.4]]), ("a", [[0.6, 0.8]]))
    np.testing.assert_allclose(tuning.table("a")[0], [[0.4, 0.6]])


def test_over_all_is_the_mean_over_sets_however_many_images_they_have(finished):
    tuning = finished(("a", [[0.2]]), ("a", [[0.2]]), ("b", [[0.6]]))
    assert tuning.table()[0, 0, 0] == pytest.approx(0.4)


def test_the_best_pair_is_found(finished):
    best = finished(("a", [[0.2, NONE], [0.5, 0.9], [0.3, 0.4]])).optimum()
    assert (best.peak, best.fill, best.score.op_csb) == (0.6, 0.2, 0.9)


def test_each_set_has_its_own_best_pair(finished):
    tuning = finished(("a", [[0.9, 0.1]]), ("b", [[0.1, 0.8]]))
    assert (tuning.optimum("a").fill, tuning.optimum("b").fill) == (0.1, 0.2)


def test_of_equally_good_pairs_the_middle_one_is_the_best(finished):
    best = finished(("a", [[0.9] * 5, [0.9] * 5, [0.9] * 5])).optimum()
    assert (best.peak, best.fill) == (0.6, pytest.approx(0.3))


def test_the_region_around_the_best_holds_what_is_less_than_a_hundredth_below(finished):
    near = finished(("a", [[0.891, 0.9, 0.889], [0.895, 0.2, 0.1]])).optimum().near
    assert (near.pairs, near.peak, near.fill) == (3, (0.5, 0.6), (0.1, 0.2))


def test_what_is_as_good_elsewhere_is_counted_apart(finished):
    near = finished(("a", [[0.9, 0.2, 0.895, 0.899]])).optimum().near
    assert (near.pairs, near.fill, near.elsewhere) == (1, (0.1, 0.1), 2)


def test_the_present_score_is_a_mean_in_the_same_way(finished):
    assert finished(("a", [[0.2]]), ("b", [[0.6]]), present=0.25).present().op_csb == 0.25


def test_an_unknown_set_is_refused_with_those_that_are_known(finished):
    with pytest.raises(SettingsError, match="no set 'c' with scores: known are a"):
        finished(("a", [[0.2]])).table("c")
