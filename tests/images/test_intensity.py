from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from samcell_core.errors import SettingsError
from samcell_core.images import as_image, eight_bit

RULES = ("auto", "percentile", "minmax", "full")
TYPES = ["?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]


def plane_of(data):
    return as_image(np.asarray(data), axes="YX").planes()[0]


def mapped(data, intensity="auto"):
    plane = eight_bit(plane_of(data), intensity)
    assert plane.dtype == np.uint8
    pixels = plane.read(0, plane.shape[0], 0, plane.shape[1])
    assert pixels.dtype == np.uint8
    return pixels


def test_auto_leaves_uint8_as_it_is(random):
    data = random.integers(50, 60, (9, 9), dtype=np.uint8)
    assert np.array_equal(mapped(data), data)


@pytest.mark.parametrize("dtype", [t for t in TYPES if t not in ("?", "u1")])
def test_auto_is_percentile_for_all_other_numbers(random, dtype):
    data = (random.random((40, 40)) * 100).astype(dtype)
    assert np.array_equal(mapped(data, "auto"), mapped(data, "percentile"))


@pytest.mark.parametrize("intensity", RULES)
def test_false_and_true_are_black_and_white(intensity):
    assert mapped([[False, True]], intensity).tolist() == [[0, 255]]


@pytest.mark.parametrize("intensity", RULES)
def test_only_true_stays_white(intensity):
    assert mapped([[True, True]], intensity).tolist() == [[255, 255]]


def test_percentile_maps_the_percentiles_linearly(random):
    data = random.normal(1000, 100, (80, 90))
    low, high = np.percentile(data, [0.1, 99.9])
    expected = np.rint(np.clip((data - low) / (high - low), 0, 1) * 255)
    assert np.array_equal(mapped(data, "percentile"), expected)


def test_percentile_of_uint8_stretches_it(random):
    data = random.integers(100, 120, (50, 50), dtype=np.uint8)
    assert (mapped(data, "percentile").min(), mapped(data, "percentile").max()) == (0, 255)


def test_few_hot_pixels_do_not_darken_the_rest(random):
    data = random.integers(100, 200, (100, 100)).astype(np.uint16)
    data[0, :5] = 65535
    assert mapped(data, "percentile")[1:].mean() > 100


def test_a_few_bright_pixels_on_a_constant_background_stay_visible():
    data = np.zeros((100, 100), np.uint16)
    data[0, :5] = 700
    assert mapped(data).tolist()[0][:6] == [255] * 5 + [0]


def test_minmax_maps_the_whole_range_of_the_plane():
    assert mapped([[-10.0, 0.0, 10.0]], "minmax").tolist() == [[0, 128, 255]]


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        ("u1", [0, 7, 255], [0, 7, 255]),
        ("i1", [-128, -1, 127], [0, 127, 255]),
        ("u2", [0, 257, 65535], [0, 1, 255]),
        ("i2", [-32768, 0, 32767], [0, 128, 255]),
        ("u4", [0, 2**31, 2**32 - 1], [0, 128, 255]),
        ("i8", [-(2**63), 0, 2**63 - 1], [0, 128, 255]),
        ("u8", [0, 2**63, 2**64 - 1], [0, 128, 255]),
        ("f4", [0.0, 0.5, 1.0], [0, 128, 255]),
        ("f8", [-3.0, 0.2, 7.0], [0, 51, 255]),
    ],
)
def test_full_maps_the_whole_range_of_the_type(dtype, values, expected):
    assert mapped(np.array([values], dtype), "full").tolist() == [expected]


@pytest.mark.parametrize("dtype", [t for t in TYPES if t != "?"])
def test_the_extremes_of_a_type_neither_wrap_nor_warn(dtype):
    limits = np.finfo(dtype) if dtype[0] == "f" else np.iinfo(dtype)
    data = np.array([[limits.min, limits.max]], dtype)
    assert mapped(data, "minmax").tolist() == [[0, 255]]


@pytest.mark.parametrize("intensity", ["auto", "percentile", "minmax"])
@pytest.mark.parametrize("dtype", [t for t in TYPES if t not in ("?", "u1")])
def test_a_constant_image_becomes_black(dtype, intensity):
    assert not mapped(np.full((6, 7), 77, dtype), intensity).any()


def test_auto_leaves_a_constant_uint8_image_as_it_is():
    assert (mapped(np.full((6, 7), 77, np.uint8)) == 77).all()


@pytest.mark.parametrize("intensity", RULES)
def test_nan_is_black_and_infinity_white(intensity):
    data = np.array([[np.nan, np.inf, -np.inf, 0.0, 1.0]])
    assert mapped(data, intensity).tolist() == [[0, 255, 0, 0, 255]]


def test_nan_and_infinity_are_not_measured(random):
    data = random.random((30, 30))
    spoiled = data.copy()
    spoiled[::2] = np.nan
    spoiled[1, :3] = np.inf
    low, high = np.percentile(spoiled[np.isfinite(spoiled)], [0.1, 99.9])
    expected = np.rint(np.clip((data[3] - low) / (high - low), 0, 1) * 255)
    assert np.array_equal(mapped(spoiled)[3], expected)


@pytest.mark.parametrize("intensity", RULES)
def test_an_image_without_any_finite_value_is_mapped(intensity):
    assert mapped(np.array([[np.nan, np.inf, -np.inf]]), intensity).tolist() == [[0, 255, 0]]


def test_denormal_differences_raise_no_warning():
    assert mapped(np.array([[0.0, 5e-324]]), "minmax").tolist() == [[0, 255]]


@settings(deadline=None)  # machines that run tests are busy
@given(
    nps.arrays(st.sampled_from(["u2", "i4", "f4"]), (9, 11)),
    st.sampled_from(RULES),
    st.integers(0, 9),
    st.integers(0, 11),
)
def test_values_do_not_depend_on_the_region(data, intensity, row, column):
    plane = eight_bit(plane_of(data), intensity)
    pixels = plane.read(0, 9, 0, 11)
    assert np.array_equal(plane.read(row, 9, column, 11), pixels[row:, column:])
    assert np.array_equal(plane.read(0, row, 0, column), pixels[:row, :column])


@settings(deadline=None)  # machines that run tests are busy
@given(nps.arrays("f8", 30, elements=st.floats(allow_nan=False)), st.sampled_from(RULES))
def test_brighter_never_becomes_darker(data, intensity):
    ordered = mapped(np.sort(data)[None], intensity)[0].astype(int)
    assert (np.diff(ordered) >= 0).all()


def test_reading_is_lazy(grey):
    data = grey.copy()
    plane = eight_bit(plane_of(data), "full")
    data[:] = 0
    assert not plane.read(0, 67, 0, 83).any()


def test_a_large_plane_is_measured_on_a_regular_grid(random):
    ramp = np.arange(2100, dtype=np.uint16)
    large = np.broadcast_to(ramp, (2100, 2100))  # over 4 million pixels: every second is taken
    low, high = np.percentile(large[::2, ::2], [0.1, 99.9])
    expected = np.rint(np.clip((ramp - low) / (high - low), 0, 1) * 255)
    plane = eight_bit(plane_of(large))
    assert np.array_equal(plane.read(1000, 1001, 0, 2100)[0], expected)


def test_a_large_plane_is_measured_in_strips():
    class Watched:
        shape, dtype = (3000, 3000), np.dtype(np.uint16)
        largest = 0

        def read(self, top, bottom, left, right):
            self.largest = max(self.largest, (bottom - top) * (right - left))
            return np.full((bottom - top, right - left), 5, np.uint16)

    plane = Watched()
    eight_bit(plane)
    assert plane.largest <= 2**21


def test_a_plane_of_one_long_row_is_measured():
    row = np.zeros((1, 5_000_000), np.uint16)
    row[:, ::2] = 700  # the grid: of every two pixels the first
    assert eight_bit(plane_of(row)).read(0, 1, 0, 3).tolist() == [[255, 0, 255]]


def test_an_unknown_rule_is_refused_with_the_known_ones(grey):
    with pytest.raises(SettingsError, match="'percentile', 'minmax'"):
        eight_bit(plane_of(grey), "best")
