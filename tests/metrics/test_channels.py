"""Grey values are read plane by plane, however they are stored."""

import numpy as np
import pytest
import tifffile
from stored_tiffs import KINDS, bright_value, write_stored

import samcell_core as sc
from samcell_core.metrics import measure


@pytest.fixture
def two_cells():
    labels = np.zeros((40, 50), np.uint16)
    labels[3:12, 5:20], labels[20:31, 8:40] = 1, 2
    return labels


def segmented(labels):
    return sc.Segmentation(
        labels=labels,
        distance_map=(labels > 0).astype(np.float32),
        settings=sc.Settings(),
        model=sc.ModelInfo(name="test", architecture="none"),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_measured_however_its_pixels_are_stored(two_cells, tmp_path, kind):
    image = np.where(two_cells, 220, 30).astype(np.uint8)
    write_stored(tmp_path / "image.tif", image, kind)
    table = measure(segmented(two_cells), tmp_path / "image.tif")
    for name, value in bright_value(kind, 220).items():
        assert table[name].tolist() == [value, value]


@pytest.mark.parametrize("axes", ["TCYX", "CTYX", "TYXS"])
def test_channels_of_a_compressed_stack_are_those_of_the_array(two_cells, tmp_path, rng, axes):
    sizes = {"T": 3, "C": 2, "S": 3, "Y": 40, "X": 50}
    image = rng.integers(0, 256, [sizes[letter] for letter in axes], dtype=np.uint8)
    path = tmp_path / "stack.ome.tif"
    photometric = "rgb" if "S" in axes else "minisblack"
    tifffile.imwrite(
        path, image, metadata={"axes": axes}, photometric=photometric, compression="zlib"
    )
    labels = {"labels": np.stack([two_cells] * 3), "label_axes": "TYX"}
    from_file, from_array = measure(image=path, **labels), measure(image=image, axes=axes, **labels)
    assert from_file.names == from_array.names
    for name in from_array.names:
        np.testing.assert_array_equal(from_file[name], from_array[name])


class Lazy:
    """Pixels that are read when they are asked for; remembers how many at a time."""

    def __init__(self, values):
        self.shape, self.dtype = values.shape, values.dtype
        self.most = 0
        self._values = values

    def __getitem__(self, key):
        found = self._values[key]
        self.most = max(self.most, found.size)
        return found


@pytest.mark.parametrize("axes", ["TYX", "YTX"])
def test_of_a_stack_that_is_read_lazily_one_plane_is_read_at_a_time(two_cells, rng, axes):
    stack = rng.integers(0, 256, (5, 40, 50), dtype=np.uint8)
    data = Lazy(stack if axes == "TYX" else stack.transpose(1, 0, 2))
    measure(labels=np.stack([two_cells] * 5), label_axes="TYX", image=sc.Image(data, axes, None))
    assert data.most == two_cells.size


def test_an_array_of_another_library_is_measured_without_its_axes(two_cells, rng):
    image = rng.integers(0, 256, (2, 40, 50), dtype=np.uint8)
    lazy, known = (measure(labels=two_cells, image=each) for each in (Lazy(image), image))
    np.testing.assert_array_equal(lazy["intensity_std_c1"], known["intensity_std_c1"])


def test_a_plane_without_masked_pixels_keeps_its_values_beside_one_that_has_some():
    image = np.ma.array([[[5, 6]], [[7, 8]]], mask=[[[True, False]], [[False, False]]])
    table = measure(labels=np.ones((2, 1, 2), int), label_axes="TYX", image=image, axes="TYX")
    np.testing.assert_array_equal(table["intensity_mean"], [np.nan, 7.5])


def test_what_holds_no_grey_values_is_refused(two_cells):
    with pytest.raises(sc.ImageError, match="grey values, not complex64"):
        measure(labels=two_cells, image=two_cells.astype(np.complex64))
