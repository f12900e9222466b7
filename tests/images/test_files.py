from __future__ import annotations

import numpy as np
import pytest

from samcell_core.errors import ImageError
from samcell_core.images import read_image


@pytest.fixture
def saved(tmp_path):
    def as_npy(data, name="array.npy"):
        np.save(tmp_path / name, data)
        return tmp_path / name

    return as_npy


@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_file_is_read(saved, grey, pixels, order):
    assert np.array_equal(pixels(read_image(saved(np.asarray(grey, order=order)))), grey)


def test_an_array_file_is_memory_mapped(saved, grey):
    assert isinstance(read_image(saved(grey)).data, np.memmap)


def test_the_axes_of_an_array_file_are_told_as_those_of_an_array(saved, stack):
    with pytest.raises(ImageError, match=r"array.npy has the shape \(5, 67, 83\).*axes="):
        read_image(saved(stack))


def test_axes_said_by_the_user_hold_for_files(saved, stack, pixels):
    assert np.array_equal(pixels(read_image(saved(stack), axes="ZYX")), stack)


def test_a_pixel_size_said_by_the_user_holds_for_files(saved, grey):
    assert read_image(saved(grey), pixel_size=0.25).pixel_size == (0.25, 0.25)


def test_the_name_of_an_image_is_that_of_its_file(saved, grey):
    assert read_image(saved(grey, "größe 1.npy")).name == "größe 1.npy"


def test_reading_leaves_the_file_as_it_was(saved, grey, pixels):
    path = saved(grey)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    pixels(read_image(path))
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ImageError, match=r"none.tif does not exist"):
        read_image(tmp_path / "none.tif")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(ImageError, match="is a folder"):
        read_image(tmp_path)


def test_an_empty_path_is_refused():
    with pytest.raises(ImageError, match="The path of the image is empty: give"):
        read_image("")


@pytest.mark.parametrize("name", ["notes.tif", "notes.txt", "notes.png"])
def test_a_text_is_refused_whatever_its_ending(tmp_path, name):
    (tmp_path / name).write_text("No image at all, but long enough to be one.", encoding="utf-8")
    with pytest.raises(ImageError, match=r"The content of .*notes.* is no image"):
        read_image(tmp_path / name)


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "empty.tif").touch()
    with pytest.raises(ImageError, match="is empty"):
        read_image(tmp_path / "empty.tif")


def test_a_name_that_no_file_can_have_is_refused(tmp_path):
    with pytest.raises(ImageError, match="x" * 300):
        read_image(tmp_path / ("x" * 300))


def test_an_array_file_cut_off_is_refused(saved, grey):
    path = saved(grey)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ImageError, match="cannot be read as an array"):
        read_image(path)


@pytest.mark.parametrize("byte", range(10, 60, 7))
def test_an_array_file_with_a_damaged_header_is_refused(saved, grey, byte):
    path = saved(grey)
    content = bytearray(path.read_bytes())
    content[byte] = ord("(")
    path.write_bytes(content)
    with pytest.raises(ImageError, match="cannot be read as an array"):
        read_image(path)


def test_an_array_file_with_python_objects_is_not_executed(saved):
    with pytest.raises(ImageError, match="cannot be read as an array"):
        read_image(saved(np.array([[1, "a"]], dtype=object)))


def test_an_array_file_without_pixels_is_refused(saved):
    with pytest.raises(ImageError, match="no pixels"):
        read_image(saved(np.empty((0, 5))))


def test_an_array_file_of_complex_numbers_is_refused(saved):
    with pytest.raises(ImageError, match="complex"):
        read_image(saved(np.ones((5, 5), complex)))
