"""The pairs of thresholds that are tried."""

import numpy as np
import pytest

from samcell_core.errors import SettingsError
from samcell_core.tuning import Grid


def test_the_grid_of_the_paper_is_the_default():
    grid = Grid.spanning()
    assert grid.peaks == grid.fills
    np.testing.assert_allclose(grid.peaks, np.linspace(0.05, 0.9, 20), atol=5e-5)


def test_pairs_with_fill_above_peak_are_left_out():
    grid = Grid((0.3, 0.6), (0.2, 0.5))
    assert (grid.fills_at(0.3), grid.fills_at(0.6), grid.pairs) == ((0.2,), (0.2, 0.5), 3)


def test_equal_thresholds_are_a_pair():
    assert Grid((0.5,), (0.5,)).pairs == 1


def test_thresholds_are_put_in_order_and_taken_once():
    assert Grid((0.6, 0.3, 0.6), (0.1,)).peaks == (0.3, 0.6)


def test_two_equal_ends_keep_a_threshold_as_it_is():
    assert Grid.spanning(fill=(0.09, 0.09), steps=3).fills == (0.09,)


@pytest.mark.parametrize("steps", [1, 201, 2.5, True, "3"])
def test_a_wrong_number_of_steps_is_refused(steps):
    with pytest.raises(SettingsError, match=r"from 2 to 200\.$"):
        Grid.spanning(steps=steps)


@pytest.mark.parametrize("ends", [(0, 0.5), (0.5, 1), (0.6, 0.5), (0.5, float("nan")), ("a", 0.5)])
def test_a_range_that_is_none_is_refused_with_its_name(ends):
    with pytest.raises(SettingsError, match=r"A range of peak from .+ is not allowed"):
        Grid.spanning(peak=ends)


@pytest.mark.parametrize("fills", [(), (0.0,), (1.0,), (True,), tuple(np.linspace(0.1, 0.9, 300))])
def test_thresholds_that_are_none_are_refused(fills):
    with pytest.raises(SettingsError, match="fills"):
        Grid((0.5,), fills)


def test_a_grid_without_any_pair_is_refused():
    with pytest.raises(SettingsError, match="above all peak thresholds"):
        Grid.spanning(peak=(0.1, 0.2), fill=(0.3, 0.4))
