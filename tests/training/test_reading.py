"""What is read of a pair, and what is refused."""

import numpy as np
import pytest
import tifffile

import samcell_core as sc
from samcell_core.training.pairs import Pair
from samcell_core.training.reading import read_pair

GREY = np.random.default_rng(5).integers(0, 256, (24, 30), dtype=np.uint8)
CELLS = np.zeros((24, 30), np.uint16)
CELLS[2:9, 2:9], CELLS[10:20, 12:20] = 7, 3


@pytest.fixture
def pair_of(tmp_path):
    """A pair of files that hold an image and labels."""

    def write(image=GREY, labels=CELLS, **options):
        tifffile.imwrite(tmp_path / "image.tif", image, **options)
        tifffile.imwrite(tmp_path / "labels.tif", labels)
        return Pair(tmp_path / "image.tif", tmp_path / "labels.tif", "", "")

    return write


def test_labels_are_numbered_anew_in_their_order(pair_of):
    _, labels = read_pair(pair_of())
    assert labels.dtype == np.int32
    np.testing.assert_array_equal(labels, np.select([CELLS == 3, CELLS == 7], [1, 2]))


def test_labels_without_an_outside_count_from_one(pair_of):
    _, labels = read_pair(pair_of(labels=np.where(CELLS == 3, 5, 2).astype(np.uint8)))
    assert np.unique(labels).tolist() == [1, 2]


def test_a_cell_in_two_pieces_stays_one_cell(pair_of):
    torn = CELLS.copy()
    torn[21:, 25:] = 3
    _, labels = read_pair(pair_of(labels=torn))
    np.testing.assert_array_equal(labels == 1, torn == 3)


def test_cells_of_one_pixel_are_kept(pair_of):
    dots = np.zeros(GREY.shape, np.uint16)
    dots[::4, ::4] = np.arange(1, 49).reshape(6, 8)
    assert read_pair(pair_of(labels=dots))[1].max() == 48


@pytest.mark.parametrize("photometric", ["miniswhite", "palette"])
def test_labels_are_the_stored_numbers_whatever_they_are_displayed_as(pair_of, photometric):
    pair = pair_of()
    palette = np.random.default_rng(2).integers(0, 2**16, (3, 256), dtype=np.uint16)
    options = {"colormap": palette} if photometric == "palette" else {}
    labels = CELLS.astype(np.uint8)
    tifffile.imwrite(pair.labels, labels, photometric=photometric, **options)
    np.testing.assert_array_equal(read_pair(pair)[1], np.select([CELLS == 3, CELLS == 7], [1, 2]))


def test_whole_numbers_stored_as_floats_are_labels(pair_of):
    assert read_pair(pair_of(labels=CELLS.astype(np.float32)))[1].max() == 2


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_the_image_is_what_the_engine_sees(pair_of, brightness, dtype):
    image = (GREY // 2 + 50).astype(dtype)
    with sc.Segmenter(brightness(), device="cpu", precision="fp32") as segmenter:
        seen = segmenter.predict(image, intensity="percentile")
    np.testing.assert_array_equal(read_pair(pair_of(image=image))[0], np.rint(seen * 255))


def test_colours_become_grey(pair_of):
    image = np.stack([GREY, GREY.T.reshape(GREY.shape), GREY], axis=-1)
    grey, _ = read_pair(pair_of(image=image, photometric="rgb"))
    assert grey.shape == GREY.shape


def test_a_few_unknown_pixels_become_black(pair_of):
    image = GREY.astype(np.float32) + 10
    image[:2] = np.nan
    assert not read_pair(pair_of(image=image))[0][:2].any()


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.stack([GREY] * 5), r"has 5 time points.*one plane"),
        (np.where(GREY < 200, np.nan, GREY).astype(np.float32), r"\d\d% of the pixels .* NaN"),
        (np.full_like(GREY, 9), "same value everywhere"),
        (np.kron(np.arange(64).reshape(8, 8), np.pad(np.ones((4, 4)), 3)), "looks like a label"),
    ],
)
def test_what_is_no_microscope_image_is_refused(pair_of, image, message):
    dtype = image.dtype if image.dtype.kind == "f" and np.isnan(image).any() else np.uint8
    with pytest.raises(sc.ImageError, match=message):
        read_pair(pair_of(image=image.astype(dtype)))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (CELLS[1:], r"labels.tif has 23 x 30 pixels and .*image.tif has 24 x 30"),
        (CELLS * 0, "no cells"),
        (CELLS * np.float32(0.5), "fractions"),
        (np.where(CELLS == 7, np.nan, CELLS).astype(np.float32), "NaN"),
        (-CELLS.astype(np.int16), "negative"),
        (np.stack([GREY] * 3, axis=-1), "colours"),
        (np.stack([CELLS] * 5), "5 time points"),
        (GREY // 32, "separate pieces"),
        (np.where(np.indices(CELLS.shape).sum(0) % 9 == 0, 255, 0).astype(np.uint8), "a mask of"),
        (np.arange(1, CELLS.size + 1, dtype=np.uint16).reshape(CELLS.shape), "720 numbers on 720"),
    ],
)
def test_what_are_no_labels_is_refused(pair_of, labels, message):
    with pytest.raises(sc.ImageError, match=message):
        read_pair(pair_of(labels=labels))
