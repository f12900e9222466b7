"""Images as xarray, without Java."""

import numpy as np
import pytest
import xarray

import samcell_core as sc
from imagej_bridge.calibration import Steps
from imagej_bridge.xarrays import from_xarray


def array_of(dims, **coordinates):
    sizes = {"t": 2, "ch": 2, "z": 3, "pln": 3, "y": 4, "row": 4, "x": 5, "col": 5}
    shape = [sizes[name.lower()] for name in dims]
    return xarray.DataArray(np.zeros(shape), coordinates, dims=dims)


@pytest.mark.parametrize(
    ("dims", "axes"),
    [
        (("t", "pln", "row", "col", "ch"), "TZYXC"),
        (("z", "y", "x"), "ZYX"),
        (("T", "Y", "X"), "TYX"),
    ],
)
def test_dimensions_are_known_by_name(dims, axes):
    assert from_xarray(array_of(dims))[0].axes == axes


def test_a_dimension_without_a_meaning_is_refused():
    with pytest.raises(sc.ImageError, match=r"without a meaning here \(angle\): rename"):
        from_xarray(xarray.DataArray(np.zeros((2, 3, 4)), dims=["angle", "y", "x"]))


def test_the_pixel_size_is_told_from_coordinates_with_units():
    coordinates = {
        "y": ("y", np.arange(4) * 0.65, {"units": "um"}),
        "x": ("x", 3 + np.arange(5) * 325, {"units": "nm"}),
    }
    image, steps = from_xarray(array_of(("y", "x"), **coordinates))
    assert image.pixel_size == pytest.approx((0.65, 0.325))
    assert steps["X"] == Steps(325, "nm", pytest.approx(-3 / 325))


def test_coordinates_without_units_are_no_micrometres():
    coordinates = {"y": np.arange(4) * 0.5, "x": np.arange(5) * 0.5}
    assert from_xarray(array_of(("y", "x"), **coordinates))[0].pixel_size is None


def test_coordinates_at_unequal_distances_are_left_out():
    assert from_xarray(array_of(("y", "x"), x=[0, 1, 2, 4, 8]))[1] == {}


def test_the_steps_of_an_array_that_was_cut_are_those_it_has_now():
    notes = {"units": "micron", "step": 0.5, "origin": 0.0}
    whole = array_of(("y", "x"), x=("x", np.arange(5) * 0.5, notes))
    assert from_xarray(whole[:, 1::2])[1]["X"] == Steps(1.0, "micron", -0.5)


def test_names_of_channels_are_kept():
    named = array_of(("ch", "y", "x"), ch=["Phase", "DAPI"])
    assert from_xarray(named)[0].channel_names == ("Phase", "DAPI")


def test_numbers_of_channels_are_no_names():
    assert from_xarray(array_of(("ch", "y", "x"), ch=[0, 1]))[0].channel_names == ()
