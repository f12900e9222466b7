"""RoiSet.zip: round trips, order, names, overlaps, and files made to harm."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import hypothesis.extra.numpy as from_numpy
import numpy as np
import pytest
import roifile
from hypothesis import given
from hypothesis import strategies as st

import imagej_bridge as ib
from samcell_core import ImageError, ModelInfo, SamcellError, Segmentation, Settings, measure

ROI = ib.encode_roi([np.array([[1, 1], [4, 1], [4, 4], [1, 4]])], name="cell")


def zipped(entries: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return stream.getvalue()


def squares(*corners: tuple[int, int], **options: object) -> bytes:
    """Set of ROIs of 4x4 pixels."""
    square = np.array([[0, 0], [4, 0], [4, 4], [0, 4]])
    return zipped(
        {
            f"{number}.roi": ib.encode_roi([square + corner], name=f"roi {number}", **options)
            for number, corner in enumerate(corners)
        }
    )


@given(
    labels=from_numpy.arrays(
        np.uint16,
        from_numpy.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=6),
        elements=st.sampled_from([0, 1, 2, 7, 65535]),
    ),
    axes=st.sampled_from(["TYX", "ZYX", "CYX"]),
)
def test_a_stack_comes_back_as_it_was(labels, axes, tmp_path_factory):
    path = tmp_path_factory.mktemp("set") / "RoiSet.zip"
    ib.write_roi_set(path, labels, axes=axes)
    back = ib.read_roi_set(path, labels.shape, axes=axes)
    np.testing.assert_array_equal(back.labels, labels)
    assert (back.overlapping, back.lost, back.without_area) == (0, (), ())


@pytest.mark.parametrize("axes", ["TZYX", "ZTYX", "CTYX", "TCYX"])
def test_stacks_of_two_axes_come_back_as_they_were(blobs, axes, tmp_path):
    labels = np.stack([[blobs((20, 25), seed=3 * i + j) for j in range(3)] for i in range(2)])
    ib.write_roi_set(tmp_path / "a.zip", labels, axes=axes)
    np.testing.assert_array_equal(
        ib.read_roi_set(tmp_path / "a.zip", labels.shape, axes=axes).labels, labels
    )


def test_a_segmentation_brings_its_axes(blobs, tmp_path):
    labels = np.stack([blobs(seed=1), blobs(seed=2)])
    result = Segmentation(
        labels=labels,
        distance_map=np.zeros(labels.shape, np.float32),
        settings=Settings(),
        model=ModelInfo(name="none", architecture="none"),
        axes="TYX",
    )
    ib.write_roi_set(tmp_path / "a.zip", result)
    names = [roi.name for roi in roifile.roiread(tmp_path / "a.zip")]
    assert names[0] == "t001-cell-0001"


def test_the_same_cells_give_the_same_bytes(blobs, tmp_path):
    labels = blobs()
    for name in ("a.zip", "b.zip"):
        ib.write_roi_set(tmp_path / name, labels, confidence=[0.5] * len(np.unique(labels)[1:]))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_rois_come_in_the_order_of_the_rows_of_measure(blobs, tmp_path):
    labels = np.stack([blobs(seed=1), blobs(seed=2)])
    table = measure(labels=labels, label_axes="TYX")
    order = [f"{row['plane']}/{row['id']}" for row in table]
    ib.write_roi_set(tmp_path / "a.zip", labels, axes="TYX", names=order)
    back = ib.read_roi_set(tmp_path / "a.zip", labels.shape, axes="TYX")
    assert [f"{cell.plane}/{cell.label}" for cell in back.cells] == [c.name for c in back.cells]
    assert [cell.name for cell in back.cells] == order


def test_confidences_come_back_and_unknown_ones_are_nan(tmp_path):
    labels = np.array([[1, 2, 3]])
    ib.write_roi_set(tmp_path / "a.zip", labels, confidence=[0.25, np.nan, 1])
    back = ib.read_roi_set(tmp_path / "a.zip", labels.shape)
    np.testing.assert_array_equal([cell.confidence for cell in back.cells], [0.25, np.nan, 1])


@pytest.mark.parametrize("names", [["a"], ["a", "b", "c"]])
def test_too_few_and_too_many_names_are_refused_and_no_file_appears(names, tmp_path):
    with pytest.raises(SamcellError, match="one for each cell"):
        ib.write_roi_set(tmp_path / "a.zip", np.array([[1, 2]]), names=names)
    assert list(tmp_path.iterdir()) == []


def test_names_are_unique_for_every_file_system(tmp_path):
    ib.write_roi_set(
        tmp_path / "a.zip", np.array([[1, 2, 3, 4]]), names=["a/b", "a:b", "A\n_B", " "]
    )
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == ["a_b.roi", "a_b-2.roi", "A _B.roi", "cell-0004.roi"]


def test_a_set_without_cells_is_an_empty_zip_that_is_read_again(tmp_path):
    assert ib.write_roi_set(tmp_path / "a.zip", np.zeros((4, 5), np.uint16)) == 0
    assert ib.read_roi_set(tmp_path / "a.zip", (4, 5)).labels.max() == 0


def test_an_existing_file_is_not_overwritten_unasked(tmp_path):
    (tmp_path / "a.zip").write_text("mine")
    with pytest.raises(SamcellError, match="exists: give another name"):
        ib.write_roi_set(tmp_path / "a.zip", np.array([[1]]))
    assert (tmp_path / "a.zip").read_text() == "mine"
    ib.write_roi_set(tmp_path / "a.zip", np.array([[1]]), overwrite=True)
    assert zipfile.is_zipfile(tmp_path / "a.zip")


def test_a_folder_that_is_not_there_is_an_error_in_one_sentence(tmp_path):
    with pytest.raises(SamcellError, match="cannot be written"):
        ib.write_roi_set(tmp_path / "none" / "a.zip", np.array([[1]]))


def test_the_longest_names_that_a_file_may_have_can_be_written(tmp_path):
    path = tmp_path / ("n" * 251 + ".zip")
    ib.write_roi_set(path, np.array([[1]]))
    assert path.exists()


def test_label_colours_are_those_of_the_table(tmp_path):
    ib.write_roi_set(tmp_path / "a.zip", np.array([[1, 2]]), stroke_colour="label")
    colours = [tuple(roi.stroke_color[1:]) for roi in roifile.roiread(tmp_path / "a.zip")]
    assert colours == [ib.colour_of(1), ib.colour_of(2)]


def test_where_rois_overlap_the_first_keeps_its_pixels_and_they_are_counted():
    back = ib.read_roi_set(squares((0, 0), (2, 2)), (8, 8))
    assert np.count_nonzero(back.labels == 1) == 16
    assert np.count_nonzero(back.labels == 2) == 12
    assert back.overlapping == 4


def test_rois_of_which_nothing_is_left_are_named():
    back = ib.read_roi_set(squares((0, 0), (0, 0), (50, 50)), (8, 8))
    assert back.lost == ("roi 1", "roi 2")
    assert [cell.label for cell in back.cells] == [1]


def test_rois_partly_outside_are_cut_off():
    back = ib.read_roi_set(squares((6, 6)), (8, 8))
    assert np.argwhere(back.labels).tolist() == [[6, 6], [6, 7], [7, 6], [7, 7]]


def test_a_label_is_kept_by_the_first_roi_that_has_it():
    back = ib.read_roi_set(squares((0, 0), (4, 0), (0, 4), properties={"label": "2"}), (8, 8))
    assert [cell.label for cell in back.cells] == [2, 1, 3]


@pytest.mark.parametrize("label", ["-1", "0", "x", "99999999999", "4000000000", "²"])
def test_labels_that_are_none_are_numbered_anew(label):
    back = ib.read_roi_set(squares((0, 0), properties={"label": label}), (8, 8))
    assert [cell.label for cell in back.cells] == [1]


def test_a_roi_without_a_position_lies_on_all_planes():
    back = ib.read_roi_set(squares((0, 0)), (3, 8, 8), axes="TYX")
    assert [(cell.plane, cell.label) for cell in back.cells] == [(0, 1), (1, 1), (2, 1)]


def test_a_frame_alone_means_all_its_slices():
    data = squares((0, 0), position=ib.Position(frame=2, channel=5))
    back = ib.read_roi_set(data, (2, 3, 8, 8), axes="TZYX")
    assert [cell.plane for cell in back.cells] == [3, 4, 5]


def test_a_number_of_a_plane_counts_slices_first_as_in_imagej():
    data = squares((0, 0), position=ib.Position(plane=2))
    back = ib.read_roi_set(data, (2, 3, 8, 8), axes="TZYX")
    assert [cell.plane for cell in back.cells] == [1, 4]


def test_a_number_above_the_slices_counts_planes():
    data = squares((0, 0), position=ib.Position(plane=5))
    back = ib.read_roi_set(data, (2, 3, 8, 8), axes="TZYX")
    assert [cell.plane for cell in back.cells] == [4]


def test_old_rois_tell_their_slice_by_their_names():
    data = zipped({"0003-0002-0002.roi": ib.encode_roi([np.array([[0, 0], [4, 0], [4, 4]])])})
    back = ib.read_roi_set(data, (4, 8, 8), axes="ZYX")
    assert [cell.plane for cell in back.cells] == [2]


@pytest.mark.parametrize("position", [ib.Position(frame=9, slice=1), ib.Position(plane=7)])
def test_positions_outside_the_stack_are_refused(position):
    with pytest.raises(ImageError, match="give the shape and axes"):
        ib.read_roi_set(squares((0, 0), position=position), (2, 3, 8, 8), axes="TZYX")


def test_a_single_roi_file_is_read_too(tmp_path):
    (tmp_path / "one.roi").write_bytes(ROI)
    assert np.count_nonzero(ib.read_roi_set(tmp_path / "one.roi", (8, 8)).labels) == 9


def test_folders_and_the_files_that_a_mac_adds_do_no_harm():
    data = zipped({"set/a.roi": ROI, "__MACOSX/set/._a.roi": b"x", "set/readme.txt": b"hello"})
    assert [cell.name for cell in ib.read_roi_set(data, (8, 8)).cells] == ["cell"]


@pytest.mark.parametrize("name", ["../a.roi", "/etc/a.roi", "C:/a.roi", "set\\..\\..\\a.roi"])
def test_entries_that_point_out_of_their_folder_are_refused(name):
    with pytest.raises(ImageError, match="points out of its folder"):
        ib.read_roi_set(zipped({name: ROI}), (8, 8))


def test_a_zip_of_other_files_is_no_set():
    with pytest.raises(ImageError, match="holds no ROI"):
        ib.read_roi_set(zipped({"a.txt": b"hello"}), (8, 8))


def test_entries_that_are_no_rois_are_refused():
    with pytest.raises(ImageError, match="not an ImageJ ROI"):
        ib.read_roi_set(zipped({"a.roi": b"hello" * 30}), (8, 8))


@pytest.mark.parametrize("data", [b"", b"hello", b"Iout", b"PK\3\4" + bytes(60)])
def test_other_files_are_refused(data):
    with pytest.raises(ImageError):
        ib.read_roi_set(data, (8, 8))


def test_a_file_that_is_not_there_is_an_error_in_one_sentence(tmp_path):
    with pytest.raises(ImageError, match="cannot be read"):
        ib.read_roi_set(tmp_path / "none.zip", (8, 8))


def test_a_set_cut_short_anywhere_is_refused():
    data = zipped({f"{number}.roi": ROI for number in range(3)})
    for length in range(4, len(data), 7):
        with pytest.raises(ImageError):
            ib.read_roi_set(data[:length], (8, 8))


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_wrong_byte_in_a_set_is_refused_or_read_but_never_crashes(place, value):
    data = bytearray(squares((0, 0), (4, 4)))
    data[place % len(data)] = value
    with suppress(ImageError):
        ib.read_roi_set(bytes(data), (8, 8))


def test_an_entry_that_unpacks_to_gigabytes_is_refused_at_once():
    bomb = zipped({"a.roi": bytes(2**26 + 1)})
    started = time.process_time()
    with pytest.raises(ImageError, match="unpacks to more"):
        ib.read_roi_set(bomb, (8, 8))
    assert time.process_time() - started < 2


def test_an_entry_that_lies_about_its_size_is_refused():
    data = bytearray(zipped({"a.roi": ROI + bytes(10_000)}))
    size = struct.pack("<I", len(ROI) + 10_000)
    for place in (data.find(size), data.rfind(size)):
        data[place : place + 4] = struct.pack("<I", 100)
    with pytest.raises(ImageError, match="damaged"):
        ib.read_roi_set(bytes(data), (8, 8))


def test_an_encrypted_set_is_refused():
    data = bytearray(zipped({"a.roi": ROI}))
    data[6] |= 1
    data[data.find(b"PK\1\2") + 8] |= 1
    with pytest.raises(ImageError, match="damaged or no set"):
        ib.read_roi_set(bytes(data), (8, 8))


def test_roifile_reads_what_we_write(blobs, tmp_path):
    labels = blobs()
    count = ib.write_roi_set(tmp_path / "a.zip", labels)
    rois = roifile.roiread(tmp_path / "a.zip")
    assert len(rois) == count == len(np.unique(labels)) - 1
    assert [roi.name for roi in rois] == [f"cell-{label:04d}" for label in np.unique(labels)[1:]]


def test_we_read_what_roifile_writes(tmp_path):
    ring = np.array([[1, 1], [6, 1], [6, 4], [1, 4]])
    rois = [
        roifile.ImagejRoi.frompoints(ring, name="whole"),
        roifile.ImagejRoi.frompoints(ring + np.array([0.5, 4.75]), name="part"),
    ]
    roifile.roiwrite(tmp_path / "a.zip", rois)
    labels = ib.read_roi_set(tmp_path / "a.zip", (10, 10)).labels
    assert np.argwhere(labels == 1).min(axis=0).tolist() == [1, 1]
    assert np.argwhere(labels == 1).max(axis=0).tolist() == [3, 5]
    # Centres exactly on the line are outside at its left and upper, inside at its other sides.
    assert np.argwhere(labels == 2).min(axis=0).tolist() == [6, 2]
    assert np.argwhere(labels == 2).max(axis=0).tolist() == [8, 6]


def test_numbers_above_those_of_a_short_come_back(tmp_path):
    labels = np.zeros((300, 300), np.uint32)
    labels[3, 4], labels[5:9, 6:30] = 70_000, 65_536
    ib.write_roi_set(tmp_path / "a.zip", labels)
    back = ib.read_roi_set(tmp_path / "a.zip", labels.shape).labels
    assert back.dtype == np.uint32
    np.testing.assert_array_equal(back, labels)


def test_ten_thousand_cells_are_written_in_a_few_seconds(many_cells, tmp_path: Path):
    started = time.process_time()
    assert ib.write_roi_set(tmp_path / "a.zip", many_cells) == 10_000
    assert time.process_time() - started < 8
