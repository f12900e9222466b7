"""Files of one image are found by their names, as people mean them."""

import os
import unicodedata

import pytest

from samcell_core.comparison import match_images, match_labels
from samcell_core.errors import SamcellError


@pytest.fixture
def match(tmp_path, write):
    """Names of both sides of what belongs together, and the rest, from names of files."""

    def names(first, second, function=match_labels, **options):
        for folder, files in (("a", first), ("b", second)):
            (tmp_path / folder).mkdir(exist_ok=True)
            for file in files:
                write(f"{folder}/{file}")
        matching = function(
            tmp_path / "a", tmp_path / "b", outlines=(".zip", ".geojson"), **options
        )
        relative = [
            (m.first.relative_to(tmp_path / "a"), m.second.relative_to(tmp_path / "b"))
            for m in matching.matches
        ]
        return [(a.as_posix(), b.as_posix()) for a, b in relative], matching

    return names


@pytest.mark.parametrize(
    "name",
    [
        "x.png",
        "x_labels.tif",
        "x_label.png",
        "x_cp_masks.png",
        "x_masks.tif",
        "x_mask.tif",
        "x_RoiSet.zip",
        "x.geojson",
        "x-labels.tif",
        "x.ome.tif",
        "X_Labels.TIF",
        "x_truth.tif",
    ],
)
def test_usual_endings_do_not_count(match, name):
    pairs, _ = match([name], ["x.tif"])
    assert pairs == [(name, "x.tif")]


def test_files_of_the_cell_tracking_challenge_belong_together(match):
    pairs, _ = match(["mask007.tif", "mask008.tif"], ["man_seg008.tif", "man_seg007.tif"])
    assert pairs == [("mask007.tif", "man_seg007.tif"), ("mask008.tif", "man_seg008.tif")]


def test_names_that_only_begin_alike_do_not_belong_together(match):
    pairs, _ = match(["x1.tif", "x12.tif"], ["x1.tif", "x.tif"])
    assert pairs == [("x1.tif", "x1.tif")]


def test_sub_folders_are_mirrored(match):
    pairs, matching = match(["day1/x.tif", "day2/x.tif"], ["day2/x_labels.tif", "x.tif"])
    assert pairs == [("day2/x.tif", "day2/x_labels.tif")]
    assert [path.parent.name for path in matching.first_alone] == ["day1"]


def test_a_name_is_that_of_the_image_with_its_folder(match):
    _, matching = match(["day2/x_masks.tif"], ["day2/x.tif"])
    assert [each.name for each in matching.matches] == ["day2/x"]


def test_umlauts_belong_together_however_a_system_writes_them(match):
    composed, apart = (unicodedata.normalize(form, "fünf.tif") for form in ("NFC", "NFD"))
    assert len(match([composed], [apart])[0]) == 1


def test_files_come_in_the_order_of_their_numbers(match):
    names = ["x10.tif", "x9.tif", "x100.tif"]
    assert [a for a, _ in match(names, names)[0]] == ["x9.tif", "x10.tif", "x100.tif"]


def test_equal_names_win_over_similar_ones(match):
    pairs, matching = match(["x.tif", "x.png"], ["x.png", "x.tif"])
    assert pairs == [("x.png", "x.png"), ("x.tif", "x.tif")]
    assert sorted(each.name for each in matching.matches) == ["x.png", "x.tif"]


def test_an_image_beside_its_labels_is_left_out(match):
    pairs, matching = match(["x.tif"], ["x.tif", "x_labels.tif"])
    assert pairs == [("x.tif", "x_labels.tif")]
    assert matching.second_alone == ()


def test_pictures_of_other_programs_are_left_out(match):
    _, matching = match(
        ["x_cp_masks.png", "x_cp_outlines.png", "x_flows.tif", "x_seg.npy"], ["x.tif"]
    )
    assert matching.first_alone == ()


def test_hidden_files_and_results_of_runs_are_left_out(match):
    _, matching = match(
        ["x.tif", ".x.tif", "out/run.json", "out/labels/x.tif", "__MACOSX/x.tif"], ["x.tif"]
    )
    assert matching.first_alone == ()


def test_the_folder_of_labels_inside_the_results_of_a_run_is_taken(match):
    pairs, _ = match(["labels/x.tif", "overlays/x.png", "run.json"], ["x.tif"])
    assert pairs == [("labels/x.tif", "x.tif")]


def test_several_files_of_one_name_are_reported(match):
    pairs, matching = match(["x_labels.tif", "x_masks.tif"], ["x.tif"])
    assert pairs == []
    assert "several files are called 'x'" in str(matching.ambiguous[0])


def test_files_without_a_partner_are_reported(match):
    _, matching = match(["x.tif", "y.tif"], ["x.tif", "z.tif"])
    assert [path.name for path in matching.first_alone] == ["y.tif"]
    assert [path.name for path in matching.second_alone] == ["z.tif"]


def test_an_ending_of_ones_own_does_not_count(match):
    assert match(["x_Cells.tiff"], ["x.tif"])[0] == []
    assert match(["x_Cells.tiff"], ["x.tif"], endings=("_Cells",))[0] == [("x_Cells.tiff", "x.tif")]


def test_images_belong_to_the_labels_of_a_run_that_tells_types_apart(match):
    pairs, _ = match(["1_tif.tif", "1_png.tif"], ["1.png", "1.tif"], match_images)
    assert pairs == [("1_png.tif", "1.png"), ("1_tif.tif", "1.tif")]


def test_images_and_labels_may_lie_in_one_folder(write, tmp_path):
    for name in ("x.tif", "x_cp_masks.png", "y.jpg", "y_labels.tif"):
        write(f"both/{name}")
    matching = match_images(tmp_path / "both", tmp_path / "both")
    assert [(each.first.name, each.name) for each in matching.matches] == [
        ("x_cp_masks.png", "x.tif"),
        ("y_labels.tif", "y.jpg"),
    ]


def test_images_may_be_named_as_such(match):
    assert match(["x_labels.tif"], ["x_image.png"], match_images)[0] == [
        ("x_labels.tif", "x_image.png")
    ]


def test_two_files_belong_together_whatever_their_names_are(write):
    one, other = write("one.tif"), write("other.png")
    (match,) = match_labels(one, other).matches
    assert (match.first, match.second) == (one, other)


def test_a_file_and_a_folder_are_refused(write, tmp_path):
    with pytest.raises(SamcellError, match="give two files, or two folders"):
        match_labels(write("x.tif"), tmp_path)


def test_a_path_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(SamcellError, match="does not exist"):
        match_labels(tmp_path / "nothing", tmp_path)


def test_a_name_that_is_no_text_can_be_reported(match):
    files = [os.fsdecode(name) for name in (b"\xe4_labels.tif", b"\xe4_masks.tif", b"\xe4.tif")]
    _, matching = match(files[:2], files[2:])
    assert matching.ambiguous[0].name == "?"
