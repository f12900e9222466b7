import numpy as np
import pytest
from skimage.transform import resize

from samcell_core.resample import RowScaler, ScaledPlane, scaled_shape


class ArrayPlane:
    def __init__(self, pixels):
        self.pixels = pixels
        self.shape = pixels.shape

    def read(self, top, bottom, left, right):
        return self.pixels[top:bottom, left:right]


def scaled_in_strips(values, shape, heights):
    out = np.full(shape, np.nan, np.float32)

    def keep(top, rows):
        assert np.isnan(out[top : top + len(rows)]).all()
        out[top : top + len(rows)] = rows

    scaler = RowScaler(values.shape, shape, keep)
    top = 0
    for height in heights:
        scaler(top, values[top : top + height])
        top += height
    assert top == len(values)
    return out


@pytest.mark.parametrize("scale", [0.3, 0.5, 1.7, 2.0, 3.3])
def test_a_scaled_plane_is_the_same_read_whole_or_in_parts(clouds, scale):
    plane = ArrayPlane(clouds((90, 70)))
    height, width = scaled_shape(plane.shape, scale)
    scaled = ScaledPlane(plane, (height, width))
    parts = np.vstack(
        [scaled.read(top, min(top + 7, height), 0, width) for top in range(0, height, 7)]
    )
    np.testing.assert_array_equal(parts, scaled.read(0, height, 0, width))


@pytest.mark.parametrize("scale", [1.7, 2.0, 3.3])
def test_enlarging_is_linear_interpolation(clouds, scale):
    plane = ArrayPlane(clouds((60, 50)))
    shape = scaled_shape(plane.shape, scale)
    expected = resize(plane.pixels.astype(float), shape, order=1, mode="edge")
    ours = ScaledPlane(plane, shape).read(0, shape[0], 0, shape[1])
    assert np.abs(ours - expected).max() <= 0.51  # rounded to whole grey values


def test_reducing_averages():
    stripes = ArrayPlane(np.tile(np.array([0, 200], np.uint8), (40, 20)))
    reduced = ScaledPlane(stripes, (10, 10)).read(1, 9, 1, 9)
    assert np.abs(reduced.astype(int) - 100).max() <= 1


@pytest.mark.parametrize("shape", [(31, 40), (60, 50), (100, 140), (200, 60), (1, 1)])
@pytest.mark.parametrize("heights", [[60], [1] * 60, [17, 20, 23], [59, 1]])
def test_a_map_is_the_same_scaled_whole_or_as_its_rows_come(clouds, shape, heights):
    values = clouds((60, 50), dtype=np.float32)
    np.testing.assert_allclose(
        scaled_in_strips(values, shape, heights), scaled_in_strips(values, shape, [60]), atol=1e-6
    )


def test_an_enlarged_map_is_linear_interpolation(clouds):
    values = clouds((60, 50), dtype=np.float32)
    expected = resize(values, (120, 130), order=1, mode="edge")
    np.testing.assert_allclose(scaled_in_strips(values, (120, 130), [60]), expected, atol=1e-5)


def test_scaling_never_loses_the_last_pixel():
    assert scaled_shape((3, 400), 0.05) == (1, 20)


@pytest.mark.parametrize(
    ("length", "scale", "strip"),
    [
        (527, 1.257291331643485, 64),
        (513, 1.5190970757463806, 256),
        (284, 0.7174491301825995, 128),
        (383, 3.010556418112213, 96),
    ],
)
def test_rows_that_rounding_alone_makes_ready_wait(length, scale, strip):
    old = scaled_shape((length, 8), scale)
    map_rows = np.random.default_rng(1).random(old, np.float32)
    whole, parts = [], []
    RowScaler(old, (length, 8), lambda _, rows: whole.append(rows))(0, map_rows)
    scaler = RowScaler(old, (length, 8), lambda _, rows: parts.append(rows))
    for top in range(0, old[0], strip):
        scaler(top, map_rows[top : top + strip])
    np.testing.assert_array_equal(np.concatenate(parts), np.concatenate(whole))
