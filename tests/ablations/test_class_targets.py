"""What the targets of two and three classes are, and the cells that come from perfect ones."""

import numpy as np
import pytest

from samcell_core.metrics import evaluate
from samcell_core.training import make_targets


@pytest.fixture
def targets(monkeypatch):
    """The ways to say where cells are, by name."""
    from pathlib import Path

    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "ablations"))
    from common.class_targets import TARGETS

    return {target.name: target for target in TARGETS}


@pytest.fixture
def touching():
    """Two squares of 20 pixels that touch, and one by itself."""
    labels = np.zeros((60, 80), np.int32)
    labels[10:30, 10:30] = 1
    labels[10:30, 30:50] = 2
    labels[35:55, 55:75] = 3
    return labels


def drawn(targets, name, labels):
    return targets[name].draw(labels, make_targets(labels).distance)


def test_two_classes_leave_two_pixels_of_each_cell_free_where_cells_touch(targets, touching):
    row = drawn(targets, "two classes", touching)[20, 8:52]
    assert np.flatnonzero(np.diff(row)).tolist() == [1, 19, 23, 41]


def test_three_classes_have_a_border_of_two_pixels_all_around(targets, touching):
    row = drawn(targets, "three classes", touching)[45, 53:77]
    assert row.tolist() == [0, 0, 0.5, 0.5, *[1] * 16, 0.5, 0.5, 0, 0]


def test_perfect_maps_of_every_target_give_three_cells(targets, touching):
    three = drawn(targets, "three classes", touching)
    maps = {
        "distance map": [drawn(targets, "distance map", touching)],
        "two classes": [drawn(targets, "two classes", touching)],
        "three classes": [(three == 0).astype(np.float32), (three == 1).astype(np.float32)],
    }
    found = {name: evaluate(targets[name].cells(each), touching) for name, each in maps.items()}
    assert {name: each.det for name, each in found.items()} == dict.fromkeys(maps, 1.0)
    assert min(each.seg for each in found.values()) > 0.95
