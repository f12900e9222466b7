from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samcell_core.images import as_image


class OnlySlices:
    """Lazily read data, as zarr or dask arrays are, that counts what is asked of it."""

    def __init__(self, data):
        self._data = data
        self.shape, self.dtype = data.shape, data.dtype
        self.asked = []

    def __getitem__(self, key):
        part = self._data[key]
        self.asked.append(part.size)
        return part


def test_planes_keep_the_leading_axes_in_their_order(random):
    planes = as_image(np.zeros((2, 3, 1, 6, 7)), axes="ZTCYX").planes()
    assert (planes.axes, planes.shape, len(planes)) == ("ZTYX", (2, 3, 6, 7), 6)


def test_a_plane_of_two_axes_is_the_only_one(grey):
    planes = as_image(grey).planes()
    assert (planes.axes, planes.shape, len(planes)) == ("YX", (67, 83), 1)


def test_planes_come_in_the_order_of_their_axes(random, whole):
    data = random.integers(0, 9, (2, 3, 6, 7))
    planes = as_image(data, axes="TZYX").planes()
    assert np.array_equal([whole(p) for p in planes], data.reshape(6, 6, 7))


def test_planes_count_from_the_end_too(stack, whole):
    assert np.array_equal(whole(as_image(stack, axes="TYX").planes()[-1]), stack[-1])


def test_there_is_no_plane_after_the_last(stack):
    with pytest.raises(IndexError, match="plane 5 of 5"):
        as_image(stack, axes="TYX").planes()[5]


@pytest.mark.parametrize("axes", ["XTY", "YXT", "XYT", "TXY"])
def test_axes_may_have_any_order(stack, pixels, axes):
    data = stack.transpose(["TYX".index(letter) for letter in axes])
    assert np.array_equal(pixels(as_image(data, axes=axes)), stack)


@settings(deadline=None)  # machines that run tests are busy
@given(
    st.tuples(st.integers(0, 6), st.integers(0, 6)), st.tuples(st.integers(0, 7), st.integers(0, 7))
)
def test_a_region_is_that_part_of_the_plane(rows, columns):
    data = np.arange(42).reshape(6, 7)
    (top, bottom), (left, right) = sorted(rows), sorted(columns)
    region = as_image(data).planes()[0].read(top, bottom, left, right)
    assert np.array_equal(region, data[top:bottom, left:right])


@pytest.mark.parametrize("region", [(-1, 2, 0, 7), (0, 7, 0, 7), (0, 6, 3, 8), (4, 3, 0, 7)])
def test_a_region_outside_the_plane_is_an_error(region):
    with pytest.raises(IndexError, match="leave the plane of 6 x 7"):
        as_image(np.zeros((6, 7))).planes()[0].read(*region)


def test_only_the_region_is_read(stack):
    lazy = OnlySlices(stack)
    as_image(lazy, axes="TYX").planes()[2].read(10, 20, 30, 50)
    assert lazy.asked == [200]


def test_what_is_done_to_a_region_does_not_reach_the_image(grey):
    before = grey.copy()
    as_image(grey).planes()[0].read(0, 10, 0, 10)[:] = 1
    assert np.array_equal(grey, before)


def test_big_endian_pixels_become_native(grey):
    plane = as_image(grey.astype(">u2")).planes()[0]
    region = plane.read(0, 10, 0, 10)
    assert plane.dtype.isnative
    assert region.dtype.isnative
    assert np.array_equal(region, grey[:10, :10])


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32])
def test_rgb_becomes_grey_exactly_in_its_own_type(random, pixels, as_grey, dtype):
    limits = np.iinfo(dtype)
    data = random.integers(limits.min, limits.max, (20, 20, 3), dtype=dtype, endpoint=True)
    grey = pixels(as_image(data))
    assert grey.dtype == dtype
    assert np.array_equal(grey, as_grey(data))


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint32, np.int64, np.uint64])
def test_white_and_black_stay_in_range_as_grey(pixels, dtype):
    limits = np.iinfo(dtype)
    data = np.full((1, 2, 3), limits.max, dtype)
    data[:, 1] = limits.min
    white, black = pixels(as_image(data))[0].tolist()
    assert black == limits.min
    assert limits.max - white <= limits.max * 2**-53


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_in_rgb_are_weighted(pixels, dtype):
    data = np.array([[[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]]], dtype)
    grey = pixels(as_image(data))
    assert grey.dtype == dtype
    assert np.array_equal(grey, np.array([[0.299, 0.587, 0.114]], dtype))


def test_infinite_colours_raise_no_warning(pixels):
    data = np.array([[[np.inf, -np.inf, 0], [np.inf, 0, 0]]])
    assert np.array_equal(pixels(as_image(data)), [[np.nan, np.inf]], equal_nan=True)


def test_alpha_is_ignored(colours, pixels, as_grey):
    data = np.concatenate([colours, np.zeros((67, 83, 1), np.uint8)], axis=-1)
    assert np.array_equal(pixels(as_image(data)), as_grey(colours))


def test_transparency_of_grey_is_ignored(colours, pixels):
    data = colours[..., :2]
    assert np.array_equal(pixels(as_image(data, axes="YXS")), data[..., 0])
