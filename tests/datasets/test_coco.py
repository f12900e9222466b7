"""COCO files: what is drawn of them, and what is refused."""

import json
import shutil

import numpy as np
import pytest

import samcell_core as sc
from samcell_core.datasets import find_annotated
from samcell_core.training import write_manifest

RUNS = [6, 1, 40, 4, 5, 4, 5, 4, 21]  # of 9 x 10 pixels; COCO's own tools make this text of it:
COMPRESSED = "61X13mN000`0"


def labels_of(folder, **choices):
    [item] = find_annotated(folder, **choices)
    return item.read()[1]


def test_a_polygon_holds_the_pixels_whose_centres_it_holds(coco, boxes):
    labels = labels_of(coco([boxes(2, 3, 8, 7)]))
    expected = np.zeros_like(labels)
    expected[3:7, 2:8] = 1
    np.testing.assert_array_equal(labels, expected)


def test_a_slanted_polygon_is_filled_at_pixel_centres(coco):
    labels = labels_of(coco([[0, 0, 10, 0, 0, 10]]))
    rows, columns = np.indices(labels.shape) + 0.5
    off_the_line = rows + columns != 10
    np.testing.assert_array_equal((labels > 0)[off_the_line], (rows + columns < 10)[off_the_line])


def test_parts_of_a_cell_are_one_cell(coco, boxes):
    labels = labels_of(coco([boxes(2, 3, 8, 7), boxes(10, 3, 12, 7)]))
    assert (labels == 1).sum() == 24 + 8


def test_parts_that_overlap_are_joined(coco, boxes):
    assert (labels_of(coco([boxes(2, 3, 8, 7), boxes(4, 3, 12, 7)])) == 1).sum() == 40


def test_cells_are_numbered_in_the_order_of_the_file(coco, boxes):
    labels = labels_of(coco([boxes(12, 3, 18, 7)], [boxes(2, 3, 8, 7)]))
    assert (labels[4, 14], labels[4, 4]) == (1, 2)


def mask(counts, height=24, width=30):
    return {"size": [height, width], "counts": counts}


@pytest.mark.parametrize("first", [0, 5])
def test_run_lengths_go_down_the_columns_and_begin_outside(coco, first):
    labels = labels_of(coco(mask([first, 30, 720 - first - 30])))
    np.testing.assert_array_equal(np.flatnonzero(labels.T), np.arange(first, first + 30))


def test_compressed_run_lengths_are_those_that_were_compressed(coco, put):
    images = [{"id": 7, "file_name": "small.tif"}]
    put(small__tif=np.arange(90, dtype=np.uint8).reshape(9, 10))
    compressed = labels_of(coco(mask(COMPRESSED, 9, 10), images=images))
    np.testing.assert_array_equal(compressed, labels_of(coco(mask(RUNS, 9, 10), images=images)))


def test_numbers_of_several_groups_are_decompressed(coco):
    # 0 outside, then 720 inside = 16 + 22 * 32; the sign bit of 22 is set, so a 0 follows.
    assert (labels_of(coco(mask("0`f0"))) == 1).all()


def test_a_pixel_of_several_cells_goes_to_the_smaller_one(coco, boxes):
    labels = labels_of(coco([boxes(4, 4, 8, 8)], [boxes(2, 2, 12, 12)]))
    assert ((labels == 1).sum(), (labels == 2).sum()) == (16, 84)


def test_of_cells_of_one_size_the_first_gets_the_pixel(coco, boxes):
    labels = labels_of(coco([boxes(2, 2, 6, 6)], [boxes(4, 2, 8, 6)]))
    assert ((labels == 1).sum(), (labels == 2).sum()) == (16, 8)


def test_crowds_are_left_out_with_a_note(coco, boxes):
    crowd = {"id": 9, "image_id": 7, "iscrowd": 1, "segmentation": mask([0, 720])}
    found = find_annotated(coco([boxes(2, 3, 8, 7)], crowd))
    assert found[0].read()[1].max() == 1
    assert "1 annotations" in found.notes[0]


@pytest.mark.parametrize("place", ["{}", "images/{}", "images/deep/A172/{}", "A172/{}"])
def test_images_are_found_in_usual_places(coco, boxes, place):
    folder = coco([boxes(2, 3, 8, 7)])
    moved = folder / place.format("a.tif")
    moved.parent.mkdir(parents=True, exist_ok=True)
    (folder / "a.tif").rename(moved)
    assert find_annotated(folder / "cells.json")[0].image == moved


def test_images_are_found_in_the_tree_of_livecell(coco, boxes):
    folder = coco([boxes(2, 3, 8, 7)])
    for file, place in (("a.tif", "images/test"), ("cells.json", "annotations/LIVECell")):
        (folder / place).mkdir(parents=True)
        (folder / file).rename(folder / place / file)
    [item] = find_annotated(folder / "annotations" / "LIVECell" / "cells.json")
    assert item.read()[1].max() == 1


def test_images_are_found_where_said(coco, boxes, tmp_path):
    folder = coco([boxes(2, 3, 8, 7)])
    shutil.move(folder / "a.tif", tmp_path / "a.tif")
    assert labels_of(folder / "cells.json", images=tmp_path).max() == 1


def test_pictures_of_one_well_of_livecell_are_one_group(coco, boxes):
    names = [f"A172_Phase_C7_1_0{day}d00h00m_1.tif" for day in range(2)]
    images = [{"id": number, "file_name": name} for number, name in enumerate(names)]
    annotations = [{"image_id": n, "segmentation": [boxes(2, 3, 8, 7)]} for n in range(2)]
    folder = coco(images=images, annotations=annotations)
    for name in names:
        shutil.copy(folder / "a.tif", folder / name)
    assert {item.group for item in find_annotated(folder)} == {"A172_Phase_C7"}


def test_each_coco_file_of_a_folder_is_a_set(coco, boxes):
    folder = coco([boxes(2, 3, 8, 7)], name="train.json")
    shutil.copy(folder / "a.tif", folder / "b.tif")
    content = json.loads((folder / "train.json").read_text().replace("a.tif", "b.tif"))
    (folder / "val.json").write_text(json.dumps(content))
    assert [item.set for item in find_annotated(folder)] == ["train", "val"]


def test_an_image_of_two_coco_files_is_refused(coco, boxes):
    folder = coco([boxes(2, 3, 8, 7)])
    shutil.copy(folder / "cells.json", folder / "again.json")
    with pytest.raises(sc.TrainingError, match=r"again.json and cells.json .* both annotate"):
        find_annotated(folder)


def test_other_json_files_of_a_folder_do_not_matter(coco, boxes):
    folder = coco([boxes(2, 3, 8, 7)])
    (folder / "microscope.json").write_text('{"objective": 20}')
    (folder / "empty.json").touch()
    assert len(find_annotated(folder)) == 1


def test_images_without_annotations_are_refused(coco, boxes):
    images = [{"id": 7, "file_name": "a.tif"}, {"id": 8, "file_name": "b.tif"}]
    folder = coco([boxes(2, 3, 8, 7)], images=images)
    shutil.copy(folder / "a.tif", folder / "b.tif")
    with pytest.raises(sc.TrainingError, match=r"1 of 2 images .* no annotations \(b.tif\)"):
        find_annotated(folder)


def test_images_without_annotations_are_listed_on_demand(coco, boxes):
    images = [{"id": 7, "file_name": "a.tif"}, {"id": 8, "file_name": "b.tif"}]
    folder = coco([boxes(2, 3, 8, 7)], images=images)
    shutil.copy(folder / "a.tif", folder / "b.tif")
    found = find_annotated(folder, skip_unlabelled=True)
    assert (len(found), found.unlabelled) == (1, (folder / "b.tif",))


@pytest.mark.parametrize(
    ("segmentation", "message"),
    [
        ([], "no outline"),
        (None, "no outline"),
        ([[1, 2, 3, 4]], "4 numbers"),
        ([[1, 2, 3, 4, 5, 6, 7]], "7 numbers"),
        ([[1, 2, 3, 4, 5, float("nan")]], "NaN"),
        ([[1, 2, 3, 4, 5, "x"]], "no number"),
        ([1, 2, 3, 4, 5, 6], "no list of polygons"),
        (mask([10, 20]), "30 pixels, not of 24 x 30"),
        (mask([-10, 730]), "no run lengths"),
        (mask("é"), "no compressed"),
        (mask("X"), "ends too early"),
        ({"counts": [720]}, "no height and width"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_its_number(coco, segmentation, message):
    with pytest.raises(sc.TrainingError, match=rf"Annotation 1 of .*cells.json .*{message}"):
        find_annotated(coco(segmentation))


def test_a_mask_of_another_size_is_refused(coco):
    with pytest.raises(sc.ImageError, match=r"cells.json .* 5 x 4 .* 24 x 30"):
        labels_of(coco(mask([0, 20], 5, 4)))


def test_an_image_of_another_size_is_refused(coco, boxes):
    images = [{"id": 7, "file_name": "a.tif", "height": 520, "width": 704}]
    with pytest.raises(sc.ImageError, match=r"cells.json says that a.tif has 520 x 704"):
        labels_of(coco([boxes(2, 3, 8, 7)], images=images))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": []}, "no COCO file"),
        ({"annotations": {}}, "no COCO file"),
        ({"images": [{"file_name": "a.tif"}]}, "Image 1 .* lacks its id"),
        ({"images": [{"id": 7, "file_name": ".."}]}, "lacks its id or file_name"),
        ({"images": [{"id": 7, "file_name": "a.tif"}] * 2}, "several images with the id 7"),
        ({"images": [{"id": 5, "file_name": "a.tif"}]}, "Annotation 1 .* of no image"),
        ({"images": [{"id": 7, "file_name": "z.tif"}]}, r"1 images .* are not in .*z.tif"),
        (
            {"images": [{"id": n, "file_name": "a.tif"} for n in (7, 8)]},
            r"names the image .*a.tif twice",
        ),
    ],
)
def test_a_wrong_file_is_refused(coco, boxes, changes, message):
    with pytest.raises(sc.TrainingError, match=message):
        find_annotated(coco([boxes(2, 3, 8, 7)], **changes), kind="coco")


def test_what_is_no_json_is_refused(put):
    folder = put("a.tif", cells__json=b"{")
    with pytest.raises(sc.TrainingError, match=r"cells.json is no JSON"):
        find_annotated(folder / "cells.json")


def test_a_name_that_leads_out_of_the_folder_stays_in_it(coco, boxes, tmp_path):
    folder = coco([boxes(2, 3, 8, 7)], images=[{"id": 7, "file_name": "../../data/a.tif"}])
    (folder / "data").mkdir()
    shutil.copy(folder / "a.tif", folder / "data" / "a.tif")
    assert find_annotated(folder)[0].image == folder / "data" / "a.tif"


def test_a_manifest_that_could_not_be_read_back_is_not_written(coco, boxes, tmp_path):
    pairs = find_annotated(coco([boxes(2, 3, 8, 7)]))
    with pytest.raises(sc.TrainingError, match=r"a\.tif are a part of .*cells\.json"):
        write_manifest(pairs, tmp_path / "all.csv")
    assert not (tmp_path / "all.csv").exists()
