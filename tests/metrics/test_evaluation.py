"""Scores of a segmentation, on cases that can be worked out by hand."""

from itertools import pairwise

import numpy as np
import pytest

import samcell_core as sc
from samcell_core.metrics import Table, evaluate, evaluate_planes, pool

NONE = np.zeros((1, 10), int)


def row(*labels):
    return np.array([labels])


def scores(result, threshold=0.5):
    at = result.at(threshold)
    return (
        result.seg,
        result.det,
        result.op_csb,
        at.average_precision,
        at.precision,
        at.recall,
        at.f1,
    )


def test_identical_labels_score_one(crowd):
    result = evaluate(crowd, crowd)
    assert scores(result) == (1,) * 7
    assert (result.merged, result.split, result.missed, result.spurious) == ({}, {}, (), ())


def test_permuted_ids_change_no_score(crowd, rng):
    predicted = np.roll(crowd, 2, axis=1)
    other_ids = np.concatenate([[0], 1 + rng.permutation(1000)])
    renamed = evaluate(other_ids[predicted], other_ids[crowd] * 3, thresholds=(0.1, 0.5, 0.8))
    assert renamed.to_dict() == evaluate(predicted, crowd, thresholds=(0.1, 0.5, 0.8)).to_dict()


def test_two_empty_images_agree():
    assert scores(evaluate(NONE, NONE)) == (1,) * 7


def test_nothing_predicted_scores_zero():
    result = evaluate(NONE, row(*[1, 1, 0, 2, 2] * 2))
    assert scores(result) == (0,) * 7
    assert result.missed == (1, 2)


def test_cells_where_there_are_none_score_zero():
    result = evaluate(row(*[1, 1, 0, 2, 2] * 2), NONE)
    assert scores(result) == (0,) * 7
    assert result.spurious == (1, 2)


def test_seg_is_the_mean_jaccard_index_of_cells_that_are_more_than_half_covered():
    truth = row(1, 1, 1, 0, 2, 2, 0, 3, 3, 3)
    predicted = row(1, 1, 0, 0, 2, 0, 0, 3, 3, 3)
    # 2/3; 0 for the cell of which just half is covered; 1
    assert evaluate(predicted, truth).seg == pytest.approx((2 / 3 + 0 + 1) / 3)


def test_det_weighs_splits_five_missed_ten_spurious_one():
    truth = row(1, 1, 2, 2, 0, 3, 3, 4, 4, 0)
    predicted = row(1, 1, 1, 1, 2, 0, 0, 5, 5, 6)
    # one predicted cell for the true 1 and 2; 3 is missed; 2 and 6 are spurious
    assert evaluate(predicted, truth).det == pytest.approx(1 - (5 + 10 + 2) / 40)


def test_det_is_never_negative():
    assert evaluate(np.arange(1, 101)[None], row(*[1] * 1 + [0] * 99)).det == 0


def test_wrong_cells_are_listed_by_id():
    truth = row(1, 1, 2, 2, 0, 3, 3, 3, 3, 0, 7, 7, 0, 0)
    predicted = row(8, 8, 8, 8, 0, 4, 4, 5, 5, 0, 0, 0, 9, 9)
    result = evaluate(predicted, truth)
    assert result.merged == {8: (1, 2)}
    assert result.split == {3: (4, 5)}
    assert result.missed == (3, 7)
    assert result.spurious == (4, 5, 9)


def test_matches_at_a_low_threshold_are_as_many_as_possible():
    # IoU: truth 1 with predicted 1 3/7, with 2 2/7; truth 2 with predicted 1 2/7 only.
    truth = row(1, 1, 1, 1, 1, 2, 2, 2, 0, 0)
    predicted = row(2, 2, 1, 1, 1, 1, 1, 0, 0, 0)
    assert evaluate(predicted, truth, thresholds=(0.25,)).at(0.25).true_positives == 2


def test_an_iou_that_just_reaches_the_threshold_is_a_match():
    assert evaluate(row(1, 0), row(1, 1)).at(0.5).true_positives == 1


def test_one_cell_matches_once_where_two_reach_a_threshold_of_one_half():
    matches = evaluate(row(1, 2), row(1, 1)).at(0.5)
    assert (matches.true_positives, matches.false_positives) == (1, 1)


def test_precision_recall_f1_and_average_precision_follow_from_the_counts():
    truth = row(1, 0, 2, 0, 3, 0, 0, 0)
    predicted = row(1, 0, 2, 0, 0, 0, 4, 5)
    matches = evaluate(predicted, truth).at(0.5)
    counts = (matches.true_positives, matches.false_positives, matches.false_negatives)
    assert counts == (2, 2, 1)
    assert (matches.precision, matches.recall) == (2 / 4, 2 / 3)
    assert (matches.f1, matches.average_precision) == (4 / 7, 2 / 5)


def test_matches_fall_as_the_threshold_rises(crowd):
    thresholds = np.linspace(0.05, 1, 20)
    result = evaluate(np.roll(crowd, 3, axis=0), crowd, thresholds=thresholds)
    found = [matches.true_positives for matches in result.matches]
    assert all(low >= high for low, high in pairwise(found))
    assert found[0] > found[-1]


def test_labels_of_different_sizes_are_refused():
    with pytest.raises(sc.ImageError, match=r"\(3, 4\).*\(4, 3\).*same image"):
        evaluate(np.ones((3, 4), int), np.ones((4, 3), int))


def test_a_stack_is_refused_with_the_way_out():
    with pytest.raises(sc.ImageError, match="evaluate_planes"):
        evaluate(np.ones((2, 3, 4), int), np.ones((2, 3, 4), int))


@pytest.mark.parametrize("threshold", [0, 1.01, -0.5, float("nan")])
def test_thresholds_outside_their_range_are_refused(threshold):
    with pytest.raises(sc.SettingsError, match="IoU threshold"):
        evaluate(NONE, NONE, thresholds=(threshold,))


@pytest.mark.parametrize(
    ("thresholds", "sentence"),
    [
        (0.5, "one in brackets"),
        (None, "one in brackets"),
        (["a"], "threshold a is"),
        ("0.5", "threshold 0 is"),
    ],
)
def test_thresholds_that_are_no_numbers_are_refused(thresholds, sentence):
    with pytest.raises(sc.SettingsError, match=sentence):
        evaluate(NONE, NONE, thresholds=thresholds)


def test_matches_at_a_word_are_refused():
    with pytest.raises(sc.SettingsError, match="at IoU x"):
        evaluate(NONE, NONE).at("x")


@pytest.mark.parametrize("pair", [(0, 1), (1, 0)], ids=["predicted", "true"])
def test_ids_beyond_64_bits_with_a_sign_are_refused(pair):
    huge = np.array([[2**63 + 5, 0]], np.uint64)
    small = np.array([[1, 0]])
    with pytest.raises(sc.ImageError, match="number the cells anew"):
        evaluate(*((huge, small)[index] for index in pair))


def test_a_threshold_that_was_not_asked_for_is_refused():
    with pytest.raises(sc.SettingsError, match=r"0\.5, 0\.75, 0\.9"):
        evaluate(NONE, NONE).at(0.6)


def test_pooled_scores_are_those_of_one_image_that_holds_all_cells(rng):
    truths = [rng.integers(0, 6, (12, 12)) for _ in range(4)]
    predictions = [np.where(rng.random((12, 12)) < 0.7, truth, 0) for truth in truths]
    pooled = pool(evaluate(*pair) for pair in zip(predictions, truths, strict=True))
    as_one = [
        np.hstack([np.where(labels, labels + 10 * k, 0) for k, labels in enumerate(images)])
        for images in (predictions, truths)
    ]
    assert pooled.to_dict() == pytest.approx(evaluate(*as_one).to_dict())


def test_an_image_without_true_cells_adds_its_spurious_cells_to_the_pool():
    pooled = pool([evaluate(row(1, 1), row(1, 1)), evaluate(row(1, 2), row(0, 0))])
    assert (pooled.seg, pooled.det) == (1, 1 - 2 / 10)


def test_pools_can_be_pooled():
    one = pool([evaluate(row(1), row(1))])
    assert len(pool([one, evaluate(row(0), row(1)), one]).images) == 3


def test_an_empty_pool_is_refused():
    with pytest.raises(sc.SettingsError, match="at least one"):
        pool([])


def test_evaluations_at_other_thresholds_cannot_be_pooled():
    with pytest.raises(sc.SettingsError, match="same ones"):
        pool([evaluate(NONE, NONE), evaluate(NONE, NONE, thresholds=(0.3,))])


def test_planes_of_a_stack_have_cells_of_their_own():
    truth = np.array([[[1, 1, 0]], [[1, 1, 1]]])
    predicted = np.array([[[1, 1, 0]], [[0, 0, 0]]])
    result = evaluate_planes(predicted, truth)
    assert (result.seg, result.images[1].missed) == (0.5, (1,))


def test_stacks_of_different_shapes_are_refused():
    with pytest.raises(sc.ImageError, match="same image"):
        evaluate_planes(np.ones((2, 3, 4), int), np.ones((3, 3, 4), int))


def test_scores_of_many_images_make_one_table(crowd):
    table = Table.from_rows([evaluate(crowd, crowd).to_dict(), evaluate(NONE, NONE).to_dict()])
    assert table["average_precision_0.75"].tolist() == [1, 1]
