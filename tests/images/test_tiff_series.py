"""Images of several TIFF files are read whole, and each from the file that stands for it."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
import tifffile
from ome_series import write_ome_series

from samcell_core.images import files_of_image, read_image


@pytest.fixture
def series(tmp_path, stack):
    """Five files of a plane each."""
    return write_ome_series(tmp_path, [(f"t{time}.ome.tif", stack[time]) for time in range(5)])


@pytest.fixture
def positions(tmp_path, stack):
    """Two files of an image each, and both describe both."""
    return write_ome_series(
        tmp_path,
        [("p0.ome.tif", stack[0]), ("p0.ome.tif", stack[1])],
        [("p1.ome.tif", stack[2]), ("p1.ome.tif", stack[3])],
    )


@pytest.fixture
def micro_manager(tmp_path):
    """Two files of a stack as Micro-Manager writes them, with a plane each."""

    def write(name, time):
        summary = json.dumps({"MicroManagerVersion": "1.4", "Frames": 2, "Prefix": "cells"})
        begin = 40 + len(summary) + 28
        head = struct.pack("<2sHI", b"II", 42, begin)
        head += struct.pack("<8I", 54773648, 40 + len(summary), 0, 0, 0, 0, 2355492, len(summary))
        index = struct.pack("<7I", 3453623, 1, 0, 0, time, 0, begin)
        tags = {254: 0, 256: 3, 257: 2, 258: 8, 259: 1, 262: 1, 273: begin + 162, 274: 1}
        tags |= {277: 1, 278: 2, 279: 6, 296: 1}
        entries = [struct.pack("<HHII", code, 4, 1, value) for code, value in tags.items()]
        entries.append(struct.pack("<HHII", 51123, 2, len(summary), 40))
        directory = struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)
        plane = bytes([10 * time + pixel for pixel in range(6)])
        # Room behind the pixels, as there is for the comments.
        (tmp_path / name).write_bytes(
            head + summary.encode() + index + directory + plane + bytes(200)
        )
        return tmp_path / name

    return [write("cells_MMStack_Pos0.ome.tif", 0), write("cells_MMStack_Pos0_1.ome.tif", 1)]


@pytest.mark.parametrize("number", [0, 3])
def test_any_file_of_a_series_gives_the_whole(series, stack, pixels, number):
    image = read_image(series[number])
    assert image.axes == "TYX"
    assert np.array_equal(pixels(image), stack)


@pytest.mark.parametrize("number", [0, 3])
def test_an_image_of_several_files_says_so(series, number):
    (note,) = read_image(series[number]).notes
    assert note == (
        f"t{number}.ome.tif belongs to a series of 5 files, t0.ome.tif to t4.ome.tif, which are "
        "read as one image."
    )


def test_an_image_of_one_file_has_no_note(tmp_path, stack):
    (path,) = write_ome_series(tmp_path, [("a.ome.tif", plane) for plane in stack])
    assert read_image(path).notes == ()


@pytest.mark.parametrize("number", [0, 1])
def test_the_image_that_begins_in_a_file_is_read_from_it(positions, stack, pixels, number):
    image = read_image(positions[number])
    assert np.array_equal(pixels(image), stack[2 * number : 2 * number + 2])


def test_images_that_begin_in_other_files_are_no_further_images_of_this_one(positions):
    assert [read_image(path).notes for path in positions] == [(), ()]


def test_the_pixel_size_is_that_of_the_image_that_is_read(positions):
    assert [read_image(path).pixel_size for path in positions] == [(1, 1), (2, 2)]


def test_planes_that_all_lie_in_another_file_are_read_from_there(tmp_path, stack, pixels):
    _, own = write_ome_series(tmp_path, [("b.ome.tif", stack[0])], [("a.ome.tif", stack[1, :9])])
    text = tifffile.tiffcomment(own)
    without = text.replace('<Image ID="Image:2">', "<Left_out>").replace(
        "</Image></OME>", "</Left_out></OME>"
    )
    tifffile.imwrite(own, stack[1], description=without, metadata=None)
    assert np.array_equal(pixels(read_image(own)), stack[0])


def test_a_stack_of_micro_manager_in_two_files_is_read_whole(micro_manager, pixels):
    expected = np.arange(6).reshape(2, 3) + np.array([0, 10]).reshape(2, 1, 1)
    assert np.array_equal(pixels(read_image(micro_manager[1])), expected)


@pytest.mark.parametrize("options", [{}, {"byteorder": ">"}, {"bigtiff": True}], ids=str)
def test_the_files_of_an_image_are_known_from_each_of_them(tmp_path, stack, options):
    names = ["b.ome.tif", "a.ome.tif", "c.ome.tif"]
    paths = write_ome_series(tmp_path, list(zip(names, stack, strict=False)), **options)
    assert [files_of_image(path) for path in paths] == [tuple(paths)] * 3


def test_the_files_of_micro_manager_are_known_from_each_of_them(micro_manager):
    assert [files_of_image(path) for path in micro_manager] == [tuple(micro_manager)] * 2


def test_files_in_which_another_image_begins_stand_alone(positions):
    assert [files_of_image(path) for path in positions] == [(path,) for path in positions]


def test_a_file_that_begins_another_image_is_none_of_the_files_of_this_one(tmp_path, stack):
    first, second = write_ome_series(
        tmp_path,
        [("a.ome.tif", stack[0])],
        [("a.ome.tif", stack[1]), ("b.ome.tif", stack[2])],
    )
    assert [files_of_image(path) for path in (first, second)] == [(first,), (second,)]


def test_a_renamed_file_of_one_image_stands_alone(tmp_path, stack):
    (path,) = write_ome_series(tmp_path, [("a.ome.tif", plane) for plane in stack])
    renamed = path.rename(tmp_path / "b.ome.tif")
    assert files_of_image(renamed) == (renamed,)


@pytest.mark.parametrize(
    "options", [{}, {"imagej": True}, {"ome": True}, {"bigtiff": True}], ids=str
)
def test_an_ordinary_file_stands_alone(tmp_path, grey, options):
    tifffile.imwrite(tmp_path / "a.tif", grey, **options)
    assert files_of_image(tmp_path / "a.tif") == (tmp_path / "a.tif",)


@pytest.mark.parametrize("length", [0, 3, 12, 40, 300])
def test_a_file_that_is_cut_off_stands_alone(series, length):
    series[1].write_bytes(series[1].read_bytes()[:length])
    assert files_of_image(series[1]) == (series[1],)
