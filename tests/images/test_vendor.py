from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from samcell_core.errors import ImageError
from samcell_core.images import read_image


@pytest.fixture
def microscope_file(tmp_path):
    path = tmp_path / "cells.czi"
    path.write_bytes(b"some maker's bytes")
    return path


@pytest.fixture
def bioio(monkeypatch):
    """Stands for the optional package; what it shall read is set on it."""
    module = ModuleType("bioio")

    def open_image(path):
        if isinstance(module.content, Exception):
            raise module.content
        return module.content

    module.BioImage = open_image
    monkeypatch.setitem(sys.modules, "bioio", module)
    return module


def content(data, order="TCZYX", names=("Phase",), scenes=("one",), size=0.5):
    return SimpleNamespace(
        dask_data=data,
        dims=SimpleNamespace(order=order),
        channel_names=list(names),
        physical_pixel_sizes=SimpleNamespace(Z=None, Y=size, X=size),
        scenes=scenes,
    )


@pytest.mark.parametrize("ending", ["nd2", "czi", "lif", "ND2"])
def test_without_the_extra_its_name_is_told(tmp_path, monkeypatch, ending):
    monkeypatch.setitem(sys.modules, "bioio", None)
    (tmp_path / f"cells.{ending}").touch()
    with pytest.raises(ImageError, match=r'pip install "samcell-suite\[formats\]"'):
        read_image(tmp_path / f"cells.{ending}")


def test_axes_that_the_file_does_not_have_are_dropped(microscope_file, bioio, grey, pixels):
    bioio.content = content(grey[None, None, None])
    image = read_image(microscope_file)
    assert image.axes == "YX"
    assert np.array_equal(pixels(image), grey)


def test_axes_channels_and_pixel_size_are_taken_over(microscope_file, bioio, stack):
    bioio.content = content(stack[None, :, None], names="ABCDE")
    image = read_image(microscope_file)
    assert (image.axes, image.channel_names) == ("CYX", tuple("ABCDE"))
    assert image.pixel_size == (0.5, 0.5)


def test_an_unknown_pixel_size_stays_unknown(microscope_file, bioio, grey):
    bioio.content = content(grey[None, None, None], size=None)
    assert read_image(microscope_file).pixel_size is None


def test_further_scenes_are_noted(microscope_file, bioio, grey):
    bioio.content = content(grey[None, None, None], scenes=("one", "two"))
    assert "holds 2 images" in read_image(microscope_file).notes[0]


def test_a_file_that_its_reader_refuses_is_refused(microscope_file, bioio):
    bioio.content = RuntimeError("Illegal data at offset 0")
    with pytest.raises(ImageError, match=r"cells.czi cannot be read as CZI"):
        read_image(microscope_file)
