"""The row of pictures of an image, its true cells, its map and the cells found."""

import cv2
import numpy as np
import pytest

import samcell_core as sc
from samcell_core.training.pictures import sample_picture, write_png

SIZE = 100
BLUE, YELLOW, PINK, GREEN = (70, 190, 255), (255, 214, 10), (255, 70, 170), (130, 235, 150)
CAPTION = 26


@pytest.fixture
def scene():
    """Image, labels of three cells, and a distance map."""
    labels = np.zeros((SIZE, SIZE), np.int32)
    labels[10:40, 10:40], labels[10:40, 60:90], labels[60:90, 10:40] = 4, 9, 2
    image = np.full((SIZE, SIZE), 100, np.uint8)
    image[labels > 0] = 160
    return image, labels, (labels > 0).astype(np.float32)


def panels(picture):
    """The four panels without their captions."""
    width = (picture.shape[1] - 6) // 4
    return [picture[CAPTION:-6, 6 + n * width : n * width + width].astype(int) for n in range(4)]


def found_in(panel, colour):
    return (panel == np.array(colour)).all(axis=2)


def outline(mask):
    return mask & ~cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)


def drawn(scene, found, **options):
    image, truth, distance_map = scene
    return panels(sample_picture(image, truth, distance_map, found, size=400, **options))


def enlarged(mask):
    return np.kron(mask, np.ones((4, 4), bool))


def test_the_first_panel_is_the_image(scene):
    np.testing.assert_array_equal(
        drawn(scene, scene[1])[0][..., 1], np.kron(scene[0], np.ones((4, 4), int))
    )


def test_the_second_panel_outlines_the_true_cells(scene):
    panel = drawn(scene, scene[1] * 0)[1]
    np.testing.assert_array_equal(found_in(panel, GREEN), outline(enlarged(scene[1] > 0)))


def test_the_third_panel_is_brighter_where_the_map_is_higher(scene):
    panel = drawn(scene, scene[1])[2].sum(axis=2)
    inside = enlarged(scene[1] > 0)
    assert panel[inside].min() > panel[~inside].max()


@pytest.mark.parametrize("value", [np.nan, -3.0])
def test_what_is_below_0_in_the_map_is_drawn_as_0(scene, value):
    image, truth, distance_map = scene
    odd = np.where(distance_map == 0, np.float32(value), distance_map)
    expected = sample_picture(image, truth, distance_map, truth)
    np.testing.assert_array_equal(sample_picture(image, truth, odd, truth), expected)


def test_matched_missed_and_spurious_cells_have_colours_of_their_own(scene):
    truth = scene[1]
    found = np.where(truth == 4, 7, 0)
    found[60:90, 60:90] = 3
    panel = drawn(scene, found)[3]
    for colour, mask in (
        (BLUE, truth == 4),
        (YELLOW, (truth == 9) | (truth == 2)),
        (PINK, found == 3),
    ):
        np.testing.assert_array_equal(found_in(panel, colour), outline(enlarged(mask)))


def test_of_two_halves_of_a_cell_one_is_the_match(scene):
    found = np.where(scene[1] == 4, 1, 0)
    found[25:40, 10:40] = 2
    panel = drawn(scene, found)[3]
    np.testing.assert_array_equal(found_in(panel, PINK), outline(enlarged(found == 2)))


def test_touching_cells_are_outlined_one_by_one(scene):
    image, _, distance_map = scene
    truth = np.ones((SIZE, SIZE), np.int64)
    truth[:, 50:] = 2**40
    panel = drawn((image, truth, distance_map), truth)[3]
    assert found_in(panel, BLUE)[200, 199:201].tolist() == [True, True]


@pytest.mark.parametrize("shape", [(1, 1), (30, 7), (37, 900), (900, 300)])
def test_images_of_any_shape_fit_the_size(shape):
    labels = np.ones(shape, np.uint16)
    picture = sample_picture(labels.astype(np.uint8), labels, labels, labels, size=300)
    scale = min(300 / max(shape), 300 // max(shape) or 1)
    assert picture.shape[0] == max(1, round(shape[0] * scale)) + CAPTION + 6


def test_a_wide_caption_makes_room_for_itself(scene):
    image, truth, distance_map = scene
    short = sample_picture(image, truth, distance_map, truth, title="x")
    long = sample_picture(image, truth, distance_map, truth, title="x" * 200)
    assert long.shape[1] > short.shape[1]


@pytest.mark.parametrize("place", [1, 2, 3])
def test_arrays_of_another_size_are_refused(scene, place):
    arrays = [scene[0], scene[1], scene[2], scene[1]]
    arrays[place] = arrays[place][1:]
    with pytest.raises(sc.ImageError, match="does not fit"):
        sample_picture(*arrays)


@pytest.mark.parametrize("image", [np.zeros((9, 9), np.uint16), np.zeros((9, 9, 3), np.uint8)])
def test_an_image_that_is_not_grey_in_8_bits_is_refused(image):
    labels = np.zeros((9, 9), int)
    with pytest.raises(sc.ImageError, match="grey plane of 8 bits"):
        sample_picture(image, labels, labels, labels)


def test_a_picture_is_read_back_as_it_was_written(scene, tmp_path):
    picture = sample_picture(*scene, scene[1])
    write_png(picture, tmp_path / "ä.png")
    np.testing.assert_array_equal(sc.read_image(tmp_path / "ä.png").data, picture)


def test_a_picture_is_not_written_over_another_unasked(scene, tmp_path):
    (tmp_path / "1.png").write_text("mine")
    with pytest.raises(sc.SamcellError, match="overwrite=True"):
        write_png(sample_picture(*scene, scene[1]), tmp_path / "1.png")


def test_a_picture_takes_the_place_of_another_on_demand(scene, tmp_path):
    (tmp_path / "1.png").write_text("mine")
    write_png(sample_picture(*scene, scene[1]), tmp_path / "1.png", overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["1.png"]
    assert sc.read_image(tmp_path / "1.png").axes == "YXS"


def test_a_picture_that_cannot_be_written_says_so(scene, tmp_path):
    with pytest.raises(sc.SamcellError, match="cannot be written"):
        write_png(sample_picture(*scene, scene[1]), tmp_path / "none" / "1.png")
