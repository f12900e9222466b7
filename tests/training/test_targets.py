"""What the network is to learn, held against counting by hand."""

import numpy as np
import pytest

import samcell_core as sc
from samcell_core.training import make_targets


def by_hand(labels):
    """Least distance of each pixel to those that are not of its cell, over the largest."""
    distance = np.zeros(labels.shape)
    places = np.argwhere(np.ones(labels.shape))
    for number in np.unique(labels[labels > 0]):
        own, foreign = np.argwhere(labels == number), places[labels.ravel() != number]
        if not len(foreign):
            distance[labels == number] = 1
            continue
        near = np.sqrt(((own[:, None] - foreign[None]) ** 2).sum(-1).min(1))
        distance[labels == number] = near / near.max()
    return distance


def drawn(*boxes, shape=(24, 30)):
    labels = np.zeros(shape, np.int32)
    for number, (top, bottom, left, right) in enumerate(boxes, start=1):
        labels[top:bottom, left:right] = number
    return labels


NOISE = (np.indices((24, 30)).sum(0) // 7 + np.random.default_rng(0).integers(0, 2, (24, 30))) % 5


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param(drawn((5, 14, 6, 20)), id="alone"),
        pytest.param(drawn((4, 12, 3, 10), (4, 12, 10, 22), (12, 20, 5, 15)), id="touching"),
        pytest.param(drawn((0, 9, 0, 11), (15, 24, 20, 30)), id="cut by the border"),
        pytest.param(drawn((3, 4, 3, 4), (3, 4, 4, 5), (10, 11, 29, 30)), id="of one pixel"),
        pytest.param(drawn((0, 24, 0, 30)), id="filling the image"),
        pytest.param(drawn((0, 24, 0, 15), (0, 24, 15, 30)), id="two filling the image"),
        pytest.param(drawn((2, 22, 2, 28), (8, 12, 8, 12)), id="inside another"),
        pytest.param(NOISE, id="ragged, in pieces"),
    ],
)
def test_the_distance_map_is_exact(labels):
    np.testing.assert_allclose(make_targets(labels).distance, by_hand(labels), atol=1e-6)


def test_the_distance_map_is_the_same_wherever_the_labels_lie_in_memory():
    memory = np.zeros(100 * 100 + 64, np.int32)
    maps = []
    for place in range(16):
        labels = memory[place : place + 10_000].reshape(100, 100)
        labels[:] = (np.hypot(*(np.indices((100, 100)) - 49.3)) < 40.2).astype(np.int32)
        maps.append(make_targets(labels).distance.tobytes())
    assert len(set(maps)) == 1


def test_the_background_has_no_distance():
    labels = drawn((5, 14, 6, 20))
    assert not make_targets(labels).distance[labels == 0].any()


def test_contacts_lie_along_both_sides_of_a_border_between_cells():
    contact = make_targets(drawn((4, 20, 5, 15), (4, 20, 15, 25))).contact
    assert np.flatnonzero(contact[12]).tolist() == [13, 14, 15, 16]


def test_cells_that_a_drawn_line_parts_are_in_contact_with_the_line():
    contact = make_targets(drawn((4, 20, 5, 14), (4, 20, 15, 25))).contact
    assert np.flatnonzero(contact[12]).tolist() == [12, 13, 14, 15, 16]


def test_cells_apart_have_no_contact():
    assert not make_targets(drawn((4, 20, 5, 14), (4, 20, 17, 25))).contact.any()


def test_a_cell_at_the_border_of_the_image_is_cut():
    labels = drawn((4, 20, 5, 15), (0, 4, 18, 22), (8, 12, 26, 30))
    assert make_targets(labels).cut.tolist() == [True, False, True, True]


def test_the_typical_diameter_is_that_of_whole_cells():
    targets = make_targets(drawn((4, 20, 5, 15), (0, 4, 18, 22), (8, 12, 26, 30)))
    assert targets.typical_diameter == targets.diameter[1]


def test_where_all_cells_are_cut_the_typical_diameter_is_that_of_all():
    targets = make_targets(drawn((0, 4, 18, 22), (8, 12, 26, 30)))
    assert targets.typical_diameter == targets.diameter[1]


def test_the_diameter_is_that_of_a_disc_of_equal_area():
    diameter = make_targets(drawn((4, 20, 5, 15), (0, 1, 0, 1))).diameter
    np.testing.assert_allclose(diameter, [0, np.sqrt(160 * 4 / np.pi), np.sqrt(4 / np.pi)])


def test_numbers_may_be_missing():
    labels = drawn((4, 20, 5, 15)) * 9
    np.testing.assert_allclose(make_targets(labels).distance, by_hand(labels), atol=1e-6)


@pytest.mark.parametrize(
    "labels",
    [
        np.zeros((3, 4, 5), np.int32),
        np.ones((4, 4), np.float32),
        np.zeros((0, 4), np.int32),
        np.full((4, 4), -1),
        np.full((4, 4), 2**40),
    ],
)
def test_what_are_no_labels_is_refused(labels):
    with pytest.raises(sc.ImageError, match="number the cells"):
        make_targets(labels)
