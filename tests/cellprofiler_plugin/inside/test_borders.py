"""Objects at the border of a mask."""

import numpy as np
import pytest


@pytest.fixture(scope="module")
def drop_touching():
    from samcell_module.borders import drop_touching

    return drop_touching


LABELS = np.array(
    [
        [1, 1, 0, 2, 2],
        [1, 1, 0, 2, 2],
        [0, 0, 0, 0, 0],
        [3, 0, 4, 0, 0],
    ],
    np.uint16,
)


def test_objects_inside_stay(drop_touching):
    labels, kept = drop_touching(LABELS, np.ones(LABELS.shape, bool))
    np.testing.assert_array_equal(labels, LABELS)
    assert kept.tolist() == [True] * 4


def test_objects_at_the_mask_go_and_the_others_are_renumbered(drop_touching):
    mask = np.ones(LABELS.shape, bool)
    mask[2, 3:] = False
    labels, kept = drop_touching(LABELS, mask)
    assert kept.tolist() == [True, False, True, True]
    assert np.unique(labels).tolist() == [0, 1, 2, 3]
    assert labels[3].tolist() == [2, 0, 3, 0, 0]


def test_the_type_of_the_labels_stays(drop_touching):
    assert drop_touching(LABELS, np.ones(LABELS.shape, bool))[0].dtype == np.uint16


def test_the_labels_given_stay_as_they_are(drop_touching):
    before = LABELS.copy()
    drop_touching(LABELS, np.zeros(LABELS.shape, bool))
    np.testing.assert_array_equal(LABELS, before)


def test_no_objects_are_no_obstacle(drop_touching):
    labels, kept = drop_touching(np.zeros((5, 5), np.uint16), np.ones((5, 5), bool))
    assert (labels.max(), kept.size) == (0, 0)
