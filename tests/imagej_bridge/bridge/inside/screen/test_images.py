"""Images between numpy, xarray and a real ImageJ."""

import numpy as np
import pytest
import xarray

import samcell_core as sc


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32"])
def test_an_array_comes_back_the_same(connection, dtype):
    numbers = np.random.default_rng(1).integers(0, 2**16, (7, 9)).astype(np.uint16).astype(dtype)
    back = connection.from_image(connection.to_image(numbers))
    assert back.data.dtype == dtype
    np.testing.assert_array_equal(back.data, numbers)


def test_nan_and_infinity_come_back(connection):
    numbers = np.array([[np.nan, np.inf], [-np.inf, 1e-30]], np.float32)
    np.testing.assert_array_equal(connection.from_image(connection.to_image(numbers)).data, numbers)


@pytest.mark.parametrize("dtype", ["int64", "uint32", "int8", "float64", "float16", ">u2"])
def test_numbers_of_other_types_come_back_where_imagej_can_hold_them(connection, dtype):
    numbers = np.arange(120).reshape(10, 12).astype(dtype)
    np.testing.assert_array_equal(connection.from_image(connection.to_image(numbers)).data, numbers)


@pytest.mark.parametrize("number", [np.uint32(2**30 + 1), np.float64(0.1), np.float64(1e300)])
def test_numbers_that_imagej_cannot_hold_are_refused(connection, number):
    with pytest.raises(sc.ImageError, match="ImageJ cannot hold exactly"):
        connection.to_image(np.full((2, 2), number))


def test_true_and_false_become_255_and_0(connection):
    back = connection.from_image(connection.to_image(np.eye(3, dtype=bool)))
    np.testing.assert_array_equal(back.data, np.eye(3, dtype=np.uint8) * 255)


def test_each_plane_of_a_hyperstack_lies_where_imagej_looks_for_it(connection):
    time, depth, channel = np.mgrid[:2, :3, :4]
    codes = (100 * time + 10 * depth + channel).astype(np.uint16)
    image = connection.to_image(np.tile(codes[..., None, None], (5, 6)), axes="TZCYX")
    for t, z, c in np.ndindex(codes.shape):
        image.setPosition(c + 1, z + 1, t + 1)
        assert int(image.getProcessor().get(0, 0)) == codes[t, z, c]


@pytest.mark.parametrize("axes", ["TZCYX", "CZTYX", "ZCYX", "YXC", "XTY"])
def test_axes_in_any_order_come_back_in_imagejs(connection, axes):
    sizes = dict(zip("TZCYX", (2, 3, 4, 5, 6), strict=True))
    shape = [sizes[letter] for letter in axes]
    array = np.arange(np.prod(shape), dtype=np.uint16).reshape(shape)
    back = connection.from_image(connection.to_image(array, axes=axes))
    assert back.axes == "".join(letter for letter in "TZCYX" if letter in axes)
    turned = array.transpose([axes.index(letter) for letter in back.axes])
    np.testing.assert_array_equal(back.data, turned)


@pytest.mark.parametrize("axes", ["YXS", "TYXS"])
def test_rgb_comes_back_the_same(connection, axes):
    array = np.random.default_rng(2).integers(0, 256, (2, 5, 6, 3)).astype(np.uint8)
    array = array if axes == "TYXS" else array[0]
    image = connection.to_image(array, axes=axes)
    assert int(image.getBitDepth()) == 24
    back = connection.from_image(image)
    assert back.axes == axes
    np.testing.assert_array_equal(back.data, array)


def test_rgb_of_16_bits_becomes_three_channels(connection):
    array = np.arange(60, dtype=np.uint16).reshape(4, 5, 3)
    back = connection.from_image(connection.to_image(array))
    assert back.axes == "CYX"
    np.testing.assert_array_equal(back.data, np.moveaxis(array, -1, 0))


def test_the_pixel_size_arrives_and_comes_back(connection):
    image = connection.to_image(np.zeros((4, 5), np.uint8), pixel_size=(0.65, 0.325))
    assert float(image.getCalibration().getX(1)) == 0.325
    assert float(image.getCalibration().getY(1)) == 0.65
    assert connection.from_image(image).pixel_size == (0.65, 0.325)


@pytest.mark.parametrize(
    ("unit", "width", "size"),
    [("um", 0.5, 0.5), ("nm", 500.0, 0.5), ("mm", 0.5, 500.0), ("pixel", 2.0, None)],
)
def test_units_become_micrometres(connection, unit, width, size):
    image = connection.to_image(np.zeros((4, 5), np.uint8))
    scale = image.getCalibration()
    scale.setUnit(unit)
    scale.pixelWidth = scale.pixelHeight = width
    found = connection.from_image(image).pixel_size
    assert found == (None if size is None else pytest.approx((size, size)))


def test_dots_per_inch_are_no_pixel_size(connection):
    image = connection.to_image(np.zeros((4, 5), np.uint8))
    scale = image.getCalibration()
    scale.setUnit("inch")
    scale.pixelWidth = scale.pixelHeight = 1 / 72
    assert connection.from_image(image).pixel_size is None


def test_an_xarray_comes_back_identical(connection):
    array = xarray.DataArray(
        np.arange(2 * 3 * 2 * 4 * 5, dtype=np.uint16).reshape(2, 3, 2, 4, 5),
        {
            "T": ("T", np.arange(2) * 30.1, {"units": "sec", "step": 30.1, "origin": 0.0}),
            "Z": ("Z", np.arange(3) * 1.7, {"units": "micron", "step": 1.7, "origin": 0.0}),
            "C": ["Phase", "DAPI"],
            "Y": ("Y", (np.arange(4) - 2) * 0.33, {"units": "micron", "step": 0.33, "origin": 2.0}),
            "X": ("X", np.arange(5) * 0.325, {"units": "micron", "step": 0.325, "origin": 0.0}),
        },
        dims=list("TZCYX"),
        name="plate 3",
    )
    back = connection.from_image_as_xarray(connection.to_image(array))
    xarray.testing.assert_identical(back, array)


def test_what_was_changed_in_imagej_comes_back(connection):
    image = connection.to_image(np.zeros((4, 5), np.uint8))
    image.getProcessor().set(3, 1, 77)
    assert connection.from_image(image).data[1, 3] == 77


def test_the_current_image_is_taken_where_none_is_given(connection):
    connection.run_macro('newImage("ramp", "8-bit ramp", 20, 10, 1);')
    assert connection.from_image().name == "ramp"


def test_without_an_image_the_error_says_so(connection):
    with pytest.raises(sc.ImageError, match="ImageJ has no image open"):
        connection.from_image()


def test_what_is_no_image_of_imagej_is_refused_by_its_type(connection):
    with pytest.raises(sc.ImageError, match="A ndarray is no image of ImageJ"):
        connection.from_image(np.zeros((3, 3)))


def test_a_dataset_without_imagej2_is_refused(connection, java):
    with pytest.raises(sc.ImageError, match="needs ImageJ2"):
        connection.from_image(java("java.util.ArrayList")())
