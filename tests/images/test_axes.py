from __future__ import annotations

import numpy as np
import pytest

from samcell_core.errors import ImageError
from samcell_core.images import Image, as_image


@pytest.mark.parametrize(
    ("shape", "axes"), [((6, 7), "YX"), ((6, 7, 3), "YXS"), ((6, 7, 4), "YXS")]
)
def test_axes_of_pictures_are_told_from_the_shape(shape, axes):
    assert as_image(np.zeros(shape, np.uint8)).axes == axes


@pytest.mark.parametrize("shape", [(5, 6, 7), (1, 6, 7), (2, 5, 6, 7), (2, 5, 6, 7, 3), (1,) * 7])
def test_other_shapes_are_refused_with_a_sentence_that_shows_the_shape(shape):
    with pytest.raises(ImageError, match=r"give axes=") as refused:
        as_image(np.zeros(shape, np.uint8))
    assert str(shape) in str(refused.value)


@pytest.mark.parametrize("shape", [(), (7,)])
def test_less_than_two_axes_are_no_image(shape):
    with pytest.raises(ImageError, match="at least two axes"):
        as_image(np.zeros(shape, np.uint8))


def test_axes_may_be_given_in_lower_case():
    assert as_image(np.zeros((5, 6, 7), np.uint8), axes="zyx").axes == "ZYX"


@pytest.mark.parametrize("axes", ["QYX", "IYX", "PYX"])
def test_a_lone_unknown_leading_axis_is_taken_as_time(axes):
    assert as_image(np.zeros((5, 6, 7), np.uint8), axes=axes).axes == "TYX"


@pytest.mark.parametrize("axes", ["QPYX", "TPYX", "YXQP", "CYXP", "C1YX"])
def test_other_unknown_letters_are_refused_with_the_known_ones(axes):
    with pytest.raises(ImageError, match="T, Z, C, Y, X, S"):
        as_image(np.zeros((2, 5, 6, 7), np.uint8), axes=axes)


def test_a_letter_given_twice_is_refused():
    with pytest.raises(ImageError, match="names T more than once"):
        as_image(np.zeros((2, 5, 6, 7), np.uint8), axes="TTYX")


@pytest.mark.parametrize("axes", ["TZC", "YCT", "", "XTZ"])
def test_axes_without_y_and_x_are_refused(axes):
    with pytest.raises(ImageError, match="lacks Y or X"):
        as_image(np.zeros((5, 6, 7), np.uint8), axes=axes)


@pytest.mark.parametrize("axes", ["YX", "TZYX"])
def test_axes_that_do_not_match_the_shape_are_refused(axes):
    with pytest.raises(ImageError, match=r"but array has 3 \(its shape is \(5, 6, 7\)\)"):
        as_image(np.zeros((5, 6, 7), np.uint8), axes=axes)


def test_more_samples_than_rgba_are_refused():
    with pytest.raises(ImageError, match="C in place of S"):
        as_image(np.zeros((6, 7, 5), np.uint8), axes="YXS")


def test_an_image_made_by_hand_is_checked_like_others():
    with pytest.raises(ImageError, match="names Y more than once"):
        Image(np.zeros((6, 7), np.uint8), "YY", None)
