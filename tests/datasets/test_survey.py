"""What is told of annotated images before they are trained on."""

import csv
import json

import numpy as np
import pytest

import samcell_core as sc
from samcell_core.datasets import find_annotated, make_survey


def grid(side=9):
    """Nine equal cells."""
    labels = np.zeros((60, 60), np.uint16)
    for number in range(9):
        row, column = 20 * (number // 3) + 3, 20 * (number % 3) + 3
        labels[row : row + side, column : column + side] = number + 1
    return labels


@pytest.fixture
def survey_of(put):
    """The survey of images with these labels."""

    def survey(*labels, **choices):
        noise = np.random.default_rng(1).integers(0, 256, (len(labels), 60, 60), dtype=np.uint8)
        files = {}
        for number, (image, cells) in enumerate(zip(noise, labels, strict=True)):
            files |= {f"{number}__tif": image, f"{number}_labels__tif": cells}
        return make_survey(find_annotated(put(**files), **choices))

    return survey


def test_images_and_cells_are_counted(survey_of):
    [summary] = survey_of(grid(), grid(7)).sets
    assert (summary.name, summary.images, summary.cells) == ("data", 2, 18)


def test_diameters_are_those_of_circles_of_the_same_area(survey_of):
    [summary] = survey_of(grid()).sets
    assert summary.diameter == pytest.approx((np.sqrt(4 / np.pi * 81),) * 3)


def test_sizes_and_types_of_images_are_counted(survey_of, put):
    put(**{"9__tif": np.arange(600, dtype=np.uint16).reshape(20, 30)})
    put(**{"9_labels__tif": grid()[:20, :30]})
    [summary] = survey_of(grid(), grid()).sets
    assert summary.sizes == {"60 x 60": 2, "20 x 30": 1}
    assert summary.types == {"uint8": 2, "uint16": 1}


def cut(labels):
    labels[3:12, 0:4] = 1


def torn(labels):
    labels[3:12, 7] = 0


def hollow(labels):
    labels[6:8, 6:8] = 0


def tiny(labels):
    labels[15, 15] = 99


def huge(labels):
    labels[23:, 16:] = 9


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (cut, "cut"),
        (torn, "in_pieces"),
        (hollow, "with_holes"),
        (tiny, "tiny"),
        (huge, "huge"),
    ],
)
def test_what_is_odd_of_a_cell_is_counted_and_nothing_else(survey_of, change, what):
    labels = grid()
    change(labels)
    [summary] = survey_of(labels).sets
    odd = ("cut", "in_pieces", "with_holes", "tiny", "huge")
    counted = {name: getattr(summary, name) for name in odd}
    assert {name for name, count in counted.items() if count} - {"cut"} == {what} - {"cut"}
    assert counted[what] == 1


def test_a_sliver_at_the_border_is_not_tiny(survey_of):
    labels = grid()
    labels[0, 15] = 99
    assert survey_of(labels).sets[0].tiny == 0


def test_overlaps_are_counted(coco, boxes):
    survey = make_survey(find_annotated(coco([boxes(2, 3, 8, 7)], [boxes(6, 3, 12, 7)])))
    assert survey.sets[0].overlapping == 8


def test_images_with_the_same_pixels_are_told(survey_of, put):
    put(**{"8__tif": grid(5).astype(np.uint8) + 3, "8_labels__tif": grid()})
    put(**{"9__tif": grid(5) + 3, "9_labels__tif": grid()})
    survey = survey_of(grid())
    assert {image.name: image.duplicate_of for image in survey.images} == {
        "data/0.tif": "",
        "data/8.tif": "",
        "data/9.tif": "data/8.tif",
    }


def test_what_cannot_be_trained_on_is_told_and_the_others_are_surveyed(survey_of):
    survey = survey_of(grid(), grid() * 0)
    assert (survey.sets[0].refused, survey.sets[0].cells) == (1, 9)
    assert "1_labels.tif has no cells" in survey.images[1].problem


def test_an_image_that_cannot_be_read_is_told(survey_of, put):
    put(**{"9__tif": b"nonsense", "9_labels__tif": grid()})
    assert "9.tif" in survey_of(grid()).images[1].problem


def test_images_without_labels_are_told(survey_of, put):
    put("9.tif")
    assert survey_of(grid(), skip_unlabelled=True).unlabelled[0].endswith("9.tif")


def test_the_worst_comes_first(survey_of):
    bad, worse = grid(), grid()
    torn(bad)
    torn(worse)
    hollow(worse[20:])
    found = survey_of(bad, grid(), worse, grid() * 0).suspicious()
    assert [image.name for image in found] == ["data/3.tif", "data/2.tif", "data/0.tif"]


def test_the_text_aligns_its_columns(survey_of):
    lines = survey_of(grid()).to_text().splitlines()
    assert lines[0].index("cells") + len("cells") == lines[1].index("  9 ") + len("  9")


def test_the_text_has_a_line_for_each_bad_image(survey_of):
    labels = grid()
    torn(labels)
    assert "  data/0.tif: of 9 cells 1 in pieces" in survey_of(labels).to_text().splitlines()


def test_the_text_ends_after_ten_bad_images(survey_of):
    assert survey_of(*[grid() * 0] * 12).to_text().endswith("and 2 more")


def test_the_table_has_a_row_for_each_image(survey_of, tmp_path):
    survey_of(grid(), grid(7)).to_csv(tmp_path / "survey.csv")
    with (tmp_path / "survey.csv").open() as stream:
        assert [row["cells"] for row in csv.DictReader(stream)] == ["9", "9"]


def test_the_dictionary_is_json(survey_of):
    survey = survey_of(grid(), grid() * 0)
    text = json.dumps(survey.to_dict(), allow_nan=False)
    assert json.loads(text)["sets"][0]["cells"] == 9


def test_progress_is_told(put, cells):
    told = []
    found = find_annotated(put("a.tif", a_labels__tif=cells))
    make_survey(found, progress=lambda *counts: told.append(counts))
    assert told == [(1, 1)]


def test_nothing_is_no_survey():
    with pytest.raises(sc.TrainingError, match="no images to survey"):
        make_survey([])
