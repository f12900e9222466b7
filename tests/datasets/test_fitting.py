"""Images of mixed sizes become squares."""

import numpy as np
import pytest

import samcell_core as sc
from samcell_core.datasets import fit


def scene(height, width):
    image = np.full((height, width), 60, np.uint8)
    labels = np.zeros((height, width), np.uint16)
    image[height // 4 : height // 2, width // 4 : width // 2] = 200
    labels[height // 4 : height // 2, width // 4 : width // 2] = 9
    return image, labels


@pytest.mark.parametrize("how", ["pad", "crop"])
@pytest.mark.parametrize("shape", [(64, 64), (40, 30), (200, 100), (100, 3)])
def test_all_shapes_become_squares(shape, how):
    image, labels = fit(*scene(*shape), 64, how)
    assert (image.shape, labels.shape) == ((64, 64), (64, 64))
    assert (image.dtype, labels.dtype) == (np.uint8, np.int32)


@pytest.mark.parametrize("how", ["pad", "crop"])
def test_what_fits_stays_as_it_is(how):
    image, labels = scene(64, 64)
    fitted = fit(image, labels, 64, how)
    np.testing.assert_array_equal(fitted[0], image)
    np.testing.assert_array_equal(fitted[1] > 0, labels > 0)


@pytest.mark.parametrize("how", ["pad", "crop"])
def test_a_small_image_is_filled_up_with_its_median_and_no_cells(how):
    image, labels = fit(*scene(40, 30), 64, how)
    assert (np.unique(image[40:]).tolist(), labels[:, 30:].max()) == ([60], 0)


def test_a_large_image_is_reduced_by_one_factor():
    _, labels = fit(*scene(256, 128), 64)
    rows, columns = np.nonzero(labels)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (16, 8)


def test_labels_stay_on_their_cells_when_reduced():
    image, labels = fit(*scene(250, 190), 64)
    assert ((image > 130) == (labels > 0)).mean() > 0.99


def test_a_crop_is_the_middle_at_full_size():
    image, labels = scene(100, 80)
    cropped = fit(image, labels, 64, "crop")
    np.testing.assert_array_equal(cropped[0], image[18:82, 8:72])
    np.testing.assert_array_equal(cropped[1] > 0, labels[18:82, 8:72] > 0)


def test_labels_are_numbered_without_gaps():
    image, labels = scene(64, 64)
    labels[:5, :5] = 4
    assert np.unique(fit(image, labels, 64)[1]).tolist() == [0, 1, 2]


def test_labels_without_an_outside_count_from_one():
    image, _ = scene(64, 64)
    assert np.unique(fit(image, np.full((64, 64), 5), 64)[1]).tolist() == [1]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"labels": np.zeros((3, 3), int)}, sc.ImageError, "do not belong together"),
        ({"side": 0}, sc.SettingsError, "side=0"),
        ({"how": "stretch"}, sc.SettingsError, "'pad' or 'crop'"),
    ],
)
def test_what_cannot_be_fitted_is_refused(change, error, message):
    image, labels = scene(20, 20)
    with pytest.raises(error, match=message):
        fit(**{"image": image, "labels": labels, "side": 16, **change})
