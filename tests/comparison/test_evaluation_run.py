"""Many files are evaluated one by one, and their cells are pooled."""

import os

import numpy as np
import pytest

import samcell_core as sc
from samcell_core.comparison import Match, evaluate_matches, pool_images
from samcell_core.comparison.evaluation_run import worst_first


@pytest.fixture
def matches(write, truth, wrong):
    return [
        Match(name, write(f"predicted/{name}.tif", labels), write(f"truth/{name}.tif", truth))
        for name, labels in (("good", truth), ("bad", wrong))
    ]


def test_scores_are_those_of_the_engine(matches, reader, truth, wrong):
    *_, bad = evaluate_matches(matches, reader=reader)
    assert bad.scores.to_dict() == sc.evaluate_planes(wrong, truth).to_dict()


def test_cells_of_all_images_are_pooled(matches, reader, truth, wrong):
    pooled = pool_images(evaluate_matches(matches, reader=reader))
    expected = sc.pool([sc.evaluate(truth, truth), sc.evaluate(wrong, truth)])
    assert pooled.to_dict() == expected.to_dict()


def test_a_row_counts_merged_and_split_cells(matches, reader):
    *_, bad = evaluate_matches(matches, reader=reader)
    row = bad.to_row()
    assert [row[name] for name in ("merged", "split", "missed")] == [1, 1, 2]


def test_an_image_that_does_not_fit_has_its_reason_and_the_others_go_on(matches, reader, write):
    write("predicted/good.tif", np.zeros((9, 9), np.uint8))
    first, second = evaluate_matches(matches, reader=reader)
    assert "differ: both must come from the same image" in first.to_row()["error"]
    assert second.to_row()["status"] == "ok"


def test_the_worst_image_comes_first_and_failures_before_it(matches, reader, write):
    missing = Match("missing", write("x.tif"), write("x.tif"))
    images = list(evaluate_matches([*matches, missing], reader=reader))
    assert [image.name for image in worst_first(images)] == ["missing", "bad", "good"]


def test_nothing_is_pooled_where_nothing_was_evaluated():
    assert pool_images([]) is None


def test_a_wrong_threshold_is_refused_before_the_first_image(reader):
    with pytest.raises(sc.SettingsError, match="IoU threshold"):
        evaluate_matches([], reader=reader, thresholds=(1.5,))


def test_an_unforeseen_error_is_one_of_that_image_alone(matches, moody):
    evaluated = evaluate_matches(matches[::-1], reader=moody(RuntimeError("mood")))
    assert [image.error for image in evaluated] == ["Unexpected RuntimeError: mood", ""]


def test_an_error_can_be_written_where_the_name_of_the_file_is_no_text(matches, reader, write):
    bad = Match("bad", write(os.fsdecode(b"zelle_\xe4.tif")), matches[0].second)
    (image,) = evaluate_matches([bad], reader=reader)
    assert "zelle_?.tif is empty" in image.error
