"""Small images, and ways to look at them."""

from __future__ import annotations

import struct

import numpy as np
import pytest


@pytest.fixture
def random():
    return np.random.default_rng(7)


@pytest.fixture
def grey(random):
    return random.integers(0, 2**16, (67, 83), dtype=np.uint16)


@pytest.fixture
def stack(random):
    return random.integers(0, 2**16, (5, 67, 83), dtype=np.uint16)


@pytest.fixture
def colours(random):
    return random.integers(0, 256, (67, 83, 3), dtype=np.uint8)


@pytest.fixture
def whole():
    """All pixels of a plane."""
    return lambda plane: plane.read(0, plane.shape[0], 0, plane.shape[1])


@pytest.fixture
def pixels(whole):
    """All pixels of an image's channel, with the leading axes."""

    def of(image, channel=None):
        planes = image.planes(channel)
        return np.stack([whole(plane) for plane in planes]).reshape(planes.shape)

    return of


@pytest.fixture
def as_grey():
    def convert(colours):
        red, green, blue = (colours[..., i].astype(np.int64) for i in range(3))
        return ((299 * red + 587 * green + 114 * blue + 500) // 1000).astype(colours.dtype)

    return convert


@pytest.fixture
def with_tag():
    """The bytes of a little-endian TIFF with another value for a tag of its first page."""

    def patch(encoded, code, value):
        encoded = bytearray(encoded)
        (offset,) = struct.unpack_from("<I", encoded, 4)
        (count,) = struct.unpack_from("<H", encoded, offset)
        entries = range(offset + 2, offset + 2 + 12 * count, 12)
        entry = next(e for e in entries if struct.unpack_from("<H", encoded, e)[0] == code)
        struct.pack_into("<HII", encoded, entry + 2, 4, 1, value)
        return bytes(encoded)

    return patch


@pytest.fixture
def discs(random):
    """A function that draws discs of the values 1..n on 0, each in a cell of a grid."""

    def draw(count=25, radius=8, spacing=24):
        side = int(np.ceil(count**0.5))
        rows, columns = np.mgrid[: side * spacing, : side * spacing]
        labels = np.zeros(rows.shape, np.int32)
        for number, place in enumerate(random.permutation(side * side)[:count]):
            row, column = (spacing * (p + 0.5) for p in divmod(place, side))
            labels[(rows - row) ** 2 + (columns - column) ** 2 < radius**2] = number + 1
        return labels

    return draw
