from __future__ import annotations

import doctest
import importlib

import numpy as np
import pytest
import torch

from samcell_core.errors import ImageError
from samcell_core.images import Image, as_image


def test_an_array_is_called_array(grey):
    assert as_image(grey).name == "array"


def test_an_array_is_not_copied(grey):
    assert as_image(grey).data is grey


def test_a_path_is_read(tmp_path, grey, pixels):
    path = tmp_path / "a.npy"
    np.save(path, grey)
    assert np.array_equal(pixels(as_image(str(path))), grey)


def test_a_list_of_numbers_is_an_image(pixels):
    assert np.array_equal(pixels(as_image([[1, 2], [3, 4]])), [[1, 2], [3, 4]])


def test_a_tensor_is_an_image(grey, pixels):
    assert np.array_equal(pixels(as_image(torch.from_numpy(grey))), grey)


def test_an_image_passes(grey, pixels):
    assert np.array_equal(pixels(as_image(as_image(grey))), grey)


def test_axes_said_by_the_user_win_over_those_of_an_image(stack):
    assert as_image(as_image(stack, axes="TYX"), axes="ZYX").axes == "ZYX"


def test_a_pixel_size_said_by_the_user_holds_for_both_sides(grey):
    assert as_image(grey, pixel_size=0.5).pixel_size == (0.5, 0.5)


@pytest.mark.parametrize("size", [0.0, -1.0, float("nan"), float("inf")])
def test_a_pixel_size_that_is_no_length_is_refused(grey, size):
    with pytest.raises(ImageError, match="micrometres above 0"):
        as_image(grey, pixel_size=size)


@pytest.mark.parametrize(
    ("dtype", "words"),
    [("c8", "complex numbers"), ("O", "objects"), ("U3", "texts"), ("M8[s]", "datetime64")],
)
def test_what_is_no_number_is_refused(dtype, words):
    with pytest.raises(ImageError, match=f"holds .*{words}.*no image"):
        as_image(np.empty((6, 7), dtype))


def test_lists_of_unequal_length_are_refused():
    with pytest.raises(ImageError, match="A list is no image"):
        as_image([[1, 2], [3]])


def test_nothing_is_no_image():
    with pytest.raises(ImageError, match="None was given where an image is needed: give"):
        as_image(None)


def test_an_empty_path_is_no_image():
    with pytest.raises(ImageError, match="The path of the image is empty"):
        as_image("")


def test_an_image_may_be_made_of_lists(pixels):
    assert np.array_equal(pixels(Image([[1, 2], [3, 4]], "YX", None)), [[1, 2], [3, 4]])


def test_an_image_may_be_made_of_a_tensor(grey, pixels):
    assert np.array_equal(pixels(Image(torch.from_numpy(grey), "YX", None)), grey)


def test_an_image_shows_its_name_axes_shape_and_type(stack):
    image = Image(stack, "tyx", None, name="a.tif")
    assert repr(image) == "Image(name='a.tif', axes='TYX', shape=(5, 67, 83), dtype=uint16)"


@pytest.mark.parametrize("shape", [(0, 7), (6, 0)])
def test_images_without_pixels_are_refused(shape):
    with pytest.raises(ImageError, match="no pixels"):
        as_image(np.empty(shape))


def test_an_absurd_size_is_refused_before_memory_is_taken():
    endless = np.broadcast_to(np.uint8(0), (2**21, 2**20))
    with pytest.raises(ImageError, match=r"claims the shape \(2097152, 1048576\)"):
        as_image(endless)


@pytest.mark.parametrize("name", ["image", "sources"])
def test_examples_in_the_documentation_run(name):
    result = doctest.testmod(importlib.import_module(f"samcell_core.images.{name}"))
    assert (result.attempted > 0, result.failed) == (True, 0)
