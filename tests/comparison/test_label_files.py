"""Labels are read from the files of any program, and what is no label image is refused."""

import cv2
import numpy as np
import pytest
import tifffile

from samcell_core.errors import ImageError


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.int32, np.float32])
def test_a_label_tiff_of_any_type_is_read_as_it_is(reader, write, truth, dtype):
    found = reader.read(write("a.tif", truth.astype(dtype)))
    assert found.array.dtype.kind in "iu"
    assert np.array_equal(found.array, truth)


def test_a_png_of_16_bits_is_read_as_it_is(reader, tmp_path, truth):
    cv2.imwrite(str(tmp_path / "a.png"), truth * 300)
    assert np.array_equal(reader.read(tmp_path / "a.png").array, truth * 300)


def test_labels_spread_over_16_bits_as_cellprofiler_saves_grey_ones_are_still_cells(reader, write):
    labels = np.zeros((40, 60), np.uint16)
    labels[2:9, 2:9], labels[2:9, 20:30], labels[20:30, 2:9] = 21845, 43690, 65535
    assert np.unique(reader.read(write("a.tiff", labels)).array).tolist() == [
        0,
        21845,
        43690,
        65535,
    ]


def test_a_stack_keeps_its_axes_and_pixel_size(reader, tmp_path, truth):
    tifffile.imwrite(
        tmp_path / "a.tif",
        np.stack([truth, truth]),
        imagej=True,
        resolution=(2, 2),
        metadata={"axes": "ZYX", "unit": "um"},
    )
    found = reader.read(tmp_path / "a.tif")
    assert found.axes == "ZYX"
    assert found.pixel_size == pytest.approx((0.5, 0.5))


def test_an_image_without_cells_is_read(reader, write):
    assert not reader.read(write("a.tif", np.zeros((30, 30), np.uint16))).array.any()


def test_a_single_cell_of_two_pieces_is_read(reader, write, rectangles):
    labels = rectangles((2, 9, 2, 9), (20, 30, 20, 30)) > 0
    assert reader.read(write("a.tif", labels.astype(np.uint8))).array.max() == 1


def test_a_colour_png_is_refused(reader, tmp_path, truth):
    cv2.imwrite(str(tmp_path / "a.png"), np.dstack([truth, truth * 0, truth * 2]).astype(np.uint8))
    with pytest.raises(ImageError, match=r"a\.png has colours in place of labels"):
        reader.read(tmp_path / "a.png")


def test_a_mask_of_all_cells_in_one_is_refused(reader, write, rectangles):
    mask = (rectangles((2, 9, 2, 9), (20, 30, 20, 30)) > 0).astype(np.uint8) * 255
    with pytest.raises(ImageError, match="one number, 255, in 2 separate pieces"):
        reader.read(write("a.tif", mask))


def test_a_microscope_image_is_refused(reader, write):
    noise = np.random.default_rng(0).integers(100, 4000, (100, 120), dtype=np.uint16)
    with pytest.raises(ImageError, match="looks like a microscope image"):
        reader.read(write("a.tif", noise))


def test_fractions_are_refused(reader, write, truth):
    with pytest.raises(ImageError, match="has fractions in place of labels"):
        reader.read(write("a.tif", truth.astype(np.float32) / 4))


def test_nan_is_refused(reader, write, truth):
    labels = truth.astype(np.float32)
    labels[0, 0] = np.nan
    with pytest.raises(ImageError, match="has NaN or infinity"):
        reader.read(write("a.tif", labels))


def test_negative_numbers_are_refused(reader, write, truth):
    with pytest.raises(ImageError, match="has negative numbers"):
        reader.read(write("a.tif", truth.astype(np.int16) - 1))


def test_channels_are_refused(reader, tmp_path, truth):
    tifffile.imwrite(
        tmp_path / "a.tif", np.stack([truth, truth]), imagej=True, metadata={"axes": "CYX"}
    )
    with pytest.raises(ImageError, match="has 2 channels"):
        reader.read(tmp_path / "a.tif")


@pytest.mark.parametrize("outlines_first", [True, False])
def test_outlines_get_the_shape_of_the_other_side(
    outline_reader, write, tmp_path, truth, outlines_first
):
    roi_set, labels = tmp_path / "a.zip", write("a.tif", truth)
    roi_set.write_text("5 15 5 15\n20 35 40 55")
    both = (roi_set, labels) if outlines_first else (labels, roi_set)
    drawn = outline_reader.read_both(*both)[0 if outlines_first else 1]
    assert drawn.array.shape == truth.shape
    assert drawn.array.max() == 2


def test_outlines_on_both_sides_get_the_shape_of_the_image(outline_reader, write, tmp_path, truth):
    (tmp_path / "a.zip").write_text("5 15 5 15")
    (tmp_path / "b.zip").write_text("5 15 5 20")
    image = write("image.tif", truth)
    drawn = outline_reader.read_both(tmp_path / "a.zip", tmp_path / "b.zip", image)
    assert [labels.array.shape for labels in drawn] == [truth.shape] * 2


def test_outlines_on_both_sides_without_an_image_are_refused(outline_reader, tmp_path):
    (tmp_path / "a.zip").write_text("5 15 5 15")
    with pytest.raises(ImageError, match="both hold outlines"):
        outline_reader.read_both(tmp_path / "a.zip", tmp_path / "a.zip")


def test_axes_in_another_order_are_turned(reader, tmp_path, truth):
    stack = np.stack([np.stack([truth, truth * 2])] * 3)
    tifffile.imwrite(tmp_path / "a.ome.tif", stack, metadata={"axes": "TZYX"})
    tifffile.imwrite(tmp_path / "b.ome.tif", stack.swapaxes(0, 1), metadata={"axes": "ZTYX"})
    one, other = reader.read_both(tmp_path / "a.ome.tif", tmp_path / "b.ome.tif")
    assert np.array_equal(one.array, other.array)


def test_an_axis_of_one_plane_does_not_count(reader, tmp_path, truth):
    tifffile.imwrite(tmp_path / "a.ome.tif", truth[np.newaxis], metadata={"axes": "TYX"})
    tifffile.imwrite(tmp_path / "b.tif", truth)
    one, other = reader.read_both(tmp_path / "a.ome.tif", tmp_path / "b.tif")
    assert one.array.shape == other.array.shape


def test_a_file_that_is_not_there_is_refused_with_its_name(reader, tmp_path):
    with pytest.raises(ImageError, match=r"nothing\.tif does not exist"):
        reader.read(tmp_path / "nothing.tif")


@pytest.mark.parametrize("compression", [None, "lzw"])
def test_labels_with_an_inverting_display_are_read_as_they_are(
    reader, tmp_path, truth, compression
):
    tifffile.imwrite(tmp_path / "a.tif", truth, photometric="miniswhite", compression=compression)
    assert np.array_equal(reader.read(tmp_path / "a.tif").array, truth)


def test_labels_of_an_inverting_imagej_are_read_as_they_are(reader, tmp_path, truth):
    tifffile.imwrite(tmp_path / "a.tif", truth, imagej=True, photometric="miniswhite")
    assert np.array_equal(reader.read(tmp_path / "a.tif").array, truth)


@pytest.mark.parametrize("colours", [1, 3], ids=["greys", "colours"])
def test_labels_with_a_palette_are_its_indices(reader, tmp_path, truth, colours):
    palette = np.random.default_rng(2).integers(0, 2**16, (colours, 256), dtype=np.uint16)
    palette = np.broadcast_to(palette, (3, 256))
    labels = truth.astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", labels, photometric="palette", colormap=palette)
    assert np.array_equal(reader.read(tmp_path / "a.tif").array, truth)


def test_labels_in_a_bmp_with_inverted_greys_are_read_as_they_are(reader, tmp_path, truth):
    encoded = cv2.imencode(".bmp", truth.astype(np.uint8))[1]
    greys = encoded[54 : 54 + 1024].reshape(256, 4)
    greys[:, :3] = 255 - greys[:, :3]
    (tmp_path / "a.bmp").write_bytes(encoded.tobytes())
    assert np.array_equal(reader.read(tmp_path / "a.bmp").array, truth)
