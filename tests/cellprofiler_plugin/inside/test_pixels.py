"""From CellProfiler's floats back to the numbers of the file."""

import numpy as np
import pytest


@pytest.fixture(scope="module")
def as_stored():
    from samcell_module.pixels import as_stored

    return as_stored


def every_number(white, kind):
    return np.arange(white + 1, dtype=kind).reshape(16, -1)


@pytest.mark.parametrize(
    ("white", "kind"),
    [(255, np.uint8), (1023, np.uint16), (4095, np.uint16), (16383, np.uint16), (65535, np.uint16)],
)
@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_every_number_of_a_camera_comes_back(as_stored, white, kind, precision):
    numbers = every_number(white, kind)
    stored = as_stored(numbers.astype(precision) / precision(white), float(white))
    assert stored.dtype == kind
    np.testing.assert_array_equal(stored, numbers)


@pytest.mark.parametrize("said", [None, 1.0, 65535.0])
def test_numbers_come_back_though_another_scale_is_said(as_stored, said):
    numbers = every_number(4095, np.uint16)
    np.testing.assert_array_equal(as_stored(numbers.astype(np.float32) / 4095, said), numbers)


def test_numbers_brighter_than_white_come_back(as_stored):
    numbers = np.array([[0, 4095, 5000, 60000]], np.uint16)
    np.testing.assert_array_equal(as_stored(numbers.astype(np.float32) / 4095, 4095.0), numbers)


def test_colours_come_back(as_stored):
    numbers = np.random.default_rng(1).integers(0, 256, (20, 30, 3), np.uint8)
    stored = as_stored(numbers.astype(np.float32) / 255, 255.0)
    np.testing.assert_array_equal(stored, numbers)


@pytest.mark.parametrize("special", [np.nan, np.inf, -0.5, 1e30])
def test_what_is_no_whole_number_stays_as_it_is(as_stored, special):
    pixels = np.full((8, 8), 0.5, np.float32)
    pixels[0, 0] = special
    assert as_stored(pixels, 255.0) is pixels


def test_smoothed_pixels_stay_as_they_are(as_stored):
    pixels = np.random.default_rng(1).random((100, 100), np.float32)
    assert as_stored(pixels, 255.0) is pixels


def test_one_pixel_that_does_not_fit_keeps_all_as_they_are(as_stored):
    pixels = np.zeros((300, 300), np.float32)
    pixels[123, 217] = 0.0171
    assert as_stored(pixels, 255.0) is pixels


def test_half_precision_is_widened(as_stored):
    assert as_stored(np.full((4, 4), 0.3, np.float16), None).dtype == np.float32


def test_truths_stay_truths(as_stored):
    assert as_stored(np.ones((4, 4), bool), None).dtype == bool


def test_an_empty_image_stays_empty(as_stored):
    assert as_stored(np.zeros((0, 4), np.float32), 255.0).shape == (0, 4)
