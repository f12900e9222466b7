"""Which images and labels of a folder belong together."""

import pytest

import samcell_core as sc
from samcell_core.training import pairs_in_folder


def names(pairs, folder):
    return [
        (pair.image.relative_to(folder).as_posix(), pair.labels.relative_to(folder).as_posix())
        for pair in pairs
    ]


@pytest.mark.parametrize(
    ("image", "labels"),
    [
        ("1.png", "1_labels.tif"),
        ("1.png", "1_label.png"),
        ("1.tif", "1_masks.png"),
        ("1.jpg", "1_mask.tif"),
        ("1_image.png", "1_labels.tif"),
        ("1_img.png", "1_masks.png"),
        ("1_img.png", "1_img_cp_masks.png"),
        ("1.npy", "1_labels.npy"),
        ("1.ome.tif", "1_labels.tif"),
        ("images/1.png", "labels/1.tif"),
        ("images/1.png", "masks/1.png"),
        ("Images/1.PNG", "Masks/1.TIF"),
        ("images/1.png", "images/1_masks.png"),
        ("images/1_image.png", "masks/1_mask.png"),
        ("images/well/1.png", "labels/well/1.png"),
        ("well/images/1.png", "well/labels/1.png"),
        ("well/image.png", "well/mask.png"),
    ],
)
def test_images_and_labels_of_usual_names_are_paired(put, image, labels):
    folder = put(image, labels)
    assert names(pairs_in_folder(folder), folder) == [(image, labels)]


def test_images_of_equal_names_in_sub_folders_have_the_labels_beside_them(put):
    folder = put("a/1.png", "a/1_labels.tif", "b/1.png", "b/1_labels.tif")
    expected = [("a/1.png", "a/1_labels.tif"), ("b/1.png", "b/1_labels.tif")]
    assert names(pairs_in_folder(folder), folder) == expected


def test_what_cellpose_leaves_beside_images_is_passed_over(put):
    folder = put("1.png", "1_masks.png", "1_flows.tif", "1_cp_outlines.png", "1_seg.npy")
    assert names(pairs_in_folder(folder), folder) == [("1.png", "1_masks.png")]


def test_hidden_and_other_files_are_passed_over(put):
    folder = put("1.png", "1_labels.tif", "._1.png", ".cache/2.png")
    (folder / "notes.txt").write_text("well A1")
    assert names(pairs_in_folder(folder), folder) == [("1.png", "1_labels.tif")]


def test_files_without_a_sign_are_no_images_where_others_are_named_images(put):
    folder = put("1_image.png", "1_labels.tif", "overview.png")
    assert names(pairs_in_folder(folder), folder) == [("1_image.png", "1_labels.tif")]


def test_a_link_back_up_is_not_followed_for_ever(put):
    folder = put("a/1.png", "a/1_labels.tif")
    try:
        (folder / "a" / "again").symlink_to(folder, target_is_directory=True)
    except OSError:  # Windows asks for a right
        (folder / "a" / "again").mkdir()
    assert len(pairs_in_folder(folder)) == 1


@pytest.mark.parametrize(
    ("image", "labels", "images", "truth"),
    [
        ("raw/1_ch00.png", "truth/1.tif", "raw/{name}_ch00.*", "truth/{name}.*"),
        ("a/1-x9.png", "a/1_truth.tif", "{name}-x*.png", "{name}_truth.tif"),
        ("1.png", "1_mask.png", "{name}.png", "{name}_mask.png"),
        ("s/raw/1.png", "s/truth/1.png", "raw/{name}.png", "truth\\{name}.png"),
        ("t01.png", "truth/man_seg01.tif", "./t{name}.png", "truth/man_seg{name}.tif"),
    ],
)
def test_patterns_pair_other_names(put, image, labels, images, truth):
    folder = put(image, labels)
    assert names(pairs_in_folder(folder, images=images, labels=truth), folder) == [(image, labels)]


def test_the_set_is_the_folder_and_each_image_its_own_group(put):
    folder = put("a/1.png", "a/1_labels.tif", "a/2.png", "a/2_labels.tif")
    found = [(pair.set, pair.group) for pair in pairs_in_folder(folder / "a")]
    assert found == [("a", "1"), ("a", "2")]


def test_a_set_can_be_named(put):
    assert pairs_in_folder(put("1.png", "1_labels.tif"), set="phase")[0].set == "phase"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ((), "No images were found"),
        (("1.png", "2.png"), "No label files were found"),
        (("1_labels.tif",), "No images were found"),
        (
            ("1.png", "1_labels.tif", "2.png", "3.png"),
            r"2 of 3 images .* no labels \(2.png, 3.png\)",
        ),
        (
            ("0.png", "0_mask.tif", *(f"{n}.png" for n in range(1, 6))),
            r"5 of 6 .* \(1.png, 2.png, 3.png and 2 more\)",
        ),
        (
            ("1.png", "1_labels.tif", "2_labels.tif"),
            r"1 of 2 label files .* no image \(2_labels.tif",
        ),
        (("1.png", "1_labels.tif", "1_mask.png"), "2 label files for one name .*1_mask.png"),
        (("1.png", "1.tif", "1_labels.tif"), r"2 images for one name \(1.png, 1.tif"),
    ],
)
def test_a_file_without_one_partner_is_named(put, files, message):
    with pytest.raises(sc.TrainingError, match=message):
        pairs_in_folder(put(*files))


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        ({"images": "{name}.png"}, "both images= and labels="),
        ({"images": "*.png", "labels": "{name}.tif"}, "must hold {name} once"),
        ({"images": "{name}.png", "labels": "{name}.png"}, "same pattern"),
    ],
)
def test_patterns_that_cannot_pair_are_refused(put, patterns, message):
    with pytest.raises(sc.SettingsError, match=message):
        pairs_in_folder(put("1.png", "1_labels.tif"), **patterns)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(sc.TrainingError, match=r"nowhere cannot be read"):
        pairs_in_folder(tmp_path / "nowhere")


def test_a_pair_is_called_by_its_set_and_its_path(put):
    folder = put("a/w/1.png", "a/w/1_labels.tif")
    assert [pair.name for pair in pairs_in_folder(folder / "a")] == ["a/w/1.png"]
