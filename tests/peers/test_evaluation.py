"""Evaluation against py-ctcmetrics and against the average precision of cellpose."""

import numpy as np
import pytest
import tifffile
from cellpose.metrics import average_precision
from ctc_metrics.metrics.technical.det import det
from ctc_metrics.metrics.technical.op_csb import op_csb
from ctc_metrics.metrics.technical.seg import seg
from ctc_metrics.utils.representations import count_acyclic_graph_correction_operations, match
from scipy import ndimage

from samcell_core.metrics import evaluate, pool

THRESHOLDS = [0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 1.0]
PAIRS = 300


def random_cells(rng, shape):
    """Touching cells with ids that have gaps, some background, sometimes none at all."""
    count = int(rng.integers(0, 25))
    if not count:
        return np.zeros(shape, np.int32)
    seeds = rng.random((count, 2)) * shape
    y, x = np.indices(shape)
    distance = (y[..., None] - seeds[:, 0]) ** 2 + (x[..., None] - seeds[:, 1]) ** 2
    ids = 1 + rng.permutation(200)[:count]
    labels = ids[distance.argmin(axis=-1)]
    labels[distance.min(axis=-1) > rng.uniform(5, 120)] = 0
    labels[0, 0] = 0  # py-ctcmetrics takes the smallest label for background
    return labels.astype(np.int32)


def random_answer(rng, truth):
    """A prediction that is wrong in every way: shifted, merged, split, missed, made up."""
    kind = rng.integers(6)
    if kind == 0:
        return random_cells(rng, truth.shape)
    if kind == 1:
        return truth.copy()
    names = np.arange(truth.max() + 1)
    wrong = rng.random(names.size)
    names[wrong < 0.15] = 0
    names[(wrong > 0.85) & (names > 0)] = rng.integers(1, 200)
    answer = names[np.roll(truth, rng.integers(-3, 4, 2), axis=(0, 1))]
    pieces = ndimage.gaussian_filter(rng.random(truth.shape), 3)
    answer[(pieces > np.quantile(pieces, 0.8)) & (answer > 0)] += 200
    answer[0, 0] = 0
    return answer.astype(np.int32)


@pytest.fixture(scope="module")
def pairs():
    rng = np.random.default_rng(7)
    truths = [random_cells(rng, tuple(rng.integers(8, 48, 2))) for _ in range(PAIRS)]
    truths[0][:] = 0
    answers = [random_answer(rng, truth) for truth in truths]
    answers[1][:] = 0
    return list(zip(answers, truths, strict=True))


@pytest.fixture(scope="module")
def challenge(pairs, tmp_path_factory):
    """What py-ctcmetrics matches in each pair, read from the TIFF files that it wants."""
    folder = tmp_path_factory.mktemp("labels")
    matches = []
    for predicted, truth in pairs:
        tifffile.imwrite(folder / "predicted.tif", predicted)
        tifffile.imwrite(folder / "truth.tif", truth)
        matches.append(match(str(folder / "truth.tif"), str(folder / "predicted.tif")))
    return matches


def consecutive(labels):
    """The same cells as 1..n: cellpose divides by zero where an id has no pixels."""
    return np.unique(labels, return_inverse=True)[1].reshape(labels.shape)


def cellpose_scores(predicted, truth):
    """AP, TP, FP and FN of cellpose at each threshold."""
    return np.stack(
        average_precision(consecutive(truth), consecutive(predicted), threshold=THRESHOLDS)
    )


def challenge_scores(matches):
    """SEG, DET and OP_CSB of py-ctcmetrics for one or many images."""
    truth, predicted, mapped_truth, mapped_predicted, jaccard = map(
        list, zip(*matches, strict=True)
    )
    graph = count_acyclic_graph_correction_operations(
        None, None, truth, predicted, mapped_truth, mapped_predicted
    )
    seg_value, det_value = seg(truth, jaccard), det(**graph)
    return seg_value, det_value, op_csb(seg_value, det_value)


def test_the_pairs_hold_every_kind_of_error(pairs):
    results = [evaluate(*pair) for pair in pairs]
    for listed in ("merged", "split", "missed", "spurious"):
        assert sum(bool(getattr(result, listed)) for result in results) > 50
    assert sum(result.truth_count == 0 for result in results) > 3
    assert sum(result.predicted_count == 0 for result in results) > 3


def test_seg_det_and_op_csb_are_those_of_py_ctcmetrics(pairs, challenge):
    compared = 0
    for pair, matches in zip(pairs, challenge, strict=True):
        if not matches[0] or not matches[1]:
            continue  # it divides by zero; the next tests say what we do
        result = evaluate(*pair)
        assert (result.seg, result.det, result.op_csb) == pytest.approx(challenge_scores([matches]))
        compared += 1
    assert compared > 250


def test_pooled_seg_det_and_op_csb_are_those_of_py_ctcmetrics(pairs, challenge):
    result = pool(evaluate(*pair) for pair in pairs)
    assert (result.seg, result.det, result.op_csb) == pytest.approx(challenge_scores(challenge))


def test_seg_without_predictions_is_that_of_py_ctcmetrics(pairs, challenge):
    compared = 0
    for pair, matches in zip(pairs, challenge, strict=True):
        if matches[0] and not matches[1]:
            assert evaluate(*pair).seg == seg([matches[0]], [matches[4]]) == 0
            compared += 1
    assert compared


def test_average_precision_and_counts_are_those_of_cellpose(pairs):
    compared = 0
    for predicted, truth in pairs:
        if not truth.any() and not predicted.any():
            continue  # 0/0 there
        expected = cellpose_scores(predicted, truth)
        found = np.array(
            [
                (
                    matches.average_precision,
                    matches.true_positives,
                    matches.false_positives,
                    matches.false_negatives,
                )
                for matches in evaluate(predicted, truth, thresholds=THRESHOLDS).matches
            ]
        ).T
        np.testing.assert_allclose(found, expected, rtol=1e-6)
        compared += 1
    assert compared > 280


def test_pooled_average_precision_comes_from_the_summed_counts_of_cellpose(pairs):
    counts = np.zeros((3, len(THRESHOLDS)))
    for predicted, truth in pairs:
        if truth.any() or predicted.any():
            counts += cellpose_scores(predicted, truth)[1:]
    pooled = pool(evaluate(*pair, thresholds=THRESHOLDS) for pair in pairs)
    found = [matches.average_precision for matches in pooled.matches]
    np.testing.assert_allclose(found, counts[0] / counts.sum(axis=0))
