from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from samcell_core.errors import ImageError
from samcell_core.postprocess import clean_labels


def clean(labels, *, fill_holes=False, min_size=0, max_size=None, discard_border=False, mask=None):
    return clean_labels(
        np.asarray(labels),
        fill_holes=fill_holes,
        min_size=min_size,
        max_size=max_size,
        discard_border=discard_border,
        mask=mask,
    )


def numbered_by_first_pixel(labels):
    """Cells numbered one by one, in the order of a reader."""
    numbers = {0: 0}
    for label in labels.ravel().tolist():
        numbers.setdefault(label, len(numbers))
    return np.vectorize(numbers.__getitem__, otypes=[np.int64])(labels)


def filled_cell_by_cell(labels):
    filled = labels.copy()
    for label in np.unique(labels[labels > 0]):
        cell = labels == label
        holes, count = ndimage.label(ndimage.binary_fill_holes(cell) & ~cell)
        for hole in range(1, count + 1):
            if not labels[holes == hole].any():
                filled[holes == hole] = label
    return filled


RING = np.array(
    [
        [0, 0, 0, 0, 0, 0, 0],
        [0, 1, 1, 1, 1, 1, 0],
        [0, 1, 0, 0, 0, 1, 0],
        [0, 1, 0, 0, 0, 1, 0],
        [0, 1, 1, 1, 1, 1, 0],
        [0, 0, 0, 0, 0, 0, 0],
    ]
)


@pytest.mark.parametrize("seed", range(150))
def test_holes_are_filled_as_cell_by_cell(scene, seed):
    labels = scene(seed)
    expected = numbered_by_first_pixel(filled_cell_by_cell(labels))
    np.testing.assert_array_equal(clean(labels, fill_holes=True), expected)


def test_a_hole_in_one_cell_is_filled():
    assert clean(RING, fill_holes=True).sum() == 20


def test_holes_stay_where_not_asked_for():
    np.testing.assert_array_equal(clean(RING), RING)


def test_a_hole_that_holds_another_cell_stays():
    labels = RING.copy()
    labels[2, 3] = 2
    np.testing.assert_array_equal(clean(labels, fill_holes=True), labels)


def test_a_gap_between_two_cells_stays():
    labels = RING.copy()
    labels[:, 4:] *= 2
    np.testing.assert_array_equal(clean(labels, fill_holes=True), labels)


def test_a_bay_at_the_border_of_the_image_stays():
    bay = RING[3:]
    np.testing.assert_array_equal(clean(bay, fill_holes=True), bay)


def test_a_hole_closed_only_by_a_diagonal_is_a_hole():
    labels = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    assert clean(labels, fill_holes=True)[1, 1] == 1


def test_cells_are_numbered_by_their_first_pixel():
    labels = [[0, 0, 9], [4, 0, 9], [4, 2, 0]]
    assert clean(labels).tolist() == [[0, 0, 1], [2, 0, 1], [2, 3, 0]]


@pytest.mark.parametrize("limits", [{"min_size": 2}, {"min_size": 3, "max_size": 3}])
def test_small_cells_are_dropped_and_numbers_close_up(limits):
    labels = [[1, 0, 2, 2], [0, 0, 2, 0], [3, 3, 3, 0]]
    assert clean(labels, **limits).tolist() == [[0, 0, 1, 1], [0, 0, 1, 0], [2, 2, 2, 0]]


def test_large_cells_are_dropped():
    assert clean([[1, 1, 1, 0, 2, 2]], max_size=2).tolist() == [[0, 0, 0, 0, 1, 1]]


def test_a_cell_of_two_parts_has_the_size_of_both():
    assert clean([[5, 0, 5, 0, 2]], min_size=2).tolist() == [[1, 0, 1, 0, 0]]


def test_sizes_are_counted_after_filling():
    assert clean(RING, fill_holes=True, min_size=20).any()
    assert not clean(RING, fill_holes=False, min_size=20).any()


@pytest.mark.parametrize("corner", [(0, 2), (4, 2), (2, 0), (2, 4)])
def test_cells_at_each_border_are_dropped(corner):
    labels = np.zeros((5, 5), int)
    labels[2, 2] = 1
    labels[corner] = 7
    cleaned = clean(labels, discard_border=True)
    assert np.argwhere(cleaned).tolist() == [[2, 2]]


def test_a_cell_is_dropped_whole_where_a_part_touches_the_border():
    assert not clean([[3, 0, 0], [0, 3, 0], [0, 0, 0]], discard_border=True).any()


def test_up_to_65535_cells_need_two_bytes():
    labels = np.arange(1, 65536, dtype=np.int32).reshape(255, 257)
    cleaned = clean(labels)
    assert cleaned.dtype == np.uint16
    assert cleaned.max() == 65535


def test_more_than_65535_cells_need_four_bytes():
    labels = np.arange(1, 65537, dtype=np.int32).reshape(256, 256)
    cleaned = clean(labels)
    assert cleaned.dtype == np.uint32
    np.testing.assert_array_equal(cleaned, labels)


def test_two_bytes_are_enough_where_few_of_many_cells_stay():
    labels = np.arange(1, 70001, dtype=np.int32).reshape(100, 700)
    labels[5, 5:7] = 1
    cleaned = clean(labels, min_size=2)
    assert cleaned.dtype == np.uint16
    assert cleaned.max() == 1


@pytest.mark.parametrize("shape", [(0, 0), (0, 4), (1, 1), (1, 6), (6, 1), (5, 5)])
@pytest.mark.parametrize("value", [0, 3])
def test_any_shape_is_cleaned(shape, value):
    labels = np.full(shape, value, np.int32)
    cleaned = clean(labels, fill_holes=True, min_size=1)
    np.testing.assert_array_equal(cleaned, np.full(shape, min(value, 1)))
    assert cleaned.dtype == np.uint16


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint32, np.int64, np.uint64, ">i4"])
def test_labels_of_any_whole_type_are_taken(scene, dtype):
    labels = scene(3)
    expected = clean(labels, fill_holes=True)
    np.testing.assert_array_equal(clean(labels.astype(dtype), fill_holes=True), expected)


def test_labels_may_be_as_large_as_their_type():
    labels = np.array([[2**64 - 1, 0, 2**40]], np.uint64)
    assert clean(labels).tolist() == [[1, 0, 2]]


def test_labels_are_not_modified():
    labels = RING.copy()
    labels.flags.writeable = False
    clean(labels, fill_holes=True, min_size=100, discard_border=True)
    np.testing.assert_array_equal(labels, RING)


def test_the_layout_of_the_labels_in_memory_does_not_matter(scene):
    labels = scene(4)
    expected = clean(labels, fill_holes=True, min_size=5)
    wide = np.repeat(labels, 2, axis=1)[:, ::2]
    for layout in (np.asfortranarray(labels), wide):
        np.testing.assert_array_equal(clean(layout, fill_holes=True, min_size=5), expected)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (np.zeros((2, 2, 2), int), "one plane"),
        (np.zeros((2, 2)), "whole numbers"),
        (np.array([[0, -1]]), "negative"),
    ],
)
def test_labels_of_the_wrong_kind_are_refused(labels, words):
    with pytest.raises(ImageError, match=words):
        clean(labels)


def test_a_hole_that_reaches_out_of_the_mask_stays():
    mask = np.ones(RING.shape, bool)
    mask[2, 3] = False
    np.testing.assert_array_equal(clean(RING, fill_holes=True, mask=mask), RING)


def test_a_hole_inside_the_mask_is_filled():
    mask = RING > -1
    mask[0] = False
    assert clean(RING, fill_holes=True, mask=mask).sum() == 20


@pytest.mark.parametrize("outside", [(0, 3), (5, 3), (3, 0), (3, 6)])
def test_a_cell_beside_the_edge_of_the_mask_touches_the_border(outside):
    mask = np.ones(RING.shape, bool)
    assert clean(RING, discard_border=True, mask=mask).any()
    mask[outside] = False
    assert not clean(RING, discard_border=True, mask=mask).any()
