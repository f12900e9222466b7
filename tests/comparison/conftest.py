"""Small label images whose cells are rectangles, and files of them."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from samcell_core.comparison import LabelReader


@pytest.fixture
def rectangles():
    """Labels 1, 2, ... of rectangles (top, bottom, left, right) on an image of 40 x 60 pixels."""

    def draw(*boxes, shape=(40, 60)):
        labels = np.zeros(shape, np.uint16)
        for number, (top, bottom, left, right) in enumerate(boxes, start=1):
            labels[top:bottom, left:right] = number
        return labels

    return draw


@pytest.fixture
def truth(rectangles):
    """Four cells, the first two of which touch."""
    return rectangles((5, 15, 5, 15), (5, 15, 15, 25), (20, 35, 5, 25), (20, 35, 40, 55))


@pytest.fixture
def wrong(rectangles):
    """The first two cells merged, the third split, the fourth missed, and one that is not there."""
    return rectangles((5, 15, 5, 25), (20, 35, 5, 15), (20, 35, 15, 25), (2, 8, 40, 50))


@pytest.fixture
def write(tmp_path):
    """Write an array as a TIFF, or an empty file, below a temporary folder."""

    def to(name, array=None):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if array is None:
            path.touch()
        else:
            tifffile.imwrite(path, array, photometric="minisblack")
        return path

    return to


@pytest.fixture
def reader():
    return LabelReader()


@pytest.fixture
def outline_reader():
    """Reads files of rectangles, a line each, in place of RoiSet.zip."""

    def read(path, shape, axes):
        labels = np.zeros(shape, np.uint16)
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            top, bottom, left, right = map(int, line.split())
            labels[..., top:bottom, left:right] = number
        return labels

    return LabelReader({".zip": read})


@pytest.fixture
def moody():
    """Make readers to which anything may happen at files called ``bad.tif``."""

    def make(error):
        class Moody(LabelReader):
            def read(self, path, like=None):
                if path.name == "bad.tif":
                    raise error
                return super().read(path, like)

        return Moody()

    return make
