"""The page of errors shows every kind of error in its colour, and needs nothing but itself."""

import base64
import os
import re

import cv2
import numpy as np
import pytest

import samcell_core as sc
from samcell_core.comparison import (
    LabelReader,
    Match,
    error_page,
    evaluate_matches,
    pool_images,
)
from samcell_core.comparison.error_pictures import KINDS, draw_errors

COLOURS = {kind.name: np.array(kind.colour[::-1]) for kind in KINDS}


@pytest.fixture
def page(write, reader, truth, wrong):
    """The page of an image with errors and one without, over their images or not."""

    def make(images=None, **options):
        matches = [
            Match(name, write(f"predicted/{name}.tif", labels), write(f"truth/{name}.tif", truth))
            for name, labels in (("good <&>", truth), ("bad", wrong))
        ]
        shown = {} if images is None else {match.second: images for match in matches}
        evaluated = list(evaluate_matches(matches, reader=reader, images=shown))
        pooled = pool_images(evaluated)
        return error_page(evaluated, pooled, reader=reader, title="My cells", **options)

    return make


def names_at(picture, y, x, shape):
    """The kind whose colour a pixel of the labels has in a picture."""
    height, width = shape
    row = (2 * y + 1) * picture.shape[0] // (2 * height)
    column = (2 * x + 1) * picture.shape[1] // (2 * width)
    pixel = picture[row, column].astype(float)
    ground = 24.0
    tints = {name: ground + 0.75 * (colour - ground) for name, colour in COLOURS.items()}
    tints["right"] = ground + 0.45 * (COLOURS["right"] - ground)
    tints["nothing"] = np.full(3, ground)
    return min(tints, key=lambda name: np.abs(tints[name] - pixel).sum())


@pytest.mark.parametrize(
    ("side", "place", "kind"),
    [
        ("predicted", (10, 8), "merged"),
        ("predicted", (27, 10), "split"),
        ("predicted", (5, 45), "spurious"),
        ("predicted", (27, 47), "nothing"),
        ("truth", (10, 8), "merged"),
        ("truth", (27, 10), "split"),
        ("truth", (27, 47), "missed"),
        ("truth", (2, 2), "nothing"),
    ],
)
def test_a_cell_has_the_colour_of_what_is_wrong_with_it(truth, wrong, side, place, kind):
    pictures = draw_errors(sc.evaluate(wrong, truth), wrong, truth)
    assert names_at(getattr(pictures, side), *place, truth.shape) == kind


def test_right_cells_are_grey(truth):
    pictures = draw_errors(sc.evaluate(truth, truth), truth, truth)
    assert names_at(pictures.truth, 27, 47, truth.shape) == "right"


def test_of_a_large_plane_the_part_with_most_errors_is_shown(rectangles):
    truth = rectangles((10, 60, 10, 60), (1100, 1160, 1200, 1280), shape=(1170, 1300))
    pictures = draw_errors(sc.evaluate(np.where(truth == 1, truth, 0), truth), truth * 0, truth)
    assert not pictures.whole
    assert pictures.rows[0] <= 1100 < 1160 <= pictures.rows[1]
    assert pictures.columns[0] <= 1200 < 1280 <= pictures.columns[1]


def test_the_page_asks_the_network_for_nothing(page):
    html = page()
    assert "default-src 'none'" in html
    assert re.findall(r"(?:src|href)=\"(?!data:|#)", html) == []


def test_pictures_are_inside_the_page(page):
    pictures = re.findall(r'src="data:image/png;base64,([^"]+)"', page())
    decoded = [cv2.imdecode(np.frombuffer(base64.b64decode(p), np.uint8), 1) for p in pictures]
    assert [picture.shape for picture in decoded] == [(280, 420, 3)] * 4


def test_the_microscope_image_is_shown_below_the_cells(page, write, clouds):
    html = page(write("images/x.tif", clouds((40, 60))))
    assert html.count('src="data:image/jpeg;base64,') == 4


def test_an_image_of_another_size_is_said_to_be_so(page, write, clouds):
    assert "cannot be shown together" in page(write("images/x.tif", clouds((41, 60))))


def test_the_worst_image_comes_first(page):
    html = page()
    assert html.index('id="image-1"><h3>bad') < html.index('id="image-2"><h3>good')


def test_names_cannot_break_the_page(page):
    html = page()
    assert "good &lt;&amp;&gt;" in html
    assert "good <&>" not in html


def test_only_as_many_images_are_shown_as_wanted(page):
    html = page(pictures=1)
    assert html.count("<h3>") == 1
    assert "1 more image with better scores" in html


def test_what_was_left_out_is_said(page):
    assert "it has no partner" in page(left_out={"lost.tif": "it has no partner"})


def test_every_kind_of_error_is_in_the_legend(page):
    html = page()
    assert all(f"<b>{kind.name}</b>" in html for kind in KINDS)


def test_of_a_stack_the_worst_plane_is_shown(write, reader, truth, wrong):
    match = Match(
        "x",
        write("p.tif", np.stack([truth, wrong, truth])),
        write("t.tif", np.stack([truth, truth, truth])),
    )
    evaluated = list(evaluate_matches([match], reader=reader))
    html = error_page(evaluated, pool_images(evaluated), reader=reader, title="x")
    assert "plane 2 of 3, the worst one" in html


@pytest.fixture
def page_of_stack(write, reader, truth, wrong):
    """The page of labels of three planes over an image."""

    def make(image):
        predicted, true = np.stack([truth, wrong, truth]), np.stack([truth] * 3)
        match = Match("x", write("p.tif", predicted), write("t.tif", true))
        images = {match.second: write("images/x.tif", image)}
        evaluated = list(evaluate_matches([match], reader=reader, images=images))
        return error_page(evaluated, pool_images(evaluated), reader=reader, title="x")

    return make


def test_the_plane_of_the_image_is_shown_below_the_plane_of_the_labels(page_of_stack, clouds):
    html = page_of_stack(np.stack([clouds((40, 60), seed) for seed in range(3)]))
    assert html.count('src="data:image/jpeg;base64,') == 2


def test_an_image_of_one_plane_is_not_shown_below_labels_of_several(page_of_stack, clouds):
    html = page_of_stack(clouds((40, 60)))
    assert "x.tif has 1 plane and the labels have 3 planes, so they cannot be shown" in html


def test_an_image_of_more_planes_than_its_labels_is_not_shown_below_them(page, write, clouds):
    html = page(write("images/x.tif", np.stack([clouds((40, 60))] * 2)))
    assert "x.tif has 2 planes and the labels have 1 plane, so they cannot be shown" in html


def test_an_image_that_cannot_be_shown_is_told_where_its_name_is_no_text(page, write):
    assert "zelle_?.tif is empty" in page(write(os.fsdecode(b"zelle_\xe4.tif")))


def test_the_scores_are_shown_without_a_picture_where_anything_goes_wrong(write, truth, moody):
    matches = [Match("x", write("p/x.tif", truth), write("t/bad.tif", truth))]
    evaluated = list(evaluate_matches(matches, reader=LabelReader()))
    reader = moody(RuntimeError("mood"))
    html = error_page(evaluated, pool_images(evaluated), reader=reader, title="x")
    assert "<p>Unexpected RuntimeError: mood</p>" in html
