"""Segmenting part of an image, and the cells that were dropped."""

import cv2
import numpy as np
import pytest

import samcell_core as sc
from samcell_core.postprocess import filter_labels, segment_distance


@pytest.fixture
def two_cells():
    """A small disc, and a large one that reaches over the border on the right."""
    image = np.zeros((90, 120), np.uint8)
    cv2.circle(image, (30, 40), 12, 200, -1)
    cv2.circle(image, (105, 50), 20, 255, -1)
    return cv2.GaussianBlur(image, (0, 0), 2)


def left_of(column, shape=(90, 120)):
    mask = np.zeros(shape, bool)
    mask[:, :column] = True
    return mask


def test_no_cell_lies_outside_the_mask(blocks, two_cells):
    labels = blocks.segment(two_cells, mask=left_of(60)).labels
    assert (labels.max(), labels[:, 60:].max()) == (1, 0)


def test_a_cell_ends_at_the_edge_of_the_mask(blocks, two_cells):
    whole = blocks.segment(two_cells).labels
    labels = blocks.segment(two_cells, mask=left_of(30)).labels
    np.testing.assert_array_equal(labels > 0, (whole > 0) & left_of(30))


def test_a_cell_whose_peak_is_outside_is_none(blocks, two_cells):
    peak = two_cells > 127
    assert blocks.segment(two_cells, mask=~peak).count == 0


def test_a_mask_of_everything_changes_nothing(tiny, clouds):
    image = clouds((200, 300))
    mask = np.ones(image.shape, np.float32)
    masked, plain = tiny.segment(image, mask=mask), tiny.segment(image)
    np.testing.assert_array_equal(masked.labels, plain.labels)


def test_a_mask_of_nothing_leaves_no_cell(blocks, two_cells):
    assert blocks.segment(two_cells, mask=np.zeros_like(two_cells)).count == 0


def test_the_network_sees_what_the_mask_hides(tiny, clouds):
    image = clouds((200, 300))
    masked = tiny.segment(image, mask=left_of(150, image.shape))
    np.testing.assert_array_equal(masked.distance_map, tiny.segment(image).distance_map)


def test_cells_cut_by_the_mask_are_dropped_with_those_at_the_border(blocks, two_cells):
    whole, cut = left_of(60), left_of(30)
    assert blocks.segment(two_cells, mask=whole, discard_border=True).count == 1
    assert blocks.segment(two_cells, mask=cut, discard_border=True).count == 0


def test_sizes_count_what_the_mask_leaves_of_a_cell(blocks, two_cells):
    size = int((blocks.segment(two_cells, mask=left_of(30)).labels == 1).sum())
    assert blocks.segment(two_cells, mask=left_of(30), min_size=size).count == 1
    assert blocks.segment(two_cells, mask=left_of(30), min_size=size + 1).count == 0


def test_one_mask_serves_all_planes(blocks, two_cells):
    result = blocks.segment(np.stack([two_cells] * 3), axes="TYX", mask=left_of(60))
    assert [int(plane.max()) for plane in result.labels] == [1, 1, 1]


def test_each_plane_may_have_its_own_mask(blocks, two_cells):
    masks = np.stack([left_of(60), left_of(120), left_of(0)])
    result = blocks.segment(np.stack([two_cells] * 3), axes="TYX", mask=masks)
    assert [int(plane.max()) for plane in result.labels] == [1, 2, 0]


def test_the_mask_of_an_rgb_image_is_a_plane(blocks, two_cells):
    colour = np.stack([two_cells] * 3, -1)
    labels = blocks.segment(colour, mask=left_of(60)).labels
    np.testing.assert_array_equal(labels, blocks.segment(two_cells, mask=left_of(60)).labels)


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (np.ones((90, 121)), r"\(90, 121\).*\(90, 120\)"),
        (np.ones((3, 90, 120)), r"\(3, 90, 120\)"),
        (np.full((90, 120), "x"), "mask holds"),
    ],
)
def test_a_mask_that_does_not_fit_is_refused(blocks, two_cells, mask, words):
    with pytest.raises(sc.ImageError, match=words):
        blocks.segment(two_cells, mask=mask)


def test_the_mask_is_never_changed(blocks, two_cells):
    mask = left_of(60)
    blocks.segment(two_cells, mask=mask, discard_border=True)
    np.testing.assert_array_equal(mask, left_of(60))


def test_cells_that_were_dropped_are_kept_on_demand(blocks, two_cells):
    result = blocks.segment(two_cells, unfiltered=True, min_size=900, discard_border=True)
    assert result.count == 0
    np.testing.assert_array_equal(result.unfiltered, blocks.segment(two_cells).labels)


def test_dropped_cells_are_not_kept_unasked(blocks, two_cells):
    assert blocks.segment(two_cells, min_size=900).unfiltered is None


def test_dropped_cells_of_a_stack_have_its_shape(blocks, two_cells):
    stack = np.stack([two_cells, np.zeros_like(two_cells)])
    result = blocks.segment(stack, axes="ZYX", unfiltered=True, max_size=600)
    assert result.unfiltered.shape == stack.shape
    assert [int(plane.max()) for plane in result.unfiltered] == [2, 0]
    assert [int(plane.max()) for plane in result.labels] == [1, 0]


@pytest.mark.parametrize("with_mask", [False, True])
@pytest.mark.parametrize(
    "dropped",
    [
        {},
        {"min_size": 300},
        {"max_size": 500},
        {"discard_border": True},
        {"min_size": 200, "max_size": 800, "discard_border": True},
    ],
)
def test_filtering_afterwards_gives_what_filtering_at_once_does(clouds, dropped, with_mask):
    distance = clouds((260, 340), dtype=np.float32)
    mask = left_of(300, distance.shape) if with_mask else None
    settings = sc.Settings(peak=0.6, fill=0.45)
    everything = segment_distance(distance, settings, mask=mask)
    assert everything.max() > 20
    np.testing.assert_array_equal(
        filter_labels(everything, settings.replace(**dropped), mask=mask),
        segment_distance(distance, settings.replace(**dropped), mask=mask),
    )
