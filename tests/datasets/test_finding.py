"""How annotated images are recognised, and what cannot be told."""

import numpy as np
import pytest

import samcell_core as sc
from samcell_core import training
from samcell_core.datasets import find_annotated


def names(found):
    return [item.name for item in found]


@pytest.mark.parametrize(
    ("image", "labels", "kind"),
    [
        ("images/a.tif", "labels/a.tif", "pairs"),
        ("a_image.tif", "a_labels.tif", "pairs"),
        ("a_img.png", "a_masks.png", "pairs"),
        ("a.png", "a_masks.tif", "pairs"),
        ("a.tif", "a_cp_masks.tif", "cellpose"),
        ("a.tif", "a_Cells.tiff", "cellprofiler"),
        ("a.tif", "a_Cells.npy", "cellprofiler"),
        ("a.tif", "a_Nuclei.png", "cellprofiler"),
        ("well 1/a.tif", "well 1/a_Cells.tiff", "cellprofiler"),
    ],
)
def test_usual_layouts_are_recognised(put, cells, image, labels, kind):
    found = find_annotated(put(image, **{labels.replace(".", "__"): cells}))
    assert found.kind == kind
    np.testing.assert_array_equal(found[0].read()[1], cells)


def test_pairs_are_those_of_the_training(put, cells):
    files = {"labels/a__tif": cells, "labels/b__tif": cells}
    folder = put("images/a.tif", "images/b.tif", **files)
    found = [vars(item) for item in find_annotated(folder)]
    assert found == [vars(pair) for pair in training.pairs_in_folder(folder)]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.int32, np.float32])
def test_labels_of_all_depths_are_read(put, cells, dtype):
    found = find_annotated(put("a.tif", a_labels__tif=cells.astype(dtype)))
    np.testing.assert_array_equal(found[0].read()[1], cells)


def test_a_manifest_is_recognised_by_its_name(put, cells):
    folder = put("a.tif", truth__tif=cells, list__csv=b"image,labels\na.tif,truth.tif\n")
    assert find_annotated(folder / "list.csv").kind == "manifest"


def test_a_manifest_may_lie_elsewhere(put, cells, tmp_path):
    folder = put("a.tif", truth__tif=cells)
    (tmp_path / "list.csv").write_text("image,labels\na.tif,truth.tif\n")
    assert len(find_annotated(folder, manifest=tmp_path / "list.csv")) == 1


def test_patterns_name_any_files(put, cells):
    folder = put("a_ch1.tif", a_truth__tif=cells)
    found = find_annotated(folder, images="{name}_ch1.tif", labels="{name}_truth.tif")
    assert names(found) == ["data/a_ch1.tif"]


def test_several_kinds_of_annotations_are_refused(put, cells, coco, boxes):
    put(a_labels__tif=cells)
    folder = coco([boxes(2, 3, 8, 7)])
    with pytest.raises(sc.TrainingError, match=r"coco: cells.json; pairs: .* kind='coco' or"):
        find_annotated(folder)


def test_one_of_several_kinds_may_be_said(put, cells, coco, boxes):
    put(a_labels__tif=cells)
    folder = coco([boxes(2, 3, 8, 7)])
    assert [find_annotated(folder, kind=kind)[0].labels.name for kind in ("coco", "pairs")] == [
        "cells.json",
        "a_labels.tif",
    ]


def test_objects_of_several_kinds_are_refused_with_what_to_say(put, cells):
    folder = put("a.tif", a_Cells__tiff=cells, a_Nuclei__tiff=cells)
    with pytest.raises(sc.TrainingError, match=r"several kinds .* labels='\{name\}_(Cells|Nuclei)"):
        find_annotated(folder)


def test_a_pickle_of_cellpose_is_refused_with_what_to_save(put):
    folder = put("a.tif", a_seg__npy=b"\x80\x04K\x01.")
    with pytest.raises(sc.TrainingError, match=r"a_seg.npy.* pickle.* save the masks as PNG"):
        find_annotated(folder)


def test_a_pickle_of_cellpose_beside_masks_does_not_matter(put, cells):
    folder = put("a.tif", a_seg__npy=b"\x80\x04K\x01.", a_masks__png=cells)
    assert find_annotated(folder)[0].read()[1].max() == 2


def test_images_without_labels_are_refused(put, cells):
    with pytest.raises(sc.TrainingError, match=r"1 of 2 images .* no labels \(b.tif\)"):
        find_annotated(put("a.tif", "b.tif", a_labels__tif=cells))


def test_images_without_labels_are_listed_on_demand(put, cells):
    found = find_annotated(put("a.tif", "b.tif", a_labels__tif=cells), skip_unlabelled=True)
    assert (names(found), [path.name for path in found.unlabelled]) == (["data/a.tif"], ["b.tif"])


def test_a_folder_of_images_alone_is_refused(put):
    with pytest.raises(sc.TrainingError, match=r"No label files were found in .*data"):
        find_annotated(put("a.tif"))


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"kind": "coca"}, "kind='coca' is unknown"),
        ({"manifest": "list.csv", "labels": "{name}.tif"}, "leave out images= and labels="),
        ({"manifest": "list.csv", "kind": "coco"}, "drop one"),
        ({"kind": "manifest"}, "is a folder"),
        ({"kind": "coco", "labels": "{name}.tif"}, "folder of images as images="),
        ({"labels": "{name}_labels.tif"}, "both images= and labels="),
    ],
)
def test_choices_that_do_not_go_together_are_refused(put, choices, message):
    with pytest.raises(sc.SettingsError, match=message):
        find_annotated(put("a.tif"), **choices)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(sc.TrainingError, match=r"nowhere does not exist"):
        find_annotated(tmp_path / "nowhere")


def test_a_file_of_another_kind_is_refused(put):
    with pytest.raises(sc.TrainingError, match=r"a.tif is neither a manifest"):
        find_annotated(put("a.tif") / "a.tif")


def test_a_folder_without_a_coco_file_is_no_coco(put):
    with pytest.raises(sc.TrainingError, match="holds no COCO file"):
        find_annotated(put("a.tif"), kind="coco")


def test_what_is_found_is_split_and_loaded_as_pairs_are(put, cells):
    folder = put("a.tif", "b.tif", a_labels__tif=cells, b_labels__tif=cells)
    kept, held = training.split_by_group(find_annotated(folder))
    examples = training.load_examples([*kept, *held])["data"]
    assert sorted(each.name for each in examples) == ["data/a.tif", "data/b.tif"]


def test_outlines_are_loaded_as_pairs_are(coco, boxes):
    [example] = training.load_examples(find_annotated(coco([boxes(2, 3, 8, 7)])))["data"]
    assert (example.labels > 0).sum() == 24


def test_the_key_is_of_the_content(put, cells):
    folder = put("a.tif", "b.tif", a_labels__tif=cells, b_labels__tif=cells)
    first, second = find_annotated(folder)
    assert first.key() == second.key()


def test_another_cell_makes_another_key(coco, boxes):
    keys = [find_annotated(coco([boxes(2, 3, right, 7)]))[0].key() for right in (8, 9)]
    assert keys[0] != keys[1]


def test_the_key_of_a_missing_file_is_refused(put, cells):
    [item] = find_annotated(put("a.tif", a_labels__tif=cells))
    item.image.unlink()
    with pytest.raises(sc.ImageError, match=r"a.tif cannot be opened"):
        item.key()


def colours(cells):
    return np.stack([cells, cells, cells * 0], axis=-1).astype(np.uint8)


def stripes(cells, values):
    rows = np.arange(cells.shape[0])[:, None] + 0 * cells
    return np.where(rows % 3 == 0, values[0], np.where(rows % 3 == 1, values[1], 0))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (lambda cells: cells[1:], "a_labels.tif has 23 x 30 pixels and .*a.tif has 24 x 30"),
        (lambda cells: cells * 0, "a_labels.tif has no cells"),
        (colours, "a_labels.tif has colours .*ConvertObjectsToImage"),
        (lambda cells: stripes(cells, (1, 0)), "mask of one class in 8 .*connected-component"),
        (lambda cells: stripes(cells, (1, 2)), "mask of 2 classes in 16 separate pieces"),
        (lambda cells: (cells > 0) * 255, "mask of one class in 2 separate pieces"),
        (lambda cells: cells * np.float32("nan"), "a_labels.tif has NaN"),
        (lambda cells: np.stack([cells] * 4), "a_labels.tif has 4 time points"),
        (
            lambda cells: np.random.default_rng(1).integers(0, 200, cells.shape),
            "a_labels.tif is no label image",
        ),
    ],
)
def test_wrong_labels_are_refused_by_the_name_of_their_file(put, cells, labels, message):
    wrong = labels(cells)
    wrong = wrong if wrong.dtype.kind == "f" else wrong.astype(np.uint8)
    [item] = find_annotated(put("a.tif", a_labels__tif=wrong))
    with pytest.raises(sc.ImageError, match=message):
        item.read()
