"""Labels as images of a real ImageJ."""

import numpy as np
import pytest

import imagej_bridge as ib
import samcell_core as sc


@pytest.mark.parametrize("axes", ["YX", "TYX", "ZTYX", "TZYX", "CYX"])
def test_labels_come_back_the_same(connection, blobs, axes):
    shape = (2, 3, 30, 40)[-len(axes) :]
    planes = [blobs(shape[-2:], seed=seed) for seed in range(int(np.prod(shape[:-2])))]
    labels = np.stack(planes).reshape(shape)
    back = connection.from_labels(connection.to_labels(labels, axes=axes))
    assert (back.axes, back.labels.dtype) == (axes, np.uint16)
    np.testing.assert_array_equal(back.labels, labels)


def test_labels_of_a_single_time_point_keep_that_axis(connection, blobs):
    back = connection.from_labels(connection.to_labels(blobs()[None], axes="TYX"))
    assert (back.axes, back.labels.shape) == ("TYX", (1, 60, 70))


def test_more_than_65535_labels_come_back_the_same(connection):
    labels = np.arange(300 * 300, dtype=np.uint32).reshape(300, 300)
    image = connection.to_labels(labels)
    assert int(image.getBitDepth()) == 32
    np.testing.assert_array_equal(connection.from_labels(image).labels, labels)


def test_labels_that_imagej_cannot_hold_are_refused(connection):
    with pytest.raises(sc.ImageError, match="too large for ImageJ"):
        connection.to_labels(np.full((2, 2), 2**24))


def test_cells_have_the_colours_of_label_files(connection):
    image = connection.to_labels(np.array([[0, 1, 2]], np.uint16))
    reds, greens, blues = np.array(image.getLuts()[0].getBytes()).view(np.uint8).reshape(3, 256)
    np.testing.assert_array_equal(np.stack([reds, greens, blues], axis=1), ib.colour_table())
    assert (float(image.getDisplayRangeMin()), float(image.getDisplayRangeMax())) == (0, 255)


def test_what_imagej_saves_is_read_with_its_axes(connection, java, blobs, tmp_path):
    labels = np.stack([blobs(seed=seed) for seed in range(6)]).reshape(2, 3, 60, 70)
    image = connection.to_labels(labels, axes="ZTYX", pixel_size=0.5)
    assert java("ij.io.FileSaver")(image).saveAsTiff(str(tmp_path / "labels.tif"))
    read = ib.read_label_tiff(tmp_path / "labels.tif")
    assert (read.axes, read.pixel_size) == ("ZTYX", (0.5, 0.5))
    np.testing.assert_array_equal(read.labels, labels)


def test_a_label_file_opened_in_imagej_comes_back_with_its_axes(connection, java, blobs, tmp_path):
    labels = np.stack([blobs(seed=seed) for seed in range(6)]).reshape(2, 3, 60, 70)
    ib.write_label_tiff(tmp_path / "labels.tif", labels, axes="ZTYX", pixel_size=0.5)
    back = connection.from_labels(java("ij.IJ").openImage(str(tmp_path / "labels.tif")))
    assert (back.axes, back.pixel_size) == ("ZTYX", (0.5, 0.5))
    np.testing.assert_array_equal(back.labels, labels)


def test_what_was_painted_in_imagej_comes_back(connection, blobs):
    image = connection.to_labels(blobs())
    image.getProcessor().setColor(99.0)
    image.getProcessor().fillRect(10, 20, 4, 3)
    back = connection.from_labels(image).labels
    assert (back[20:23, 10:14] == 99).all()


def test_fractions_are_no_labels(connection):
    image = connection.to_image(np.full((3, 3), 0.5, np.float32), title="map")
    with pytest.raises(sc.ImageError, match="map holds numbers that are no labels"):
        connection.from_labels(image)


def test_colours_are_no_labels(connection):
    image = connection.to_image(np.zeros((3, 3, 3), np.uint8))
    with pytest.raises(sc.ImageError, match="holds colours, not labels"):
        connection.from_labels(image)
