"""Cells in the ROI Manager and in overlays of a real ImageJ, corrected and read back."""

import numpy as np
import pytest

import imagej_bridge as ib
import samcell_core as sc


@pytest.fixture
def manager(java):
    class_ = java("ij.plugin.frame.RoiManager")
    return class_.getInstance() or class_.getRoiManager()


@pytest.mark.parametrize("axes", ["YX", "TYX", "ZYX", "TZYX"])
def test_cells_of_the_roi_manager_come_back_the_same(connection, blobs, manager, axes):
    shape = (2, 3, 30, 40)[-len(axes) :]
    planes = [blobs(shape[-2:], seed=seed) for seed in range(int(np.prod(shape[:-2])))]
    labels = np.stack(planes).reshape(shape)
    count = connection.to_rois(labels, axes=axes)
    assert int(manager.getCount()) == count
    back = connection.from_rois(connection.to_labels(labels, axes=axes))
    assert back.axes == axes
    np.testing.assert_array_equal(back.labels, labels)


def test_rois_that_were_there_stay(connection, java, blobs, manager):
    connection.to_labels(blobs()).show()
    manager.addRoi(java("ij.gui.Roi")(2, 3, 10, 10))
    mine = str(manager.getName(0))
    count = connection.to_rois(blobs())
    assert int(manager.getCount()) == count + 1
    assert str(manager.getName(0)) == mine


def test_corrected_rois_come_back_as_labels(connection, java, manager):
    labels = np.zeros((40, 50), np.uint16)
    labels[2:10, 2:10], labels[2:10, 20:30], labels[20:30, 5:15] = 1, 2, 3
    connection.to_labels(labels).show()
    connection.to_rois(labels)
    manager.select(1)
    manager.runCommand("Delete")
    manager.addRoi(java("ij.gui.Roi")(30, 20, 6, 5))
    manager.getRoi(0).setLocation(4.0, 2.0)
    wanted = np.zeros_like(labels)
    wanted[2:10, 4:12], wanted[20:30, 5:15], wanted[20:25, 30:36] = 1, 3, 2
    np.testing.assert_array_equal(connection.from_rois(labels).labels, wanted)


def test_chosen_rois_alone_are_read(connection, blobs, manager):
    labels = blobs()
    connection.to_rois(labels)
    back = connection.from_rois(labels, chosen=[1, 3])
    np.testing.assert_array_equal(back.labels, np.where(np.isin(labels, (2, 4)), labels, 0))


def test_a_roi_that_is_not_there_is_refused(connection, blobs, manager):
    connection.to_rois(blobs())
    with pytest.raises(sc.SamcellError, match="no number 99: give numbers from 0 to"):
        connection.from_rois(blobs(), chosen=[99])


def test_an_empty_manager_is_refused(connection, blobs, manager):
    with pytest.raises(sc.SamcellError, match="The ROI Manager is empty"):
        connection.from_rois(blobs())


def test_names_and_confidences_arrive(connection, manager):
    connection.to_rois(
        np.array([[1, 2]], np.uint16), names=["Zelle ä", "日本"], confidence=[0.25, 1]
    )
    assert [str(manager.getRoi(number).getName()) for number in (0, 1)] == ["Zelle ä", "日本"]
    assert str(manager.getRoi(0).getProperty("confidence")) == "0.25"


def test_a_file_leaves_the_manager_alone(connection, blobs, manager, tmp_path):
    labels = blobs()
    count = connection.to_rois(labels, tmp_path / "RoiSet.zip")
    assert int(manager.getCount()) == 0
    back = connection.from_rois(labels, tmp_path / "RoiSet.zip")
    assert len(back.cells) == count
    np.testing.assert_array_equal(back.labels, labels)


def test_the_overlay_lies_on_its_frame_in_all_channels(connection, java):
    labels = np.zeros((3, 20, 20), np.uint16)
    labels[1, 5:9, 6:10] = 1
    image = connection.to_image(np.zeros((3, 2, 20, 20), np.uint8), axes="TCYX")
    connection.show(ib.LabelImage(labels, "TYX", None), image, labels=False, rois=False)
    overlay = image.getOverlay()
    for frame, channel in np.ndindex(3, 2):
        image.setPosition(channel + 1, 1, frame + 1)
        drawn = image.flatten().getProcessor().getPixel(7, 5) & 0xFFFFFF
        assert bool(drawn) == (frame == 1), (frame, channel)
    assert int(overlay.size()) == 1


def test_cells_of_an_overlay_come_back_the_same(connection, blobs):
    image = connection.to_image(np.zeros((60, 70), np.uint8))
    connection.show(ib.LabelImage(blobs(), "YX", None), image, labels=False, rois=False)
    back = connection.from_rois(image, "overlay")
    np.testing.assert_array_equal(back.labels, blobs())


def test_what_else_an_overlay_holds_stays(connection, java, blobs):
    image = connection.to_image(np.zeros((60, 70), np.uint8))
    image.setOverlay(java("ij.gui.Overlay")(java("ij.gui.TextRoi")(3, 4, "well B2")))
    cells = ib.LabelImage(blobs(), "YX", None)
    connection.show(cells, image, labels=False, rois=False)
    count = int(image.getOverlay().size())
    connection.show(cells, image, labels=False, rois=False)
    assert int(image.getOverlay().size()) == count
    assert str(image.getOverlay().get(0).getText()).strip() == "well B2"


def test_an_image_without_overlay_is_refused(connection):
    image = connection.to_image(np.zeros((6, 7), np.uint8), title="plain")
    with pytest.raises(sc.SamcellError, match="plain has no overlay"):
        connection.from_rois(image, "overlay")
