"""Labelled images in, scores of all pairs out; the network sees each image once."""

import cv2
import numpy as np
import pytest

import samcell_core as sc
from samcell_core.batch import ImageDone, ImageFailed, ImageSkipped
from samcell_core.datasets import find_annotated
from samcell_core.tuning import Grid, tune

GRID = Grid((0.3, 0.5, 0.8), (0.1, 0.3, 0.6))


def test_the_scores_are_those_of_segmenting_and_evaluating(cells, blocks):
    found = tune(find_annotated(cells), blocks, grid=GRID)
    labels = cv2.imread(str(cells / "labels" / "b.png"), cv2.IMREAD_UNCHANGED)
    for row, peak in enumerate(GRID.peaks):
        for column, fill in enumerate(GRID.fills_at(peak)):
            cells_found = blocks.segment(cells / "images" / "b.png", peak=peak, fill=fill)
            expected = sc.evaluate(cells_found, labels)
            assert found.images[1].scores[:, row, column].tolist() == [
                expected.op_csb,
                expected.seg,
                expected.det,
            ]


def test_pairs_with_fill_above_peak_have_no_score(cells, blocks):
    table = tune(find_annotated(cells), blocks, grid=GRID).table()
    assert np.isnan(table[0]).tolist() == [
        [fill > peak for fill in GRID.fills] for peak in GRID.peaks
    ]


def test_sets_of_a_manifest_are_kept_apart(cells, blocks):
    found = tune(find_annotated(cells / "cells.csv"), blocks, grid=GRID)
    assert found.sets == ("first", "second")
    assert len(found.scored("first")) == 2


def test_the_present_score_is_that_of_the_models_own_thresholds(cells, blocks):
    found = tune(find_annotated(cells), blocks, grid=GRID)
    assert found.present_thresholds == (0.5, 0.2)
    labels = cv2.imread(str(cells / "labels" / "a.png"), cv2.IMREAD_UNCHANGED)
    here = sc.evaluate(blocks.segment(cells / "images" / "a.png"), labels)
    assert found.images[0].present.op_csb == here.op_csb


def test_thresholds_of_the_settings_are_compared_with_in_place_of_the_models(cells, blocks):
    found = tune(find_annotated(cells), blocks, grid=GRID, settings=sc.Settings(peak=0.7))
    assert found.present_thresholds == (0.7, 0.2)


def test_other_settings_hold_for_all_pairs(cells, blocks):
    strict = tune(find_annotated(cells), blocks, grid=GRID, settings=sc.Settings(min_size=10**6))
    assert np.nanmax(strict.table()[0]) == 0


def test_one_bad_image_does_not_stop_the_others(cells, blocks):
    (cells / "images" / "b.png").write_bytes(b"no image")
    told = []
    found = tune(find_annotated(cells), blocks, grid=GRID, listen=told.append)
    assert [bool(image.error) for image in found.images] == [False, True, False]
    [failure] = [event for event in told if isinstance(event, ImageFailed)]
    assert failure.error == found.failed[0].error


def test_labels_of_another_size_are_told_with_both_files(cells, blocks):
    cv2.imwrite(str(cells / "labels" / "b.png"), np.eye(9, dtype=np.uint8))
    [failed] = tune(find_annotated(cells), blocks, grid=GRID).failed
    assert "b.png has 9 x 9 pixels" in failed.error


def test_where_no_image_can_be_scored_the_first_reason_is_told(cells, blocks):
    for path in (cells / "labels").iterdir():
        cv2.imwrite(str(path), np.zeros((70, 100), np.uint8))
    with pytest.raises(sc.TrainingError, match=r"None of the 3 images .+ has no cells"):
        tune(find_annotated(cells), blocks, grid=GRID)


def test_no_images_at_all_are_refused(blocks):
    with pytest.raises(sc.TrainingError, match="no annotated images"):
        tune([], blocks)


def test_settings_that_the_model_cannot_do_are_refused_at_once(cells, blocks):
    with pytest.raises(sc.SettingsError, match="diameter=30"):
        tune(find_annotated(cells), blocks, settings=sc.Settings(diameter=30))


@pytest.fixture
def with_file(brightness):
    """A segmenter whose model says that it comes from a file."""
    model = brightness()
    object.__setattr__(model, "info", sc.ModelInfo("b", "none", sha256="1", peak=0.5, fill=0.2))
    with sc.Segmenter(model, device="cpu", precision="fp32", threads=1) as segmenter:
        segmenter.network = model.network
        yield segmenter


def test_kept_maps_spare_the_network(cells, with_file, tmp_path):
    first = tune(find_annotated(cells), with_file, grid=GRID, maps=tmp_path / "maps")
    seen = len(with_file.network.batches)
    told = []
    again = tune(
        find_annotated(cells), with_file, grid=GRID, maps=tmp_path / "maps", listen=told.append
    )
    assert len(with_file.network.batches) == seen > 0
    np.testing.assert_array_equal(again.table(), first.table())
    assert {type(event) for event in told} == {ImageSkipped}


def test_an_interrupted_search_goes_on_with_the_images_that_are_left(cells, with_file, tmp_path):
    def stop(event):
        if isinstance(event, ImageDone):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(find_annotated(cells), with_file, grid=GRID, maps=tmp_path / "maps", listen=stop)
    told = []
    tune(find_annotated(cells), with_file, grid=GRID, maps=tmp_path / "maps", listen=told.append)
    kinds = [type(event) for event in told if isinstance(event, (ImageDone, ImageSkipped))]
    assert kinds == [ImageSkipped, ImageDone, ImageDone]


def test_a_map_of_other_settings_or_of_a_changed_image_is_not_taken(cells, with_file, tmp_path):
    maps = tmp_path / "maps"
    tune(find_annotated(cells), with_file, grid=GRID, maps=maps)
    (cells / "images" / "a.png").write_bytes((cells / "images" / "b.png").read_bytes())
    settings = sc.Settings(intensity="full", min_size=3)
    tune(find_annotated(cells), with_file, grid=GRID, maps=maps, settings=settings)
    assert len(list(maps.iterdir())) == 3 + 2  # two of the images are the same now


def test_a_damaged_map_is_made_anew(cells, with_file, tmp_path):
    maps = tmp_path / "maps"
    first = tune(find_annotated(cells), with_file, grid=GRID, maps=maps)
    for path in maps.iterdir():
        path.write_bytes(path.read_bytes()[:100])
    np.testing.assert_array_equal(
        tune(find_annotated(cells), with_file, grid=GRID, maps=maps).table(), first.table()
    )


def test_models_without_a_file_keep_no_maps(cells, blocks, tmp_path):
    tune(find_annotated(cells), blocks, grid=GRID, maps=tmp_path / "maps")
    assert not (tmp_path / "maps").exists()


def test_a_folder_of_maps_that_cannot_be_made_is_told_at_once(cells, with_file, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(sc.SamcellError, match="cannot keep distance maps"):
        tune(find_annotated(cells), with_file, maps=tmp_path / "file" / "maps")
