"""Ten thousand cells in 4096x4096 pixels, in seconds of one processor core."""

import time

import numpy as np
import pytest

from samcell_core.metrics import evaluate, measure


@pytest.fixture(scope="module")
def many():
    """Ten thousand cells in an image of 4096x4096 pixels, most of them touching."""
    y, x = np.indices((4096, 4096), dtype=np.int32)
    row, column = y * 100 // 4096, x * 100 // 4096
    labels = row * 100 + column + 1
    corner = (y - (row * 4096 + 2048) // 100) ** 2 + (x - (column * 4096 + 2048) // 100) ** 2
    labels[corner > 22**2] = 0
    return labels


def test_ten_thousand_cells_are_measured_in_five_seconds(many):
    distance_map = np.full(many.shape, 0.5, np.float32)
    image = many.astype(np.uint16)
    started = time.process_time()
    table = measure(labels=many, image=image, distance_map=distance_map, pixel_size=(0.5, 0.5))
    assert time.process_time() - started < 5
    assert len(table) == 10_000


def test_ten_thousand_cells_are_evaluated_in_two_seconds(many):
    predicted = np.roll(many, 5, axis=1)
    started = time.process_time()
    result = evaluate(predicted, many, thresholds=(0.3, 0.5, 0.75, 0.9))
    assert time.process_time() - started < 2
    assert result.truth_count == 10_000
