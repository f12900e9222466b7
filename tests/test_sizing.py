"""The scale at which cells look right."""

import math

import cv2
import numpy as np
import pytest
from scipy import ndimage

from samcell_core.sizing import best_scale


class Plane:
    """A plane in memory that counts what is read of it."""

    def __init__(self, pixels):
        self.pixels, self.shape, self.read_pixels = pixels, pixels.shape, 0

    def read(self, top, bottom, left, right):
        self.read_pixels += (bottom - top) * (right - left)
        return self.pixels[top:bottom, left:right]


def discs(diameter, side):
    pixels = np.zeros((side, side), np.uint8)
    pitch = round(1.6 * diameter)
    for row in range(pitch // 2, side, pitch):
        for column in range(pitch // 2, side, pitch):
            cv2.circle(pixels, (column, row), diameter // 2, 200, -1)
    return Plane(pixels)


def measured(tiles):
    """What a perfect network would say: the true diameter of each disc."""
    for tile in tiles:
        labels, count = ndimage.label(tile > 100)
        areas = np.bincount(labels.ravel(), minlength=count + 1).astype(np.float64)
        areas[0] = 0
        diameter = np.sqrt(4 * areas / math.pi)[labels][4::8, 4::8]
        yield np.stack([diameter > 0, diameter]).astype(np.float32)


@pytest.mark.parametrize(("diameter", "side"), [(12, 300), (20, 400), (60, 700), (130, 1500)])
def test_cells_are_brought_to_the_wanted_size(diameter, side):
    assert best_scale(discs(diameter, side), measured, 32.0) == pytest.approx(
        32 / diameter, rel=0.15
    )


def test_an_image_whose_cells_are_nearly_right_stays_as_it_is():
    assert best_scale(discs(34, 500), measured, 32.0) == 1.0


def test_an_image_without_cells_has_no_scale():
    assert best_scale(Plane(np.zeros((300, 300), np.uint8)), measured, 32.0) is None


def test_an_image_smaller_than_a_tile_has_a_scale():
    assert best_scale(discs(16, 40), measured, 32.0) == pytest.approx(2.0, rel=0.2)


def test_of_a_large_image_only_parts_are_looked_at():
    plane = discs(30, 6000)
    best_scale(plane, measured, 32.0)
    assert plane.read_pixels < 0.5 * plane.pixels.size


@pytest.mark.parametrize("diameter", [24, 60])
def test_few_cells_of_a_large_image_are_looked_for(diameter):
    """They lie where no window would that is spread over the image."""
    pixels = np.zeros((3000, 3000), np.uint8)
    for row, column in [(750, 700), (820, 2200), (2250, 760)]:
        cv2.circle(pixels, (column, row), diameter // 2, 200, -1)
    assert best_scale(Plane(pixels), measured, 36.0) == pytest.approx(36 / diameter, rel=0.2)


def test_sizes_that_hardly_grow_with_the_image_are_trusted_as_far_as_they_grow():
    middle, growth = 0.88 * 32, 0.3

    def unsure(tiles):
        for presence, diameter in measured(tiles):
            yield np.stack([presence, middle * (diameter / middle) ** growth]).astype(np.float32)

    aim = middle * (32 / middle) ** growth
    assert best_scale(discs(60, 700), unsure, 32.0) == pytest.approx(aim / 60, rel=0.12)


def test_where_sizes_pass_the_wanted_one_twice_the_surer_place_counts():
    """Discs of 12 pixels, taken for clumps of 60 where they are smaller than 8."""

    def misled(tiles):
        for tile in tiles:
            ((presence, diameter),) = measured([tile])
            if diameter.max() < 8:
                presence, diameter = 0.7 * (presence > 0), 60.0 * (diameter > 0)
            yield np.stack([presence, diameter]).astype(np.float32)

    assert best_scale(discs(12, 600), misled, 32.0) == pytest.approx(32 / 12, rel=0.15)


def test_sizes_that_never_pass_the_wanted_one_are_followed_half_of_the_way():
    def constant(tiles):
        for presence, diameter in measured(tiles):
            yield np.stack([presence, 20.0 * (diameter > 0)]).astype(np.float32)

    assert best_scale(discs(60, 700), constant, 32.0) == pytest.approx(
        0.25 * math.sqrt(32 / 20), rel=0.02
    )
