"""What the running worker measures: cells, labels that are given, labels against the truth."""

import numpy as np
import pytest

import samcell_core as sc
from samcell_core.metrics import COLUMNS


def test_cells_are_measured(wire, lite, cells):
    header, arrays = wire.segment(cells, outputs=["cells"], pixel_size=[0.5, 0.25])
    image = sc.as_image(cells)
    expected = sc.measure(lite.segment(cells), image, pixel_size=(0.5, 0.25))
    assert [f"cells.{name}" for name in expected.names] == list(arrays)
    for name in expected.names:
        np.testing.assert_array_equal(arrays[f"cells.{name}"], expected[name])
    assert header["summary"]["count"] == 6
    assert header["pixel_size"] == [0.5, 0.25]


def test_the_columns_of_a_table_are_explained(wire, cells):
    columns = wire.segment(cells, outputs=["cells"])[0]["columns"]
    known = {column.name: column.unit for column in COLUMNS}
    assert {each["name"]: known[each["name"]] for each in columns} == {
        each["name"]: each["unit"] for each in columns
    }


def test_an_image_without_cells_has_an_empty_table(wire):
    header, arrays = wire.segment(np.zeros((64, 64), np.uint8), outputs=["labels", "cells"])
    assert (header["count"], header["summary"]["area_mean"]) == (0, None)
    assert arrays["cells.area"].shape == (0,)


def test_labels_are_measured(wire):
    labels = np.array([[1, 1, 0, 2]], np.uint16)
    header, arrays = wire.ask("measure", {"labels": labels}, pixel_size=[2, 3])
    assert arrays["cells.area"].tolist() == [2, 1]
    assert arrays["cells.area_um2"].tolist() == [12, 6]
    assert header["count"] == header["summary"]["count"] == 2


def test_labels_are_held_against_the_truth(wire):
    predicted, truth = np.array([[1, 1, 1, 0, 5]]), np.array([[1, 1, 2, 0, 0]])
    header, arrays = wire.ask("evaluate", {"predicted": predicted, "truth": truth})
    assert header["scores"]["seg"] == pytest.approx(0.5)
    assert arrays["merged"].tolist() == [[0, 1, 1], [0, 1, 2]]
    assert arrays["spurious"].tolist() == [[0, 5]]
    assert (arrays["missed"].shape, arrays["split"].shape) == ((0, 2), (0, 3))


def test_thresholds_of_the_evaluation_are_chosen(wire):
    labels = np.array([[1, 0]], np.uint8)
    header, _ = wire.ask("evaluate", {"predicted": labels, "truth": labels}, thresholds=[0.6])
    assert header["scores"]["f1_0.6"] == 1
    assert "f1_0.5" not in header["scores"]
