from __future__ import annotations

import numpy as np
import pytest

from samcell_core.errors import ImageError
from samcell_core.images import Image, as_image


@pytest.fixture
def two_channels(random):
    data = random.integers(0, 2**16, (3, 2, 6, 7), dtype=np.uint16)
    return Image(data, "TCYX", None, channel_names=("Phase", "DAPI"), name="well.tif")


def test_a_channel_axis_of_one_needs_no_choice(grey, pixels):
    assert np.array_equal(pixels(as_image(grey[None], axes="CYX")), grey)


def test_a_channel_is_chosen_by_its_index(two_channels, pixels):
    assert np.array_equal(pixels(two_channels, 1), two_channels.data[:, 1])


@pytest.mark.parametrize("name", ["DAPI", "dapi", " DAPI "])
def test_a_channel_is_chosen_by_its_name(two_channels, pixels, name):
    assert np.array_equal(pixels(two_channels, name), two_channels.data[:, 1])


def test_an_index_may_be_written_as_text(two_channels, pixels):
    assert np.array_equal(pixels(two_channels, "0"), two_channels.data[:, 0])


def test_several_channels_and_no_choice_is_an_error_that_lists_them(two_channels):
    with pytest.raises(
        ImageError, match=r"well.tif has 2 channels \(0 'Phase', 1 'DAPI'\).*channel="
    ):
        two_channels.planes()


@pytest.mark.parametrize("channel", [2, -1, "GFP", "2"])
def test_a_channel_that_is_not_there_is_an_error_that_lists_the_valid_ones(two_channels, channel):
    with pytest.raises(ImageError, match="0 'Phase', 1 'DAPI'"):
        two_channels.planes(channel)


def test_a_name_borne_by_two_channels_is_refused():
    image = Image(np.zeros((2, 6, 7)), "CYX", None, channel_names=("GFP", "GFP"))
    with pytest.raises(ImageError, match="2 channels named 'GFP'"):
        image.planes("GFP")


def test_the_only_channel_may_be_named_zero(grey, pixels):
    assert np.array_equal(pixels(as_image(grey), 0), grey)


def test_a_grey_image_has_no_second_channel(grey):
    with pytest.raises(ImageError, match="no channel 1: give one of 0"):
        as_image(grey).planes(1)


@pytest.mark.parametrize(("channel", "sample"), [(0, 0), (2, 2), ("green", 1)])
def test_a_channel_of_rgb_is_its_sample(colours, pixels, channel, sample):
    assert np.array_equal(pixels(as_image(colours), channel), colours[..., sample])


@pytest.mark.parametrize("channel", [3, "alpha"])
def test_alpha_is_no_channel(channel):
    with pytest.raises(ImageError, match="0 'red', 1 'green', 2 'blue'"):
        as_image(np.zeros((6, 7, 4), np.uint8)).planes(channel)


def test_channels_of_colours_are_chosen_and_turned_grey(random, pixels, as_grey):
    data = random.integers(0, 256, (2, 6, 7, 3), dtype=np.uint8)
    assert np.array_equal(pixels(as_image(data, axes="CYXS"), 1), as_grey(data[1]))


def test_names_that_do_not_match_the_channels_are_refused():
    with pytest.raises(ImageError, match="2 channels but 1 names"):
        Image(np.zeros((2, 6, 7)), "CYX", None, channel_names=("GFP",))
