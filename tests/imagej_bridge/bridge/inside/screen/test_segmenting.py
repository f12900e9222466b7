"""Segmentation of what ImageJ holds, and how it is shown there."""

import shutil

import numpy as np
import pytest
import xarray

import samcell_core as sc


def test_an_image_of_imagej_gives_the_labels_of_its_array(connection, model, spots):
    result = connection.segment(connection.to_image(spots, pixel_size=0.5), model=model)
    assert result.count == 3
    assert result.pixel_size == (0.5, 0.5)
    np.testing.assert_array_equal(result.labels, model.segment(spots).labels)


def test_arrays_and_xarrays_give_the_same_labels(connection, model, spots):
    wanted = model.segment(spots).labels
    named = xarray.DataArray(spots, dims=["row", "col"])
    for source in (spots, named):
        np.testing.assert_array_equal(connection.segment(source, model=model).labels, wanted)


def test_the_current_image_is_segmented_where_none_is_given(connection, model, spots):
    connection.to_image(spots).show()
    assert connection.segment(model=model, min_size=1).count == 3


def test_cells_lie_inside_the_selection(connection, java, model, spots):
    image = connection.to_image(spots)
    image.setRoi(java("ij.gui.OvalRoi")(0, 0, 30, 30))
    result = connection.segment(image, model=model)
    assert result.count == 1
    assert connection.segment(image, model=model, selection=False).count == 3


def test_a_selection_without_area_does_not_count(connection, java, model, spots):
    image = connection.to_image(spots)
    image.setRoi(java("ij.gui.Line")(0, 0, 30, 30))
    assert connection.segment(image, model=model).count == 3


@pytest.mark.parametrize("most", [np.uint8(255), np.uint16(65535), np.float32(0)])
def test_an_inverted_lookup_table_is_seen_as_it_is_shown(connection, model, spots, most):
    image = connection.to_image(most - spots.astype(most.dtype))
    image.getProcessor().invertLut()
    assert connection.segment(image, model=model).count == 3


def test_every_plane_of_a_stack_is_segmented(connection, model, spots):
    stack = np.stack([spots, np.zeros_like(spots), spots[::-1]])
    result = connection.segment(connection.to_image(stack, axes="TYX"), model=model)
    assert (result.axes, result.labels.shape, result.count) == ("TYX", stack.shape, 6)


def test_of_several_channels_one_is_to_be_chosen(connection, model, spots):
    image = connection.to_image(np.stack([0 * spots, spots]), axes="CYX")
    with pytest.raises(sc.ImageError, match="has 2 channels"):
        connection.segment(image, model=model)
    assert connection.segment(image, model=model, channel=1).count == 3


def test_show_gives_a_label_image_an_overlay_and_rois(connection, java, model, spots):
    image = connection.to_image(spots, pixel_size=0.5)
    result = connection.segment(image, model=model)
    shown = connection.show(result)
    assert image.isVisible()
    assert int(image.getOverlay().size()) == 3
    assert int(java("ij.plugin.frame.RoiManager").getInstance().getCount()) == 3
    np.testing.assert_array_equal(connection.from_labels(shown).labels, result.labels)
    assert connection.from_image(shown).pixel_size == (0.5, 0.5)


def test_the_label_image_has_the_steps_of_the_image_in_depth_too(connection, model, spots):
    image = connection.to_image(np.stack([spots, spots]), axes="ZYX", pixel_size=0.5)
    image.getCalibration().pixelDepth = 1.7
    result = connection.segment(image, model=model)
    assert float(connection.to_labels(result).getCalibration().pixelDepth) == 1.7


def test_show_refuses_an_image_of_another_size(connection, model, spots):
    result = connection.segment(spots, model=model)
    with pytest.raises(sc.ImageError, match="give the image that was segmented"):
        connection.show(result, np.zeros((5, 6), np.uint8))


def test_corrected_cells_can_be_shown_and_measured(connection, java, model, spots):
    result = connection.segment(connection.to_image(spots), model=model)
    connection.show(result)
    java("ij.plugin.frame.RoiManager").getInstance().select(0)
    java("ij.plugin.frame.RoiManager").getInstance().runCommand("Delete")
    corrected = connection.from_rois(result)
    assert len(sc.measure(labels=corrected.labels, image=spots)) == 2
    np.testing.assert_array_equal(
        connection.from_labels(connection.show(corrected, rois=False)).labels, corrected.labels
    )


@pytest.fixture
def model_file(connection, tmp_path):
    """The built-in model as a file of somebody's own."""
    built_in, _ = sc.find_model("samcell-lite")
    yield shutil.copy(built_in, tmp_path / "mine.safetensors")
    connection.close()


def test_the_model_is_kept_for_the_next_call(connection, model_file, spots):
    first = connection.segment(spots, model=str(model_file), scale=1)
    model_file.unlink()
    again = connection.segment(spots, model=str(model_file), scale=1)
    np.testing.assert_array_equal(again.labels, first.labels)


def test_a_closed_connection_lets_go_of_the_model(connection, model_file, spots):
    connection.segment(spots, model=str(model_file), scale=1)
    model_file.unlink()
    connection.close()
    with pytest.raises(sc.ModelError, match="no file or folder"):
        connection.segment(spots, model=str(model_file), scale=1)
