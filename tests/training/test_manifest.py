"""What a list of images and labels says, and the writing of one."""

import csv

import cv2
import numpy as np
import pytest

import samcell_core as sc
from samcell_core.training import pairs_in_folder, pairs_in_manifest, write_manifest
from samcell_core.training.pairs import Pair
from samcell_core.training.reading import read_pair


@pytest.fixture
def manifest(put):
    """A manifest with the text given, beside two pairs."""

    def write(text, encoding="utf-8"):
        folder = put("1.png", "1_labels.tif", "2.png", "2_labels.tif")
        (folder / "list.csv").write_bytes(text.encode(encoding))
        return folder / "list.csv"

    return write


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
    assert read_pair(pairs_in_manifest(moved)[0])[0].shape == (24, 30)


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
    cv2.imwrite(str(folder / "1.png"), np.zeros((24, 30), np.uint8))
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


def test_paths_start_at_the_folder_given(manifest, tmp_path):
    path = manifest("image,labels\n1.png,1_labels.tif\n")
    (tmp_path / "lists").mkdir()
    moved = path.rename(tmp_path / "lists" / "list.csv")
    assert pairs_in_manifest(moved, folder=tmp_path)[0].image == tmp_path / "1.png"


def test_the_set_is_the_folder_given(manifest, tmp_path):
    path = manifest("image,labels\n../1.png,../1_labels.tif\n")
    (tmp_path / "phase").mkdir()
    assert pairs_in_manifest(path, folder=tmp_path / "phase")[0].set == "phase"


def test_a_missing_folder_to_start_from_is_named(manifest, tmp_path):
    path = manifest("image,labels\n1.png,1_labels.tif\n")
    with pytest.raises(sc.TrainingError, match=r"no folder .*nowhere"):
        pairs_in_manifest(path, folder=tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        (["1.png", "2.png"], ["a/1.png", "a/2.png"]),
        (["a/1.png", "a/2.png"], ["a/1.png", "a/2.png"]),
        (["1.png", "a/1.png"], ["a/1.png", "a/a/1.png"]),
        (["w\\1.png", "w\\2.png"], ["a/w/1.png", "a/w/2.png"]),
    ],
)
def test_a_pair_is_called_by_its_set_and_its_path_and_like_no_other(put, listed, names):
    folder = put("labels.tif", *(name.replace("\\", "/") for name in listed))
    rows = ["set,image,labels", *(f"a,{name},labels.tif" for name in listed)]
    (folder / "list.csv").write_text("\n".join(rows))
    assert [pair.name for pair in pairs_in_manifest(folder / "list.csv")] == names
