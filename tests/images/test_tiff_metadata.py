from __future__ import annotations

import numpy as np
import pytest
import tifffile

from samcell_core.images import read_image


@pytest.fixture
def read(tmp_path):
    def back(**options):
        data = options.pop("data", np.zeros((6, 7), np.uint16))
        tifffile.imwrite(tmp_path / "image.tif", data, **options)
        return read_image(tmp_path / "image.tif")

    return back


def ome(x=0.5, y=0.25, **units):
    return {"ome": True, "metadata": {"PhysicalSizeX": x, "PhysicalSizeY": y, **units}}


def test_ome_gives_height_and_width(read):
    assert read(**ome()).pixel_size == (0.25, 0.5)


@pytest.mark.parametrize(
    ("unit", "micrometres"),
    [("\u00b5m", 0.5), ("\u03bcm", 0.5), ("nm", 0.0005), ("mm", 500), ("m", 5e5), ("inch", 12700)],
)
def test_units_of_ome_become_micrometres(read, unit, micrometres):
    size = read(**ome(0.5, 0.5, PhysicalSizeXUnit=unit, PhysicalSizeYUnit=unit)).pixel_size
    assert size == pytest.approx((micrometres, micrometres))


@pytest.mark.parametrize("unit", ["pixel", "reference frame"])
def test_units_without_a_length_give_no_pixel_size(read, unit):
    units = {"PhysicalSizeXUnit": unit, "PhysicalSizeYUnit": unit}
    assert read(**ome(1, 1, **units)).pixel_size is None


@pytest.mark.parametrize("size", [0, -1, "inf", "nan"])
def test_sizes_of_ome_that_are_no_length_are_passed_over(read, size):
    assert read(**ome(size, size)).pixel_size is None


def test_one_side_alone_gives_no_pixel_size(read):
    assert read(ome=True, metadata={"PhysicalSizeX": 0.5}).pixel_size is None


@pytest.mark.parametrize(
    ("unit", "per_unit", "micrometres"),
    [
        ("um", 2, 0.5),
        ("micron", 2, 0.5),
        ("\\u00B5m", 2, 0.5),
        ("nm", 0.01, 0.1),
        ("mm", 2000, 0.5),
        ("cm", 20000, 0.5),
        ("inch", 50800, 0.5),
    ],
)
def test_imagej_gives_pixels_in_a_unit(read, unit, per_unit, micrometres):
    image = read(imagej=True, resolution=(per_unit, per_unit), metadata={"unit": unit})
    assert image.pixel_size == pytest.approx((micrometres, micrometres))


@pytest.mark.parametrize("unit", ["pixel", "", "furlong"])
def test_imagej_without_a_length_gives_no_pixel_size(read, unit):
    assert read(imagej=True, resolution=(2, 2), metadata={"unit": unit}).pixel_size is None


@pytest.mark.parametrize(("unit", "per_unit"), [("CENTIMETER", 20000), ("INCH", 50800)])
def test_a_fine_resolution_of_plain_tiff_is_a_pixel_size(read, unit, per_unit):
    image = read(resolution=(per_unit, 2 * per_unit), resolutionunit=unit)
    assert image.pixel_size == pytest.approx((0.25, 0.5))


@pytest.mark.parametrize("dots", [1, 72, 96, 150, 300, 600, 1200, 2400])
@pytest.mark.parametrize("imagej", [False, True])
def test_a_resolution_for_printing_is_no_pixel_size(read, dots, imagej):
    options = {"metadata": {"unit": "inch"}} if imagej else {}
    image = read(imagej=imagej, resolution=(dots, dots), resolutionunit="INCH", **options)
    assert image.pixel_size is None


def test_a_resolution_without_a_unit_is_no_pixel_size(read):
    assert read(resolution=(20000, 20000), resolutionunit="NONE").pixel_size is None


def test_a_resolution_of_zero_is_no_pixel_size(read):
    assert read(resolution=((0, 1), (0, 1)), resolutionunit="CENTIMETER").pixel_size is None


def test_the_pixel_size_of_the_user_wins(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((6, 7), np.uint8), **ome())
    assert read_image(tmp_path / "a.tif", pixel_size=2).pixel_size == (2.0, 2.0)


def test_ome_names_its_channels(read):
    image = read(
        data=np.zeros((2, 6, 7), np.uint16),
        ome=True,
        metadata={"axes": "CYX", "Channel": {"Name": ["Phase", "DAPI"]}},
    )
    assert image.channel_names == ("Phase", "DAPI")


def test_imagej_names_its_channels_by_labels(read):
    image = read(
        data=np.zeros((2, 6, 7), np.uint16),
        imagej=True,
        metadata={"axes": "CYX", "Labels": ["Phase", "DAPI"]},
    )
    assert image.channel_names == ("Phase", "DAPI")


def test_labels_of_planes_are_no_channel_names(read):
    image = read(
        data=np.zeros((3, 2, 6, 7), np.uint16),
        imagej=True,
        metadata={"axes": "ZCYX", "Labels": list("abcdef")},
    )
    assert image.channel_names == ()
