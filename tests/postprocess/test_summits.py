"""Cells that start at summits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from samcell_core.postprocess import cell_markers, segment_distance
from samcell_core.settings import Settings

PEAK = 0.4


BLOCK = 15  # pixels, so wide that smoothing leaves the middle of a block as it is


def blocks(*rows):
    """A map of square blocks of these heights."""
    return np.kron(np.array(rows), np.ones((BLOCK, BLOCK))).astype(np.float32)


def marked(*rows):
    """Markers in the middle of each block."""
    markers = cell_markers(blocks(*rows), peak=PEAK, markers="summit")
    return markers[BLOCK // 2 :: BLOCK, BLOCK // 2 :: BLOCK].tolist()


def test_one_hill_is_one_marker():
    assert marked((0.5, 0.7, 0.9, 0.6)) == [[1, 1, 1, 1]]


def test_what_is_not_above_the_peak_threshold_is_no_marker():
    assert marked((0.3, 0.39, 0.9, 0.39)) == [[0, 0, 1, 0]]


def test_a_deep_valley_parts_two_summits():
    assert [marked((0.8, 0.5, 0.9))[0][place] for place in (0, 2)] == [1, 2]


def test_a_shallow_valley_does_not():
    assert marked((0.8, 0.7, 0.9)) == [[1, 1, 1]]


def test_a_valley_is_as_deep_as_the_lower_summit_says():
    # More than 0.8 of 0.55, less than half of 0.95.
    assert marked((0.55, 0.46, 0.95)) == [[1, 1, 1]]


def test_of_two_ways_the_higher_counts():
    assert marked((0.85, 0.85, 0.85), (0.9, 0.5, 0.9)) == [[1, 1, 1], [1, 1, 1]]


def test_a_way_across_a_corner_counts():
    distance = blocks((0.5, 0.5), (0.5, 0.5))
    np.fill_diagonal(distance, 0.55)
    distance[np.abs(np.subtract.outer(range(2 * BLOCK), range(2 * BLOCK))) > 0] = 0.3
    assert cell_markers(distance, peak=PEAK, markers="summit").max() == 1


def test_cells_that_meet_at_a_corner_only_are_parted():
    assert marked((0.9, 0.1), (0.1, 0.9)) == [[1, 0], [0, 2]]


def test_a_low_summit_joins_the_higher_one_that_it_leans_on():
    assert marked((0.95, 0.5, 0.7, 0.65, 0.9))[0][2:] == [2, 2, 2]


def test_a_chain_of_shallow_valleys_is_one_cell():
    assert marked((0.9, 0.8, 0.9, 0.8, 0.9, 0.8, 0.9)) == [[1] * 7]


def test_a_plateau_is_one_summit():
    assert marked((0.6, 0.9, 0.9, 0.9, 0.6)) == [[1, 1, 1, 1, 1]]


def test_a_flat_shoulder_is_no_summit():
    assert marked((0.5, 0.5, 0.9, 0.5, 0.5)) == [[1, 1, 1, 1, 1]]


def test_a_ripple_is_no_valley():
    distance = blocks((0.9, 0.9))
    distance[:, BLOCK] = 0.7
    assert cell_markers(distance, peak=PEAK, markers="summit").max() == 1


def test_hills_apart_are_cells_however_alike():
    assert marked((0.9, 0.1, 0.9)) == [[1, 0, 2]]


def test_nothing_gives_nothing():
    assert not cell_markers(np.zeros((5, 4)), peak=PEAK, markers="summit").any()


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (1, 1)])
def test_the_smallest_maps_are_taken(shape):
    assert cell_markers(np.zeros(shape), peak=PEAK, markers="summit").shape == shape


def test_missing_values_are_no_hills():
    assert marked((0.9, np.nan, 0.9)) == [[1, 0, 2]]


def test_cells_parted_at_a_valley_are_filled_to_it():
    distance = blocks((0.2, 0.8, 0.5, 0.9, 0.2))
    labels = segment_distance(distance, Settings(peak=PEAK, fill=0.1, markers="summit"))
    assert labels.all()
    assert labels.max() == 2


maps = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=14),
    elements=st.floats(0, 1, width=16),
)


@given(maps)
def test_all_that_is_above_the_peak_threshold_is_marked(distance):
    markers = cell_markers(distance, peak=PEAK, markers="summit")
    np.testing.assert_array_equal(markers > 0, distance > PEAK)


@given(maps)
def test_no_marker_lies_in_two_components(distance):
    summits = cell_markers(distance, peak=PEAK, markers="summit")
    components = cell_markers(distance, peak=PEAK)
    pairs = np.unique(np.stack([summits[summits > 0], components[summits > 0]]), axis=1)
    assert len(np.unique(pairs[0])) == pairs.shape[1]


@given(maps)
def test_markers_are_numbered_without_gaps(distance):
    markers = cell_markers(distance, peak=PEAK, markers="summit")
    assert set(np.unique(markers[markers > 0])) == set(range(1, int(markers.max(initial=0)) + 1))


@given(maps)
def test_markers_do_not_depend_on_the_threads(distance):
    one, two = (cell_markers(distance, peak=PEAK, markers="summit", threads=n) for n in (1, 2))
    np.testing.assert_array_equal(one, two)


@given(maps)
def test_where_all_valleys_are_shallow_markers_are_the_components(distance):
    level = np.where(distance > np.float32(PEAK), np.float32(0.9), np.float32(0.88))
    summits = cell_markers(level, peak=PEAK, markers="summit")
    assert summits.max() == cell_markers(level, peak=PEAK).max() == 1
