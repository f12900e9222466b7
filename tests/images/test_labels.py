from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from samcell_core.images import as_image, looks_like_labels


def recognised(data):
    return looks_like_labels(as_image(data, axes="YX").planes()[0])


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "i4", "i8"])
@pytest.mark.parametrize("count", [8, 25, 100])
def test_labels_of_separate_cells_are_recognised(discs, count, dtype):
    assert recognised(discs(count).astype(dtype))


def test_labels_of_touching_cells_are_recognised():
    rows, columns = np.mgrid[:320, :320] // 20
    assert recognised(np.maximum(0, (rows - 2) * 16 + columns + 1))


def test_labels_with_a_few_gaps_are_recognised(discs):
    labels = discs(100)
    labels[labels == 50] = 0
    assert recognised(labels)


def test_fewer_than_eight_areas_are_an_image(discs):
    assert not recognised(discs(7))


@pytest.mark.parametrize("columns", [1, 4, 16])
def test_a_step_wedge_is_an_image(columns):
    steps = np.arange(16, dtype=np.uint8).reshape(-1, columns)
    assert not recognised(np.kron(steps, np.ones((32, 32), np.uint8)))


def test_labels_of_a_large_plane_are_recognised(discs):
    assert recognised(np.kron(discs(100), np.ones((7, 7), np.int32)))


def test_photographed_noise_is_an_image(random):
    assert not recognised(random.poisson(300, (300, 300)).astype(np.uint16))


@pytest.mark.parametrize("rate", [0.01, 0.1, 1.0])
def test_single_photons_on_black_are_an_image(discs, random, rate):
    assert not recognised(random.poisson(rate * (discs() > 0)).astype(np.uint16))


def test_a_saturated_image_is_an_image(random):
    data = np.clip(random.normal(0, 500, (300, 300)), 0, 255).astype(np.uint8)
    assert not recognised(data)


@pytest.mark.parametrize("value", [0, 1, 7])
def test_an_empty_image_is_an_image(value):
    assert not recognised(np.full((300, 300), value, np.uint16))


@pytest.mark.parametrize("white", [1, 255])
def test_a_binary_image_is_an_image(discs, white):
    assert not recognised((discs() > 0) * np.uint8(white))


def test_an_enlarged_binary_image_with_soft_edges_is_an_image(discs):
    mask = (discs() > 0) * np.uint8(255)
    assert not recognised(ndimage.zoom(mask, 3, order=1))


@pytest.mark.parametrize("width", [1, 4, 30])
def test_smooth_synthetic_fluorescence_is_an_image(discs, width):
    blurred = ndimage.gaussian_filter((discs() > 0) * 255.0, width)
    assert not recognised(blurred.astype(np.uint8))


def test_a_slow_gradient_is_an_image():
    ramp = np.maximum(0, np.add.outer(np.arange(600), np.arange(600)) // 8 - 50)
    assert not recognised(ramp.astype(np.uint8))


def test_cells_of_constant_but_arbitrary_brightness_are_an_image(discs, random):
    brightness = np.append(0, random.integers(50, 255, 100))
    assert not recognised(brightness[discs(100)].astype(np.uint8))


def test_an_image_enlarged_by_repetition_is_an_image(random):
    noise = np.clip(random.normal(0, 40, (60, 60)), 0, 127).astype(np.uint8)
    assert not recognised(np.kron(noise, np.ones((8, 8), np.uint8)))


def test_negative_numbers_are_no_labels(discs):
    assert not recognised(discs() - 1)


def test_huge_numbers_are_no_labels(discs):
    assert not recognised(discs().astype(np.uint64) * 2**58)


@pytest.mark.parametrize("dtype", ["f4", "?"])
def test_floats_and_truth_values_are_no_labels(discs, dtype):
    assert not recognised(discs().astype(dtype))


def test_noise_is_told_from_the_first_part_of_a_large_plane(random):
    class Counted:
        shape, dtype = (4000, 4000), np.dtype(np.uint16)
        reads = 0

        def read(self, top, bottom, left, right):
            self.reads += 1
            return random.integers(1, 999, (bottom - top, right - left), dtype=np.uint16)

    plane = Counted()
    assert not looks_like_labels(plane)
    assert plane.reads == 1
