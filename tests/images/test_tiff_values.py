from __future__ import annotations

import numpy as np
import pytest
import tifffile

from samcell_core.images import read_image

FALLING = np.tile(np.arange(255, -1, -1, dtype=np.uint16) * 257, (3, 1))


@pytest.fixture
def read(tmp_path):
    def back(data, **options):
        tifffile.imwrite(tmp_path / "image.tif", data, **options)
        return read_image(tmp_path / "image.tif")

    return back


@pytest.mark.parametrize("dtype", ["u1", "u2", ">u2", "u4"])
@pytest.mark.parametrize("compression", [None, "lzw"])
def test_white_is_bright_where_the_smallest_number_means_white(read, pixels, dtype, compression):
    most = np.iinfo(dtype).max
    data = np.array([[0, 1, most]], dtype)
    image = read(data, photometric="miniswhite", compression=compression, byteorder="<")
    assert pixels(image).tolist() == [[most, most - 1, 0]]


def test_signed_numbers_are_inverted_within_their_type(read, pixels):
    data = np.array([[-128, 0, 127]], np.int8)
    assert pixels(read(data, photometric="miniswhite")).tolist() == [[127, -1, -128]]


def test_floats_are_inverted_by_their_sign(read, pixels):
    data = np.array([[-1.5, 0, 2]], np.float32)
    assert pixels(read(data, photometric="miniswhite")).tolist() == [[1.5, 0, -2]]


def test_one_bit_is_false_or_true(read, pixels, random):
    data = random.random((30, 41)) > 0.5
    assert np.array_equal(pixels(read(data, photometric="minisblack")), data)


def test_one_bit_is_inverted_where_zero_means_white(read, pixels, random):
    data = random.random((30, 41)) > 0.5
    assert np.array_equal(pixels(read(data, photometric="miniswhite")), ~data)


def test_twelve_bits_keep_their_numbers(read, pixels, random):
    data = random.integers(0, 4096, (30, 40), dtype=np.uint16)
    assert np.array_equal(pixels(read(data, bitspersample=12)), data)


def test_twelve_bits_are_inverted_within_twelve_bits(read, pixels):
    data = np.array([[0, 1, 4094, 4095]], np.uint16)
    image = read(data, bitspersample=12, photometric="miniswhite")
    assert pixels(image).tolist() == [[4095, 4094, 1, 0]]


def test_four_bits_are_spread_to_eight(read, pixels):
    data = np.arange(16, dtype=np.uint8).reshape(2, 8)
    assert np.array_equal(pixels(read(data, bitspersample=4)), data * 17)


def test_four_bits_are_inverted_and_spread(read, pixels):
    data = np.array([[0, 15]], np.uint8)
    image = read(data, bitspersample=4, photometric="miniswhite")
    assert pixels(image).tolist() == [[255, 0]]


@pytest.fixture
def indices(random):
    return random.integers(0, 256, (5, 30, 40), dtype=np.uint8)


@pytest.mark.parametrize("compression", [None, "lzw"])
def test_a_palette_becomes_colours(read, pixels, random, indices, compression):
    palette = random.integers(0, 2**16, (3, 256), dtype=np.uint16)
    image = read(indices, photometric="palette", colormap=palette, compression=compression)
    assert image.axes == "TYXS"
    assert np.array_equal(pixels(image, "blue"), (palette[2] >> 8)[indices])


def test_a_palette_of_grey_becomes_grey(read, pixels, indices):
    image = read(indices, photometric="palette", colormap=FALLING)
    assert image.axes == "TYX"
    assert np.array_equal(pixels(image), 255 - indices)


@pytest.mark.parametrize(("palette", "shown"), [(FALLING, 205), (FALLING[:, ::-1], 50)])
def test_what_imagej_shows_inverted_is_inverted(read, pixels, palette, shown):
    data = np.full((3, 4), 50, np.uint8)
    by_imagej = {"description": "ImageJ=1.53t\n", "metadata": None}
    image = read(data, photometric="palette", colormap=palette, **by_imagej)
    assert np.unique(pixels(image)).tolist() == [shown]


def test_a_palette_of_eight_bits_is_understood(read, pixels, indices):
    palette = np.tile(np.arange(256, dtype=np.uint16), (3, 1))
    image = read(indices, photometric="palette", colormap=palette)
    assert np.array_equal(pixels(image), indices)


def test_the_display_colours_of_microscope_formats_are_not_pixels(read, pixels, random, indices):
    palette = random.integers(0, 2**16, (3, 256), dtype=np.uint16)
    image = read(indices[0], photometric="palette", colormap=palette, ome=True)
    assert np.array_equal(pixels(image), indices[0])


@pytest.mark.parametrize(
    "options",
    [
        {"photometric": "miniswhite"},
        {"photometric": "palette", "colormap": np.ones((3, 256), np.uint16)},
        {"photometric": "minisblack", "bitspersample": 4},
    ],
    ids=["miniswhite", "palette", "four bits"],
)
def test_stored_numbers_are_given_where_they_are_asked_for(tmp_path, pixels, options):
    data = np.arange(16, dtype=np.uint8).reshape(2, 8)
    tifffile.imwrite(tmp_path / "image.tif", data, **options)
    assert np.array_equal(pixels(read_image(tmp_path / "image.tif", stored=True)), data)
