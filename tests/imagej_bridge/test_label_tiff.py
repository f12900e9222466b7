"""Label TIFF: values, axes, pixel size, for tifffile, our own reader and the engine."""

from __future__ import annotations

import hypothesis.extra.numpy as from_numpy
import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import imagej_bridge as ib
import samcell_core as sc


@pytest.mark.parametrize("axes", ["YX", "TYX", "ZYX", "CYX", "TZYX", "ZTYX", "CTZYX"])
def test_labels_and_axes_come_back_as_they_were(axes, tmp_path):
    shape = (2, 3, 4, 5, 6)[5 - len(axes) :]
    labels = np.arange(np.prod(shape), dtype=np.uint16).reshape(shape)
    ib.write_label_tiff(tmp_path / "a.tif", labels, axes=axes)
    back = ib.read_label_tiff(tmp_path / "a.tif")
    np.testing.assert_array_equal(back.labels, labels)
    assert (back.axes, back.labels.dtype, back.pixel_size) == (axes, np.uint16, None)


@pytest.mark.parametrize("shape", [(1, 4, 5), (1, 1, 1), (3, 1, 1)])
def test_axes_of_one_plane_and_images_of_one_pixel_come_back(shape, tmp_path):
    ib.write_label_tiff(tmp_path / "a.tif", np.ones(shape, np.uint8), axes="TYX")
    back = ib.read_label_tiff(tmp_path / "a.tif")
    assert (back.axes, back.labels.shape) == ("TYX", shape)


@pytest.mark.parametrize(("highest", "dtype"), [(65_535, np.uint16), (65_536, np.uint32)])
def test_the_type_is_the_smaller_that_holds_all_labels(highest, dtype, tmp_path):
    ib.write_label_tiff(tmp_path / "a.tif", np.array([[0, highest]], np.int64))
    assert tifffile.imread(tmp_path / "a.tif").dtype == dtype
    assert ib.read_label_tiff(tmp_path / "a.tif").labels.tolist() == [[0, highest]]


def test_labels_beyond_the_exactness_of_imagej_are_refused(tmp_path):
    ib.write_label_tiff(tmp_path / "a.tif", np.array([[2**24 - 1]]))
    with pytest.raises(sc.ImageError, match="number the cells anew"):
        ib.write_label_tiff(tmp_path / "b.tif", np.array([[2**24]]))
    assert not (tmp_path / "b.tif").exists()


@given(height=st.floats(0.0001, 5000), width=st.floats(0.0001, 5000))
def test_any_pixel_size_comes_back(height, width, tmp_path_factory):
    path = tmp_path_factory.mktemp("tiff") / "a.tif"
    ib.write_label_tiff(path, np.eye(3, dtype=np.uint8), pixel_size=(height, width))
    back = ib.read_label_tiff(path)
    assert back.pixel_size == pytest.approx((height, width), rel=1e-9)


@pytest.mark.parametrize("size", [0, -1, float("nan"), 1e-9, 1e9, (1, 2, 3)])
def test_pixel_sizes_that_are_none_are_refused(size, tmp_path):
    with pytest.raises(sc.ImageError, match="pixel size"):
        ib.write_label_tiff(tmp_path / "a.tif", np.eye(3, dtype=np.uint8), pixel_size=size)


def test_the_engine_reads_axes_and_pixel_size(tmp_path):
    labels = np.arange(60, dtype=np.uint16).reshape(3, 4, 5)
    ib.write_label_tiff(tmp_path / "a.tif", labels, axes="TYX", pixel_size=0.325)
    image = sc.read_image(tmp_path / "a.tif")
    assert (image.axes, image.pixel_size) == ("TYX", (0.325, 0.325))
    np.testing.assert_array_equal(image.data[...], labels)


def test_a_segmentation_brings_axes_and_pixel_size(tmp_path):
    labels = np.zeros((2, 4, 5), np.uint16)
    result = sc.Segmentation(
        labels=labels,
        distance_map=np.zeros(labels.shape, np.float32),
        settings=sc.Settings(),
        model=sc.ModelInfo(name="none", architecture="none"),
        axes="ZYX",
        pixel_size=(0.5, 0.25),
    )
    ib.write_label_tiff(tmp_path / "a.tif", result)
    assert ib.read_label_tiff(tmp_path / "a.tif")[1:] == ("ZYX", (0.5, 0.25))


def test_pillow_reads_the_numbers_not_the_colours(tmp_path):
    labels = np.arange(1000, dtype=np.uint16).reshape(20, 50)
    ib.write_label_tiff(tmp_path / "a.tif", labels)
    with Image.open(tmp_path / "a.tif") as image:
        np.testing.assert_array_equal(np.asarray(image), labels)


def test_tifffile_takes_it_for_an_imagej_hyperstack(tmp_path):
    ib.write_label_tiff(tmp_path / "a.tif", np.ones((2, 3, 4, 5), np.uint16), axes="ZTYX")
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert file.is_imagej
        assert file.series[0].axes == "TZYX"
        assert file.imagej_metadata["max"] == 255.0


def test_the_same_labels_give_the_same_bytes(blobs, tmp_path):
    for name in ("a.tif", "b.tif"):
        ib.write_label_tiff(tmp_path / name, blobs(), pixel_size=0.3)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_an_existing_file_is_not_overwritten_unasked(tmp_path):
    ib.write_label_tiff(tmp_path / "a.tif", np.array([[1]]))
    with pytest.raises(sc.SamcellError, match="exists"):
        ib.write_label_tiff(tmp_path / "a.tif", np.array([[2]]))
    assert ib.read_label_tiff(tmp_path / "a.tif").labels.tolist() == [[1]]
    ib.write_label_tiff(tmp_path / "a.tif", np.array([[2]]), overwrite=True)
    assert ib.read_label_tiff(tmp_path / "a.tif").labels.tolist() == [[2]]


def test_nothing_but_the_file_is_left_behind(tmp_path):
    ib.write_label_tiff(tmp_path / "a.tif", np.array([[1]]))
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]


@pytest.mark.parametrize("axes", ["XYT", "YXT", "TY", "TYXS", "TTYX"])
def test_axes_that_do_not_end_in_rows_and_columns_are_refused(axes, tmp_path):
    with pytest.raises(sc.ImageError, match="axes"):
        ib.write_label_tiff(tmp_path / "a.tif", np.ones((2,) * len(axes), int), axes=axes)


def test_a_stack_of_unknown_axes_is_refused(tmp_path):
    with pytest.raises(sc.ImageError, match="axes"):
        ib.write_label_tiff(tmp_path / "a.tif", np.ones((2, 3, 4), int))


@pytest.mark.parametrize("labels", [np.array([[0.5]]), np.array([[-1]]), np.zeros((0, 3), int)])
def test_what_is_no_labels_is_refused(labels, tmp_path):
    with pytest.raises(sc.ImageError):
        ib.write_label_tiff(tmp_path / "a.tif", labels)


def test_labels_that_another_program_wrote_as_floats_are_read(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.array([[0, 70_000]], np.float32), imagej=True)
    assert ib.read_label_tiff(tmp_path / "a.tif").labels.tolist() == [[0, 70_000]]


@pytest.mark.parametrize("value", [0.5, -1, np.nan, np.inf])
def test_floats_that_are_no_labels_are_refused(value, tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.array([[0, value]], np.float32), imagej=True)
    with pytest.raises(sc.ImageError, match="no labels"):
        ib.read_label_tiff(tmp_path / "a.tif")


def test_pictures_in_colours_are_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((5, 6, 3), np.uint8), photometric="rgb")
    with pytest.raises(sc.ImageError, match="colours"):
        ib.read_label_tiff(tmp_path / "a.tif")


@given(
    labels=from_numpy.arrays(
        st.sampled_from([np.bool_, np.uint8, np.int32, np.uint32, np.uint64]),
        (3, 4),
        elements=st.integers(0, 1),
    )
)
def test_labels_of_any_type_of_whole_numbers_are_written(tmp_path_factory, labels):
    path = tmp_path_factory.mktemp("tiff") / "a.tif"
    ib.write_label_tiff(path, labels)
    np.testing.assert_array_equal(ib.read_label_tiff(path).labels, labels)
