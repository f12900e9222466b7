"""What overlays and close-ups show."""

import cv2
import numpy as np
import pytest

import samcell_core as sc
from samcell_core.batch import Result, write_overlay
from samcell_core.batch.lettering import draw_scale_bar, length_text, round_length
from samcell_core.batch.overlay import closeup, overlay_picture
from samcell_core.batch.pictures import picture_of
from samcell_core.batch.results import plane_name

SURE, UNSURE = (240, 220, 60), (60, 130, 255)


@pytest.fixture
def result():
    """A result of an image, its labels and the value of its distance map."""

    def make(image, labels, *, axes="YX", image_axes=None, pixel_size=None, height=1.0):
        labels = np.asarray(labels, np.uint16)
        distance = np.where(labels > 0, np.float32(height), np.float32(0))
        segmentation = sc.Segmentation(
            labels=labels,
            distance_map=distance,
            settings=sc.Settings(),
            model=sc.ModelInfo("m", "none"),
            axes=axes,
            pixel_size=pixel_size,
        )
        source = sc.as_image(np.asarray(image), axes=image_axes)
        return Result("image", source, segmentation, sc.measure(segmentation))

    return make


@pytest.fixture
def grey():
    return np.linspace(50, 60, 40 * 60).reshape(40, 60)


@pytest.fixture
def two_cells():
    labels = np.zeros((40, 60), np.uint16)
    labels[5:15, 5:15] = 1
    labels[5:15, 17:27] = 2
    return labels


def coloured(picture, colour):
    return np.argwhere((picture == colour).all(axis=-1))


def test_outlines_are_the_innermost_border_pixels_of_each_cell(result, grey, two_cells):
    picture = overlay_picture(result(grey, two_cells))
    expected = np.zeros((40, 60), bool)
    for left in (5, 17):
        expected[5:15, left : left + 10] = True
        expected[6:14, left + 1 : left + 9] = False
    np.testing.assert_array_equal(coloured(picture, SURE), np.argwhere(expected))


def test_doubtful_cells_have_another_colour(result, grey, two_cells):
    picture = overlay_picture(result(grey, two_cells, height=0.1))
    assert len(coloured(picture, UNSURE)) == 72
    assert len(coloured(picture, SURE)) == 0


def test_contrast_fills_the_range_whatever_the_grey_values(result, grey):
    picture = overlay_picture(result(grey * 100, np.zeros((40, 60))))
    assert (picture.min(), picture.max()) == (0, 255)


def test_a_few_bright_specks_do_not_darken_the_image(result, grey):
    grey[0, :5] = 1e6
    picture = overlay_picture(result(grey, np.zeros((40, 60))))
    assert np.median(picture) == pytest.approx(128, abs=10)


def test_values_that_are_no_numbers_are_black(result, grey):
    grey[3, 4] = np.nan
    assert overlay_picture(result(grey, np.zeros((40, 60))))[3, 4].tolist() == [0, 0, 0]


def test_an_even_image_is_grey(result):
    picture = overlay_picture(result(np.full((40, 60), 7, np.uint8), np.zeros((40, 60))))
    assert np.unique(picture).tolist() == [128]


def test_colours_stay_colours(result):
    image = np.zeros((40, 60, 3), np.uint8)
    image[:20, :, 0] = 250  # red
    picture = overlay_picture(result(image, np.zeros((40, 60)), image_axes="YXS"))
    assert picture[0, 0].tolist() == [0, 0, 255]  # OpenCV has blue first


def test_a_stack_shows_the_plane_with_most_cells(result, grey, two_cells):
    labels = np.stack([np.zeros_like(two_cells), two_cells])
    stack = np.stack([grey, grey])
    shown = result(stack, labels, axes="TYX", image_axes="TYX")
    assert len(coloured(overlay_picture(shown), SURE)) > 0
    assert plane_name(shown, 1) == "t 2/2"


def test_a_huge_image_becomes_a_smaller_picture():
    image = sc.as_image(np.zeros((10, 9000), np.uint8))
    picture = picture_of(image, np.zeros((10, 9000), np.uint16), 0)
    assert (picture.step, picture.colours.shape) == (3, (4, 3000, 3))


def test_the_file_is_a_png_of_the_size_of_the_image(result, grey, two_cells, tmp_path):
    write_overlay(tmp_path / "o.png", result(grey, two_cells), 0)
    assert cv2.imread(str(tmp_path / "o.png")).shape == (40, 60, 3)


def test_the_scale_bar_has_the_length_that_it_says():
    picture = np.full((300, 400, 3), 90, np.uint8)
    draw_scale_bar(picture, 0.65)
    bar = (picture[-9] == 255).all(axis=-1)  # a row through the bar, above the margin
    assert bar.sum() == round(50 / 0.65)


def test_without_a_pixel_size_there_is_no_scale_bar(result, grey):
    even = np.full((300, 400), 7, np.uint8)
    without = overlay_picture(result(even, np.zeros(even.shape)))
    assert np.unique(without).tolist() == [128]
    scaled = overlay_picture(result(even, np.zeros(even.shape), pixel_size=(1.0, 1.0)))
    assert scaled.max() == 255


@pytest.mark.parametrize(
    ("length", "text"),
    [(0.3, "200 nm"), (7.0, "5 µm"), (49.0, "20 µm"), (50.0, "50 µm"), (1300.0, "1 mm")],
)
def test_lengths_are_round_and_in_a_fitting_unit(length, text):
    assert length_text(round_length(length)) == text


def test_a_tiny_picture_stays_without_a_scale_bar():
    picture = np.full((12, 12, 3), 90, np.uint8)
    draw_scale_bar(picture, 0.5)
    assert np.unique(picture).tolist() == [90]


def test_a_close_up_has_the_outline_of_its_cell_in_orange(result, grey, two_cells):
    picture = picture_of(sc.as_image(grey), two_cells, 0)
    close = closeup(picture, 1, (5, 5, 15, 15)).astype(int)
    assert close.shape == (132, 132, 3)
    orange = (close[..., 2] - close[..., 0]) > 100
    assert orange.any()
    assert not orange[:, 100:].any()
