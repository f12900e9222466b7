"""Small label images with everything that measures stumble over."""

import numpy as np
import pytest
from scipy import ndimage


def voronoi(shape, cells, rng, background=0.0):
    """Touching cells that fill the image, with holes of background punched into it."""
    seeds = rng.random((cells, 2)) * shape
    y, x = np.indices(shape)
    distance = (y[..., None] - seeds[:, 0]) ** 2 + (x[..., None] - seeds[:, 1]) ** 2
    labels = distance.argmin(axis=-1) + 1
    if background:
        noise = ndimage.gaussian_filter(rng.random(shape), 2)
        labels[noise < np.quantile(noise, background)] = 0
    return labels


def disc(shape, centre, radius):
    y, x = np.indices(shape)
    return (y - centre[0]) ** 2 + (x - centre[1]) ** 2 <= radius**2


@pytest.fixture
def rng():
    return np.random.default_rng(20250901)


@pytest.fixture
def crowd(rng):
    """Sixty touching, ragged cells with gaps between some of them."""
    return voronoi((120, 150), 60, rng, background=0.3)


@pytest.fixture
def scattered(rng):
    """Cells that are torn into pieces and wrapped around each other; ids with gaps."""
    return rng.integers(0, 12, (40, 31)) * 7


@pytest.fixture
def grey(rng):
    """A grey image of the size of the crowd."""
    return rng.integers(0, 65536, (120, 150), dtype=np.uint16)
