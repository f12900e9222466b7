"""How crops are cut out of an image, and what they say of its cells."""

import math

import cv2
import numpy as np
import pytest

import samcell_core as sc
from samcell_core.training import make_example
from samcell_core.training.examples import View, look, random_view

SIDE = 96
CENTRE = ((SIDE - 1) / 2, (SIDE - 1) / 2)


def view(centre=CENTRE, zoom=1.0, angle=0.0, mirrored=False):
    return View(centre=centre, zoom=(zoom, zoom), angle=angle, mirrored=mirrored)


@pytest.fixture
def noise(example):
    """An example of noise, so that every pixel is told apart."""
    grey = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE), dtype=np.uint8)
    return make_example(grey, example().labels, name="noise/1", set_name="noise")


@pytest.fixture
def disc():
    """One disc in the middle."""
    labels = np.zeros((SIDE, SIDE), np.int32)
    cv2.circle(labels, (48, 48), 12, 1, -1)
    return make_example(labels.astype(np.uint8), labels, name="disc/1", set_name="disc")


def test_the_plain_view_is_the_image(noise):
    shown = look(noise, view(), SIDE).image
    np.testing.assert_array_equal(np.rint(shown * 255), noise.image)


def test_the_plain_view_has_the_distance_map(noise):
    shown = look(noise, view(), SIDE).distance
    np.testing.assert_array_equal(np.rint(shown * 255), noise.levels[0][..., 1])


def test_a_mirrored_view_is_the_image_mirrored(noise):
    shown = look(noise, view(mirrored=True), SIDE).image
    np.testing.assert_array_equal(np.rint(shown * 255), noise.image[:, ::-1])


def test_a_view_turned_by_a_quarter_is_the_image_turned(noise):
    shown = look(noise, view(angle=math.pi / 2), SIDE).image
    np.testing.assert_array_equal(np.rint(shown * 255), np.rot90(noise.image))


def test_a_view_at_half_size_averages_pixels(noise):
    shown = look(noise, view(zoom=0.5), SIDE // 2).image
    half = cv2.resize(noise.image, (SIDE // 2, SIDE // 2), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(np.rint(shown * 255), half)


def test_a_view_at_twice_the_size_shows_half_the_slope(example):
    slope = np.tile(np.arange(SIDE, dtype=np.uint8) * 2, (SIDE, 1))
    ramp = make_example(slope, example().labels, name="ramp/1", set_name="ramp")
    shown = look(ramp, view(zoom=2.0), SIDE).image[0] * 255
    expected = 2 * (CENTRE[0] + (np.arange(SIDE) - CENTRE[0]) / 2)
    np.testing.assert_allclose(shown, expected, atol=1)


def test_what_lies_beyond_the_image_does_not_count(noise):
    weight = look(noise, view(centre=(-1.0, CENTRE[1])), SIDE).weight
    assert not weight[:, : SIDE // 2].any()


def test_what_lies_in_the_image_counts(noise):
    assert look(noise, view(), SIDE).weight.min() >= 1


def test_contacts_count_more():
    labels = np.ones((SIDE, SIDE), np.int32)
    labels[:, 48:] = 2
    pair = make_example(labels.astype(np.uint8), labels, name="pair/1", set_name="pair")
    weight = look(pair, view(), SIDE).weight
    assert weight[0, 0] == 1
    assert weight[0, 48] == 3


@pytest.mark.parametrize("zoom", [0.5, 1.0, 2.0])
def test_sizes_grow_with_the_zoom(disc, zoom):
    size = look(disc, view(centre=(48, 48), zoom=zoom), SIDE).size
    assert size.max() == pytest.approx(math.log2(disc.diameter[1] * zoom), abs=1e-5)


def test_the_size_of_a_cell_that_the_border_cuts_is_not_known():
    labels = np.zeros((SIDE, SIDE), np.int32)
    labels[:40] = 1
    example = make_example(np.zeros_like(labels, np.uint8), labels, name="half", set_name="drawn")
    assert look(example, view(), SIDE).size[0, 0] == -1


def test_there_is_no_size_outside_cells(disc):
    assert look(disc, view(), SIDE).size[0, 0] == 0


@pytest.mark.parametrize("seed", range(5))
def test_random_views_show_cells_of_the_sizes_asked_for(disc, seed):
    rng = np.random.default_rng(seed)
    zoom = random_view(rng, disc, SIDE, (20.0, 60.0), (30.0, 40.0)).zoom
    assert 20 <= disc.typical * math.sqrt(zoom[0] * zoom[1]) <= 60


def test_cells_are_not_enlarged_beyond_sense(disc):
    zoom = random_view(np.random.default_rng(0), disc, SIDE, (900.0, 900.0), (900.0, 900.0)).zoom
    assert math.sqrt(zoom[0] * zoom[1]) == pytest.approx(3)


@pytest.mark.parametrize(
    ("image", "labels", "message"),
    [
        (np.zeros((9, 9)), np.ones((9, 9), int), "grey plane of 8 bits"),
        (np.zeros((9, 9, 3), np.uint8), np.ones((9, 9), int), "grey plane of 8 bits"),
        (np.zeros((9, 9), np.uint8), np.ones((9, 8), int), "of this very image"),
        (np.zeros((9, 9), np.uint8), np.zeros((9, 9), int), "odd/1 has no cells"),
        (np.zeros((1, 32_001), np.uint8), np.ones((1, 32_001), int), "cut it into pieces"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(image, labels, message):
    with pytest.raises(sc.ImageError, match=message):
        make_example(image, labels, name="odd/1", set_name="odd")
