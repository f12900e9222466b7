from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from skimage.segmentation import watershed

from samcell_core import postprocess
from samcell_core.errors import ImageError, SettingsError
from samcell_core.postprocess import cell_markers, segment_distance, watershed_labels
from samcell_core.settings import Settings


def by_queue(distance, *, peak, fill, markers="component"):
    """What the labels are to be, from the plain watershed."""
    seeds = cell_markers(distance, peak=peak, markers=markers)
    return watershed(-distance, seeds, mask=distance > fill)


@pytest.fixture
def no_queue(monkeypatch):
    """Make the plain watershed fail, so that only the direct way is left."""

    def refuse(*arguments, **options):
        raise AssertionError("the plain watershed was called")

    monkeypatch.setattr("samcell_core.postprocess.basins.watershed", refuse)


@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    smoothing=st.sampled_from([0, 0.7, 1.5, 3, 6]),
    steps=st.sampled_from([4, 20, 255, 2000, 10**7]),
    dtype=st.sampled_from([np.float16, np.float32, np.float64]),
    peak=st.floats(0.2, 0.95),
    share=st.floats(0, 1),
    markers=st.sampled_from(["component", "centroid"]),
    threads=st.sampled_from([1, 2, 5]),
)
@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_labels_are_those_of_the_plain_watershed(
    rough_map, seed, shape, smoothing, steps, dtype, peak, share, markers, threads
):
    distance = rough_map(seed, *shape, smoothing, steps, dtype)
    choices = {"peak": peak, "fill": peak * share, "markers": markers}
    labels = watershed_labels(distance, threads=threads, **choices)
    np.testing.assert_array_equal(labels, by_queue(distance, **choices))


@pytest.mark.parametrize("steps", [10**7, 4000, 255])
@pytest.mark.parametrize("markers", ["component", "centroid"])
def test_a_crowd_is_labelled_as_by_the_plain_watershed(crowd, steps, markers):
    distance = np.round(crowd * steps) / np.float32(steps)
    choices = {"peak": 0.6, "fill": 0.09, "markers": markers}
    expected = by_queue(distance, **choices)
    assert expected.max() > 2000
    for threads in (1, 2, 5):
        labels = watershed_labels(distance, threads=threads, **choices)
        np.testing.assert_array_equal(labels, expected)


@pytest.mark.parametrize("markers", ["component", "centroid"])
def test_a_crowd_needs_no_queue(crowd, no_queue, markers):
    labels = watershed_labels(crowd, peak=0.6, fill=0.09, markers=markers)
    assert (labels > 0).all()


def test_ties_between_cells_need_no_queue_of_the_whole_plane(no_queue):
    distance = np.zeros((30, 30), np.float32)
    distance[10, 10:17] = [0.9, 0.4, 0.3, 0.2, 0.3, 0.4, 0.8]
    labels = watershed_labels(distance, peak=0.5, fill=0.1)
    assert labels[10, 10:17].tolist() == [1, 1, 1, 1, 2, 2, 2]


def test_a_pixel_between_equally_high_peaks_goes_where_the_plain_watershed_puts_it():
    distance = np.tile(np.array([0.9, 0.4, 0.9, 0.4], np.float32), (9, 25))
    choices = {"peak": 0.5, "fill": 0.1}
    np.testing.assert_array_equal(
        watershed_labels(distance, **choices), by_queue(distance, **choices)
    )


def test_a_pit_belongs_to_the_cell_over_whose_pass_it_is_reached(no_queue):
    distance = np.zeros((30, 30), np.float32)
    distance[10, 10:17] = [0.9, 0.3, 0.2, 0.45, 0.25, 0.35, 0.8]
    labels = watershed_labels(distance, peak=0.5, fill=0.1)
    assert labels[10, 10:17].tolist() == [1, 1, 1, 2, 2, 2, 2]


def test_separate_cells_are_their_components(no_queue):
    distance = np.zeros((9, 20), np.float32)
    distance[1:8, 1:8] = 0.3
    distance[4, 4] = 0.9
    distance[2:5, 11:19] = 0.2
    distance[3, 12:14] = 0.6
    labels = watershed_labels(distance, peak=0.5, fill=0.1)
    assert np.array_equal(labels > 0, distance > 0.1)
    assert len(np.unique(labels)) == 3


def test_an_extent_without_a_peak_is_no_cell():
    distance = np.full((5, 5), 0.3, np.float32)
    assert not watershed_labels(distance, peak=0.5, fill=0.1).any()


def test_a_marker_outside_the_extent_yields_nothing():
    distance = np.zeros((7, 7), np.float32)
    distance[1:6, 1:6] = 0.9
    distance[2:5, 2:5] = 0.05  # the centroid of the ring lies in here
    assert not watershed_labels(distance, peak=0.5, fill=0.1, markers="centroid").any()


def test_a_cell_may_cover_the_whole_image():
    labels = watershed_labels(np.ones((6, 4), np.float32), peak=0.5, fill=0.1)
    assert (labels == 1).all()


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (1, 1), (1, 9), (9, 1)])
@pytest.mark.parametrize("markers", ["component", "centroid"])
@pytest.mark.parametrize("value", [0.0, 0.9])
def test_labels_have_the_shape_of_the_map(shape, markers, value):
    distance = np.full(shape, value, np.float32)
    labels = watershed_labels(distance, peak=0.5, fill=0.1, markers=markers)
    assert labels.shape == shape
    assert labels.dtype == np.int32


def test_not_a_number_counts_as_background(crowd):
    holed = crowd.copy()
    holed[100:120, 50:400] = np.nan
    labels = watershed_labels(holed, peak=0.6, fill=0.09)
    np.testing.assert_array_equal(
        labels, by_queue(np.nan_to_num(holed, nan=0.0), peak=0.6, fill=0.09)
    )


def test_the_map_is_not_modified(crowd):
    given_map = crowd.copy()
    given_map[3, 4] = np.nan
    before = given_map.copy()
    watershed_labels(given_map, peak=0.6, fill=0.09, threads=2)
    np.testing.assert_array_equal(given_map, before)


def test_the_layout_of_the_map_in_memory_does_not_matter(crowd):
    expected = watershed_labels(crowd, peak=0.6, fill=0.09)
    wide = np.zeros((crowd.shape[0], 2 * crowd.shape[1]), np.float32)
    wide[:, ::2] = crowd
    read_only = np.asfortranarray(crowd)
    read_only.flags.writeable = False
    for layout in (wide[:, ::2], read_only, crowd.astype(">f4"), crowd.astype(np.float64)):
        labels = watershed_labels(layout, peak=0.6, fill=0.09)
        np.testing.assert_array_equal(labels, expected)


@pytest.mark.parametrize(
    "peak_pixels",
    [
        [(4, 4)],
        [(4, 4), (4, 5)],
        [(2, 2), (3, 2), (4, 2), (5, 2), (5, 3), (5, 4), (5, 5), (4, 5), (3, 5), (2, 5)],
        [(3, 3), (4, 4), (5, 5)],
    ],
    ids=["one pixel", "two pixels", "U", "diagonal"],
)
def test_a_component_is_one_marker_whatever_its_shape(peak_pixels):
    distance = np.zeros((9, 9))
    distance[tuple(np.transpose(peak_pixels))] = 0.9
    markers = cell_markers(distance, peak=0.5)
    assert markers.max() == 1
    assert sorted(map(tuple, np.argwhere(markers).tolist())) == sorted(peak_pixels)


def test_components_are_numbered_without_gaps(crowd):
    markers = cell_markers(crowd, peak=0.6)
    assert np.array_equal(np.unique(markers), np.arange(markers.max() + 1))


def test_a_centroid_is_one_pixel_in_the_middle():
    distance = np.zeros((20, 20))
    distance[5:10, 8:15] = 0.9
    markers = cell_markers(distance, peak=0.5, markers="centroid")
    assert np.argwhere(markers).tolist() == [[7, 11]]


def test_the_centroid_of_a_line_is_the_mean_of_its_outline():
    distance = np.zeros((9, 9))
    distance[[2, 3, 4, 3, 2], [1, 2, 3, 4, 5]] = 0.9
    markers = cell_markers(distance, peak=0.5, markers="centroid")
    assert np.argwhere(markers).tolist() == [[3, 3]]


def test_a_centroid_of_fewer_than_three_points_is_lost():
    distance = np.zeros((9, 9))
    distance[2, 1:7] = 0.9
    distance[7, 7] = 0.9
    assert not cell_markers(distance, peak=0.5, markers="centroid").any()


def test_a_component_in_the_hole_of_another_has_no_centroid():
    distance = np.zeros((21, 21))
    distance[1:20, 1:20] = 0.9
    distance[3:18, 3:18] = 0.0
    distance[4:8, 4:8] = 0.9
    markers = cell_markers(distance, peak=0.5, markers="centroid")
    assert np.argwhere(markers).tolist() == [[10, 10]]


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (np.zeros((2, 3, 4), np.float32), "one plane"),
        (np.zeros((3, 4), np.uint8), "floating-point"),
    ],
)
def test_a_map_of_the_wrong_kind_is_refused(distance, words):
    with pytest.raises(ImageError, match=words):
        watershed_labels(distance, peak=0.5, fill=0.1)


def test_an_unknown_kind_of_markers_is_refused():
    with pytest.raises(SettingsError, match="'component', 'summit' or 'centroid'"):
        cell_markers(np.zeros((3, 4)), peak=0.5, markers="middle")


def test_no_thread_at_all_is_refused():
    with pytest.raises(SettingsError, match="at least 1"):
        watershed_labels(np.zeros((3, 4)), peak=0.5, fill=0.1, threads=0)


def test_segmenting_is_flooding_then_cleaning(crowd):
    chosen = Settings(peak=0.6, fill=0.09, min_size=40, max_size=400, discard_border=True)
    expected = postprocess.clean_labels(
        watershed_labels(crowd, peak=0.6, fill=0.09),
        fill_holes=True,
        min_size=40,
        max_size=400,
        discard_border=True,
    )
    labels = segment_distance(crowd, chosen, threads=2)
    assert labels.max() > 100
    np.testing.assert_array_equal(labels, expected)


def test_segmenting_uses_the_chosen_markers():
    distance = np.zeros((9, 9), np.float32)
    distance[4, 4] = 0.9
    chosen = Settings(peak=0.5, fill=0.1)
    assert segment_distance(distance, chosen).max() == 1
    assert segment_distance(distance, chosen.replace(markers="centroid")).max() == 0


def test_segmenting_asks_for_thresholds_that_are_still_automatic():
    with pytest.raises(SettingsError, match="with_defaults"):
        segment_distance(np.zeros((3, 4)), Settings(peak=0.5))
