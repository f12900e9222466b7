"""A real ImageJ2, started by the real PyImageJ."""

import numpy as np
import pytest

import samcell_core as sc


def test_an_imglabeling_can_be_made(connection):
    assert "to_imglabeling" not in connection.missing


def test_an_imglabeling_holds_each_label_where_it_is(connection):
    labels = np.array([[0, 3, 3], [1, 0, 2]])
    labeling = connection.to_imglabeling(labels)
    place = labeling.randomAccess()
    found = np.zeros_like(labels)
    for row, column in np.ndindex(*labels.shape):
        place.setPosition([column, row])
        found[row, column] = sum(int(str(each)) for each in place.get())
    np.testing.assert_array_equal(found, labels)


def test_a_dataset_comes_as_the_array_that_it_was_made_of(connection, blobs):
    dataset = connection._gateway.imagej2.py.to_dataset(blobs())
    np.testing.assert_array_equal(connection.from_image(dataset).data, blobs())


def test_a_stack_comes_back_the_same(connection, blobs):
    stack = np.stack([blobs(seed=seed) for seed in range(3)])
    back = connection.from_image(connection.to_image(stack, axes="TYX"))
    np.testing.assert_array_equal(back.data, stack)


def test_a_macro_that_fails_raises(connection):
    with pytest.raises(sc.SamcellError, match="No cells here"):
        connection.run_macro('exit("No cells here");', time_limit=60)
