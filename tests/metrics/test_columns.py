"""Columns are declared once, and tables and documentation agree with that."""

import re
from pathlib import Path

import numpy as np
import pytest

from samcell_core.metrics import COLUMNS, SUMMARY_COLUMNS, describe, measure, summarize
from samcell_core.metrics.columns import markdown

PAGE = Path(__file__).parents[2] / "docs" / "measures.md"


@pytest.fixture
def everything():
    """A table with every column there is."""
    labels = np.ones((2, 2, 3, 4), int)
    return measure(
        labels=labels, label_axes="TZYX", image=labels * 2.0, pixel_size=(1, 1), distance_map=labels
    )


def test_a_table_has_the_declared_columns_in_the_declared_order(everything):
    assert list(everything.names) == [column.name for column in COLUMNS]


def test_a_summary_has_the_declared_columns_in_the_declared_order(everything):
    summary = summarize(everything, labels=np.ones((2, 2, 3, 4), int), pixel_size=(1, 1))
    assert list(summary) == [column.name for column in SUMMARY_COLUMNS]


def test_no_name_is_declared_twice():
    names = [column.name for column in (*COLUMNS, *SUMMARY_COLUMNS)]
    assert len(set(names)) == len(names)


def test_every_column_of_a_table_of_many_channels_is_described():
    table = measure(labels=[[1, 1]], image=np.zeros((4, 1, 2)))
    assert {describe(name).name for name in table.names} >= {"area", "intensity_max"}


def test_an_unknown_column_is_not_described():
    with pytest.raises(KeyError, match="colour"):
        describe("colour")


@pytest.mark.parametrize("columns", [COLUMNS, SUMMARY_COLUMNS], ids=["cells", "image"])
def test_the_documentation_lists_the_columns_as_declared(columns):
    assert markdown(columns) in PAGE.read_text(encoding="utf-8")


def test_the_documentation_lists_no_column_that_is_not_declared():
    listed = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert listed == [column.name for column in (*COLUMNS, *SUMMARY_COLUMNS)]
