"""Bytes of one ROI, as roifile reads them; what our reader makes of damage."""

from __future__ import annotations

import struct
from contextlib import suppress

import hypothesis.extra.numpy as from_numpy
import numpy as np
import pytest
import roifile
from hypothesis import given
from hypothesis import strategies as st
from skimage.draw import polygon2mask

import imagej_bridge as ib
from samcell_core import ImageError

SQUARE = np.array([[3, 4], [8, 4], [8, 9], [3, 9]])
HOLE = np.array([[5, 5], [5, 7], [7, 7], [7, 5]])


def filled_by_roifile(data: bytes, shape: tuple[int, int]) -> np.ndarray:
    inside = np.zeros(shape, bool)
    for ring in roifile.ImagejRoi.frombytes(data).coordinates(multi=True):
        inside ^= polygon2mask(shape, ring[:, ::-1] - 0.5)
    return inside


def filled_by_us(data: bytes, shape: tuple[int, int]) -> np.ndarray:
    inside = np.zeros(shape, bool)
    mask, top, left = ib.decode_roi(data).fill(*shape)
    inside[top : top + mask.shape[0], left : left + mask.shape[1]] = mask
    return inside


@given(
    from_numpy.arrays(
        np.uint8,
        from_numpy.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9),
        elements=st.integers(0, 2),
    )
)
def test_roifile_and_we_fill_to_exactly_the_cells(plane):
    for label, rings in ib.trace(plane):
        data = ib.encode_roi(rings)
        np.testing.assert_array_equal(filled_by_roifile(data, plane.shape), plane == label)
        np.testing.assert_array_equal(filled_by_us(data, plane.shape), plane == label)


def test_one_ring_is_a_traced_roi_of_whole_numbers():
    roi = roifile.ImagejRoi.frombytes(ib.encode_roi([SQUARE]))
    assert roi.roitype == roifile.ROI_TYPE.TRACED
    assert (roi.left, roi.top, roi.right, roi.bottom) == (3, 4, 8, 9)
    assert roi.integer_coordinates.tolist() == (SQUARE - (3, 4)).tolist()


def test_two_rings_are_a_composite():
    roi = roifile.ImagejRoi.frombytes(ib.encode_roi([SQUARE, HOLE]))
    assert roi.composite
    assert len(roi.coordinates(multi=True)) == 2


@pytest.mark.parametrize("offset", [60_530, 65_530, 70_000, 1_000_000])
def test_cells_beyond_the_reach_of_short_numbers_keep_their_place(offset):
    data = ib.encode_roi([SQUARE + np.array([offset, 0])])
    mask, top, left = ib.decode_roi(data).fill(20, offset + 20)
    assert (mask.all(), mask.shape, top, left) == (True, (5, 5), 4, offset + 3)


def test_rings_of_more_corners_than_a_short_can_count_are_whole():
    steps = np.arange(40_000)
    upper = np.stack([np.repeat(steps, 2)[1:-1], np.repeat(steps % 2, 2)[:-2]], axis=1)
    ring = np.concatenate([upper, [[39_999, 5], [0, 5]]])
    assert len(ring) > 65_535
    mask = ib.decode_roi(ib.encode_roi([ring])).fill(5, 40_000).mask
    assert np.count_nonzero(mask) == 39_999 * 5 - 19_999


def test_roifile_reads_name_position_and_properties():
    data = ib.encode_roi(
        [SQUARE],
        name="Zelle ß 日本 🔬",
        position=ib.Position(channel=2, slice=3, frame=4, plane=17),
        properties={"label": "7", "confidence": "0.5"},
    )
    roi = roifile.ImagejRoi.frombytes(data)
    assert roi.name == "Zelle ß 日本 🔬"
    assert (roi.c_position, roi.z_position, roi.t_position, roi.position) == (2, 3, 4, 17)
    assert roi.props == "label: 7\nconfidence: 0.5\n"


def test_a_composite_has_name_and_properties_too():
    roi = ib.decode_roi(ib.encode_roi([SQUARE, HOLE], name="two", properties={"label": "9"}))
    assert (roi.name, roi.properties) == ("two", {"label": "9"})


def test_frames_alone_are_written_as_the_number_of_the_plane():
    data = ib.encode_roi([SQUARE], position=ib.Position(frame=3, plane=3))
    assert ib.decode_roi(data).position == ib.Position(plane=3)


def test_roifile_reads_colour_and_width_of_the_line():
    roi = roifile.ImagejRoi.frombytes(
        ib.encode_roi([SQUARE], stroke_colour=(1, 2, 3), stroke_width=1.5)
    )
    assert (roi.stroke_color, roi.float_stroke_width) == (b"\xff\x01\x02\x03", 1.5)


@pytest.mark.parametrize("rings", [[SQUARE], [SQUARE, HOLE]], ids=["traced", "composite"])
def test_rois_cut_short_anywhere_in_their_outline_are_refused(rings):
    data = ib.encode_roi(rings)
    outline = struct.unpack_from(">i", data, 60)[0]
    for length in range(4, outline):
        with pytest.raises(ImageError, match="damaged or cut short"):
            ib.decode_roi(data[:length])


def test_other_bytes_are_no_roi():
    with pytest.raises(ImageError, match="is not an ImageJ ROI"):
        ib.decode_roi(b"PK\3\4" + bytes(200))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (16, b"\xff\xff"),  # more corners than bytes
        (36, b"\x7f\xff\xff\xff"),  # a shape of gigabytes
        (6, b"\xc8"),  # a type that there is not
    ],
)
def test_rois_that_claim_what_is_not_there_are_refused(place, value):
    data = bytearray(ib.encode_roi([SQUARE]))
    data[place : place + len(value)] = value
    with pytest.raises(ImageError, match="damaged"):
        ib.decode_roi(bytes(data))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e30])
def test_coordinates_that_no_image_has_are_refused(number):
    data = bytearray(ib.encode_roi([SQUARE, HOLE]))
    data[68:72] = struct.pack(">f", number)
    with pytest.raises(ImageError, match="damaged"):
        ib.decode_roi(bytes(data))


def test_an_outline_of_absurd_length_is_refused_before_memory_is_taken():
    zigzag = np.zeros((65_000, 2), np.int64)
    zigzag[::2, 1] = 50_000
    zigzag[:, 0] = np.arange(65_000) % 100
    roi = ib.decode_roi(ib.encode_roi([zigzag]))
    with pytest.raises(ImageError, match="16 million"):
        roi.fill(50_000, 100)


@given(st.binary(max_size=120))
def test_random_bytes_are_refused_or_read_but_never_crash(tail):
    with suppress(ImageError):
        ib.decode_roi(b"Iout\0\xe4" + tail).fill(20, 20)


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_wrong_byte_is_refused_or_read_but_never_crashes(place, value):
    data = bytearray(ib.encode_roi([SQUARE, HOLE], name="cell", properties={"label": "1"}))
    data[place % len(data)] = value
    with suppress(ImageError):
        ib.decode_roi(bytes(data)).fill(20, 20)


def test_rectangles_with_round_corners_and_splines_are_refused_by_name():
    rounded = roifile.ImagejRoi(
        roitype=roifile.ROI_TYPE.RECT, right=9, bottom=9, rounded_rect_arc_size=4, name="soft"
    )
    with pytest.raises(ImageError, match="The ROI soft is a rectangle with round corners"):
        ib.decode_roi(rounded.tobytes())
    spline = roifile.ImagejRoi.frompoints(SQUARE, name="bent")
    spline.options |= roifile.ROI_OPTIONS.SPLINE_FIT
    with pytest.raises(ImageError, match="The ROI bent is a fitted spline"):
        ib.decode_roi(spline.tobytes())
