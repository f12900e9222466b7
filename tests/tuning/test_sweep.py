"""All pairs at once give what segmenting and evaluating pair by pair gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samcell_core.errors import ImageError
from samcell_core.metrics import evaluate
from samcell_core.postprocess import segment_distance
from samcell_core.settings import Settings
from samcell_core.tuning import Grid
from samcell_core.tuning.sweep import Sweep

QUICK = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def all_at_once(distance, truth, grid, choices):
    sweep = Sweep(distance, truth, grid, choices)
    return {peak: sweep.detections(peak) for peak in grid.peaks}


def pair_by_pair(distance, truth, grid, choices):
    return {
        peak: [
            evaluate(
                segment_distance(distance, choices.replace(peak=peak, fill=fill)), truth
            ).detection
            for fill in grid.fills_at(peak)
        ]
        for peak in grid.peaks
    }


@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    smoothing=st.sampled_from([0, 0.7, 1.5, 3]),
    steps=st.sampled_from([4, 20, 255, 10**7]),
    dtype=st.sampled_from([np.float16, np.float32, np.float64]),
    markers=st.sampled_from(["component", "summit", "centroid"]),
    fill_holes=st.booleans(),
    min_size=st.sampled_from([0, 3, 30]),
    max_size=st.sampled_from([None, 40, 400]),
    discard_border=st.booleans(),
)
@QUICK
def test_scores_are_those_of_the_plain_way(rough, seed, shape, smoothing, steps, dtype, **choices):
    distance, truth = rough(seed, shape, smoothing, steps, dtype)
    grid = Grid((0.2, 0.45, 0.5, 0.75, 0.9), (0.05, 0.2, 0.3, 0.5, 0.6, 0.74))
    chosen = Settings(**choices)
    assert all_at_once(distance, truth, grid, chosen) == pair_by_pair(distance, truth, grid, chosen)


@pytest.mark.parametrize("markers", ["component", "centroid"])
@pytest.mark.parametrize("fill_holes", [True, False])
@pytest.mark.parametrize("steps", [10**7, 255, 30], ids=["smooth", "255 levels", "30 levels"])
def test_scores_of_a_culture_are_those_of_the_plain_way(culture, markers, fill_holes, steps):
    distance, truth = culture
    distance = np.round(distance * steps) / np.float32(steps)
    chosen = Settings(markers=markers, fill_holes=fill_holes, min_size=20)
    grid = Grid.spanning(steps=6)
    assert all_at_once(distance, truth, grid, chosen) == pair_by_pair(distance, truth, grid, chosen)


def test_a_cell_in_the_hole_of_another_is_lost_where_the_hole_is_filled():
    distance = np.zeros((30, 30), np.float32)
    distance[3:27, 3:27] = 0.8
    distance[8:22, 8:22] = 0.3
    truth = np.ones((30, 30), np.int32)
    truth[8:22, 8:22] = 2
    grid = Grid((0.5,), (0.2, 0.4))
    for fill_holes in (True, False):
        chosen = Settings(fill_holes=fill_holes)
        found = all_at_once(distance, truth, grid, chosen)
        assert found == pair_by_pair(distance, truth, grid, chosen)
    assert [each.missed for each in found[0.5]] == [0, 1]


def test_nan_counts_as_no_cell(culture):
    distance, truth = culture
    with_nan = np.where(distance < 0.1, np.nan, distance)
    grid = Grid((0.5,), (0.05, 0.3))
    assert all_at_once(with_nan, truth, grid, Settings()) == all_at_once(
        np.nan_to_num(with_nan), truth, grid, Settings()
    )


def test_an_image_without_true_cells_is_scored(culture):
    grid = Grid((0.5, 0.9), (0.05, 0.3))
    nothing = np.zeros_like(culture[1])
    assert all_at_once(culture[0], nothing, grid, Settings()) == pair_by_pair(
        culture[0], nothing, grid, Settings()
    )


def test_a_map_without_cells_is_scored(culture):
    empty = np.zeros_like(culture[0])
    found = all_at_once(empty, culture[1], Grid((0.5,), (0.1,)), Settings())
    assert (found[0.5][0].predicted, found[0.5][0].op_csb) == (0, 0.0)


def test_a_peak_below_all_fills_has_no_scores(culture):
    sweep = Sweep(*culture, Grid((0.1, 0.5), (0.3,)), Settings())
    assert sweep.detections(0.1) == []


def test_labels_of_another_size_are_refused(culture):
    with pytest.raises(ImageError, match="does not fit the labels"):
        Sweep(culture[0], culture[1][:-1], Grid.spanning(), Settings())
