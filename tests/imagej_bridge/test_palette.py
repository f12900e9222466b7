"""Colours of labels: told apart from the background and from each other."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

import imagej_bridge as ib


def test_outside_cells_it_is_black_and_no_label_is_near_it():
    table = ib.colour_table().astype(int)
    assert table[0].tolist() == [0, 0, 0]
    brightness = table[1:] @ np.array([0.299, 0.587, 0.114])
    assert brightness.min() > 50


def test_all_colours_differ():
    assert len(np.unique(ib.colour_table(), axis=0)) == 256


def test_labels_that_follow_each_other_are_far_apart():
    table = ib.colour_table().astype(int)
    for step in (1, 2, 3):
        assert np.abs(table[1 + step :] - table[1:-step]).sum(axis=1).min() > 100


def test_a_table_that_someone_changed_stays_theirs():
    ib.colour_table()[:] = 0
    assert ib.colour_table().max() == 255


def test_the_formats_need_neither_torch_nor_roifile():
    code = (
        "import imagej_bridge, sys; sys.exit(bool({'torch', 'roifile', 'jpype'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
