"""Which images there are to train on, what is read of them, and how they are split."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile

import samcell_core as sc
from samcell_core.training.pairs import (
    Pair,
    pairs_in_folder,
    pairs_in_manifest,
    read_pair,
    split_by_group,
    write_manifest,
)

GREY = np.random.default_rng(5).integers(0, 256, (24, 30), dtype=np.uint8)
CELLS = np.zeros((24, 30), np.uint16)
CELLS[2:9, 2:9], CELLS[10:20, 12:20] = 7, 3


@pytest.fixture
def put(tmp_path):
    """Files of the names given, labels where a name says so."""

    def write(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            is_labels = any(word in name for word in ("label", "mask", "truth"))
            if path.suffix == ".npy":
                np.save(path, CELLS if is_labels else GREY)
            else:
                cv2.imwrite(str(path), CELLS if is_labels else GREY)
        return tmp_path

    return write


@pytest.fixture
def pair_of(tmp_path):
    """A pair of files that hold an image and labels."""

    def write(image=GREY, labels=CELLS, **options):
        tifffile.imwrite(tmp_path / "image.tif", image, **options)
        tifffile.imwrite(tmp_path / "labels.tif", labels)
        return Pair(tmp_path / "image.tif", tmp_path / "labels.tif", "", "")

    return write


@pytest.fixture
def manifest(put):
    """A manifest with the text given, beside two pairs."""

    def write(text, encoding="utf-8"):
        folder = put("1.png", "1_labels.tif", "2.png", "2_labels.tif")
        (folder / "list.csv").write_bytes(text.encode(encoding))
        return folder / "list.csv"

    return write


def names(pairs, folder):
    return [
        (pair.image.relative_to(folder).as_posix(), pair.labels.relative_to(folder).as_posix())
        for pair in pairs
    ]


def made_up(**sizes):
    """Pairs of sets with groups of given sizes; there are no files."""
    return [
        Pair(Path(f"{name}/{group}/{number}.png"), Path("labels"), name, f"{name}{group}")
        for name, groups in sizes.items()
        for group, size in enumerate(groups)
        for number in range(size)
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


def test_a_manifest_gives_files_sets_and_groups(manifest):
    path = manifest("set,file,labels,licence,group\nphase,1.png,1_labels.tif,MIT,well A\n")
    folder = path.parent
    expected = [Pair(folder / "1.png", folder / "1_labels.tif", "phase", "well A")]
    assert pairs_in_manifest(path) == expected


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_manifest_as_spreadsheets_save_it_is_read(manifest, delimiter):
    rows = ["\ufeffImage, Labels", "1.png,1_labels.tif", ",", "2.png,1_labels.tif", ""]
    pairs = pairs_in_manifest(manifest("\r\n".join(rows).replace(",", delimiter)))
    assert [pair.group for pair in pairs] == ["1.png", "2.png"]


def test_a_manifest_may_name_files_elsewhere_and_as_windows_does(manifest, tmp_path):
    path = manifest("image,labels\n..\\1.png," + str(tmp_path / "1_labels.tif") + "\n")
    (tmp_path / "lists").mkdir()
    moved = path.rename(tmp_path / "lists" / "list.csv")
    assert read_pair(pairs_in_manifest(moved)[0])[0].shape == GREY.shape


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lists no images"),
        ("image,labels\n\n", "lists no images"),
        ("picture,labels\n1.png,1_labels.tif\n", r"needs the columns .* has picture, labels"),
        ("image,labels\n1.png,1_labels.tif\n2.png\n", r"Row 3 of .* has 1 columns .* has 2"),
        ("image,labels\n1.png,1_labels.tif\n9.png,2_labels.tif", r"Row 3 of .* image '9.png'"),
        ("image,labels\n1.png,\n", r"Row 2 of .* labels ''"),
        ("image,labels\n1.png,1_labels.tif\n./1.png,2_labels.tif", "Rows 2 and 3 .* same image"),
        ('image,labels\n"1.png"x,1_labels.tif', "is no CSV file"),
        ("image,labels,sha256\n1.png,1_labels.tif,abc\n", r"not what row 2 .* sha256 is \w{64}"),
        ("image,labels,labels_sha256\n1.png,1_labels.tif,0\n", r"1_labels.tif is not what row 2"),
    ],
)
def test_a_wrong_manifest_is_refused_with_its_row(manifest, text, message):
    with pytest.raises(sc.TrainingError, match=message):
        pairs_in_manifest(manifest(text))


def test_a_manifest_in_another_encoding_is_refused(manifest):
    with pytest.raises(sc.TrainingError, match="UTF-8"):
        pairs_in_manifest(manifest("image,labels\nZürich.png,a\n", encoding="latin-1"))


def test_a_missing_manifest_is_named(tmp_path):
    with pytest.raises(sc.TrainingError, match=r"list.csv cannot be read"):
        pairs_in_manifest(tmp_path / "list.csv")


def test_a_written_manifest_gives_the_same_pairs(put):
    folder = put("a/1.png", "a/1_labels.tif", "b, c/2.png", "b, c/2_labels.tif")
    pairs = pairs_in_folder(folder)
    (folder / "lists").mkdir()
    write_manifest(pairs, folder / "lists" / "all.csv")
    read = pairs_in_manifest(folder / "lists" / "all.csv")
    assert [(p.image.resolve(), p.labels.resolve(), p.set, p.group) for p in read] == [
        (p.image.resolve(), p.labels.resolve(), p.set, p.group) for p in pairs
    ]


def test_a_written_manifest_names_files_from_its_own_folder(put):
    folder = put("a/1.png", "a/1_labels.tif")
    write_manifest(pairs_in_folder(folder), folder / "all.csv")
    with (folder / "all.csv").open(encoding="utf-8") as stream:
        assert [row["image"] for row in csv.DictReader(stream)] == ["a/1.png"]


def test_a_file_that_changed_since_the_manifest_is_refused(put):
    folder = put("1.png", "1_labels.tif")
    write_manifest(pairs_in_folder(folder), folder / "all.csv")
    cv2.imwrite(str(folder / "1.png"), GREY[::-1])
    with pytest.raises(sc.TrainingError, match=r"1.png is not what row 2"):
        pairs_in_manifest(folder / "all.csv")


def test_a_manifest_is_not_written_over_another_unasked(put):
    folder = put("1.png", "1_labels.tif")
    (folder / "all.csv").write_text("mine")
    with pytest.raises(sc.SamcellError, match="overwrite=True"):
        write_manifest(pairs_in_folder(folder), folder / "all.csv")


def test_a_manifest_of_nothing_is_not_written(tmp_path):
    with pytest.raises(sc.TrainingError, match="no pairs to write"):
        write_manifest([], tmp_path / "all.csv")


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


def test_no_group_is_on_both_sides():
    training, validation = split_by_group(made_up(a=[5, 3, 8, 2, 9], b=[4] * 6))
    assert {pair.group for pair in training} & {pair.group for pair in validation} == set()


def test_every_pair_is_on_one_side():
    pairs = made_up(a=[5, 3, 8], b=[1])
    training, validation = split_by_group(pairs)
    assert sorted(map(repr, training + validation)) == sorted(map(repr, pairs))


@pytest.mark.parametrize("seed", range(5))
def test_each_set_gives_about_its_fraction(seed):
    _, validation = split_by_group(made_up(a=[2] * 50, b=[3] * 20), fraction=0.2, seed=seed)
    counts = [sum(pair.set == name for pair in validation) for name in "ab"]
    np.testing.assert_allclose(counts, [20, 12], atol=2)


def test_a_set_of_two_groups_gives_one_however_small_the_fraction():
    _, validation = split_by_group(made_up(a=[10, 2]), fraction=0.01)
    assert {pair.group for pair in validation} == {"a1"}


def test_a_set_of_two_groups_keeps_one_however_large_the_fraction():
    training, _ = split_by_group(made_up(a=[5, 5]), fraction=0.99)
    assert len(training) == 5


def test_the_split_does_not_depend_on_the_order():
    pairs = made_up(a=[3] * 10, b=[2] * 9)
    assert split_by_group(pairs) == split_by_group(pairs[::-1])


def test_the_split_of_a_set_does_not_depend_on_other_sets():
    alone = split_by_group(made_up(a=[3] * 10))[1]
    together = split_by_group(made_up(a=[3] * 10, b=[2] * 9))[1]
    assert [pair for pair in together if pair.set == "a"] == alone


def test_another_seed_gives_another_split():
    pairs = made_up(a=[1] * 100)
    assert split_by_group(pairs, seed=0)[1] != split_by_group(pairs, seed=1)[1]


def test_a_set_of_one_group_is_split_by_image_with_a_note():
    notes = []
    _, validation = split_by_group(made_up(a=[5, 5], b=[10]), fraction=0.2, note=notes.append)
    assert sum(pair.set == "b" for pair in validation) == 2
    assert ["'b'" in note for note in notes] == [True]


def test_a_set_of_one_image_is_trained_on():
    notes = []
    training, _ = split_by_group(made_up(a=[5, 5], b=[1]), note=notes.append)
    assert (sum(pair.set == "b" for pair in training), notes) == (1, [])


def test_images_of_one_name_are_split_by_image_all_the_same():
    pairs = [Pair(Path(f"{n}/image.png"), Path(f"{n}/mask.png"), "a", "all") for n in range(10)]
    assert len(split_by_group(pairs, fraction=0.3)[1]) == 3


@pytest.mark.parametrize("left_out", ["b", ("b",)])
def test_a_set_left_out_is_only_validated_on(left_out):
    training, validation = split_by_group(made_up(a=[5], b=[3, 4]), left_out=left_out)
    assert {pair.set for pair in training} == {"a"}
    assert sum(pair.set == "b" for pair in validation) == 7


def test_an_unknown_set_to_leave_out_is_refused():
    with pytest.raises(sc.SettingsError, match="no set 'c' to leave out: known are a, b"):
        split_by_group(made_up(a=[5], b=[5]), left_out=["c"])


@pytest.mark.parametrize("fraction", [-0.1, 1.0, float("nan")])
def test_a_fraction_outside_its_range_is_refused(fraction):
    with pytest.raises(sc.SettingsError, match="fraction="):
        split_by_group(made_up(a=[5, 5]), fraction=fraction)


@pytest.mark.parametrize(
    ("sizes", "options", "message"),
    [
        ({}, {}, "nothing to train on"),
        ({"a": [5]}, {"left_out": ["a"]}, "nothing to train on"),
        ({"a": [1]}, {}, "nothing to validate on"),
        ({"a": [1], "b": [1]}, {}, "nothing to validate on"),
        ({"a": [5, 5]}, {"fraction": 0}, "nothing to validate on"),
    ],
)
def test_a_split_that_leaves_one_side_empty_is_refused(sizes, options, message):
    with pytest.raises(sc.TrainingError, match=message):
        split_by_group(made_up(**sizes), **options)
