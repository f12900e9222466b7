"""Tables between this project and ImageJ: the same numbers and texts."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagej_bridge.gateway import java_class
from samcell_core.errors import SamcellError
from samcell_core.metrics import Table

__all__ = ["from_results_table", "to_results_table"]

RESULTS = "Results"  # the table that macros ask with nResults and getResult
_ROW_LABELS = "Label"


def to_results_table(table: Any, title: str, *, overwrite: bool, show: bool) -> Any:
    """Table of ImageJ with the same columns.

    Parameters
    ----------
    table
        A `Table`, a data frame, or columns by name.
    title
        Its title; ``Results`` for the one that macros ask.
    overwrite
        Whether rows of an open table of that title may be replaced.
    show
        Whether to open its window.
    """
    columns = _columns(table)
    class_ = java_class("ij.measure.ResultsTable")
    opened = class_.getResultsTable(title)
    if opened is not None and int(opened.size()) and not overwrite:
        raise SamcellError(
            f"The table {title} holds {int(opened.size())} rows: save and close it, or give "
            "another title, or overwrite=True."
        )
    made = class_()
    made.setNaNEmptyCells(True)
    # Headings first, so that they are there, and in order, where there are no rows, too.
    for name in columns:
        if name != _ROW_LABELS:
            made.getFreeColumn(name)
    for name, values in columns.items():
        if values.dtype.kind in "biuf":
            numbers = importlib.import_module("jpype").JArray.of(values.astype(np.float64))
            if len(values):
                made.setValues(name, numbers)
        else:
            for row, text in enumerate(values.tolist()):
                made.setValue(name, row, str(text))
    if title == RESULTS:
        # Else nResults stays 0 where no window opens.
        java_class("ij.plugin.filter.Analyzer").setResultsTable(made)
    if show:
        made.show(title)
    return made


def from_results_table(source: Any) -> Table:
    """Columns of a table of ImageJ, given itself or by its title: numbers as float64, or texts."""
    found = source
    if isinstance(source, str):
        found = java_class("ij.measure.ResultsTable").getResultsTable(source)
        if found is None:
            raise SamcellError(f"ImageJ has no open table {source}: give the title of its window.")
    names = [str(name) for name in found.getHeadings()]
    return Table({name: _values(found, name) for name in names})


def _columns(table: Any) -> dict[str, NDArray[Any]]:
    source = table if isinstance(table, (Table, Mapping)) or hasattr(table, "keys") else None
    if source is None:
        raise SamcellError(
            f"A {type(table).__name__} is no table: give what samcell_core.measure returned, a "
            "data frame, or columns by name."
        )
    columns = {str(name): np.asarray(source[name]) for name in source.keys()}  # noqa: SIM118
    large = [name for name, values in columns.items() if _is_inexact(values)]
    if large:
        raise SamcellError(
            f"The column {large[0]} holds whole numbers above 2^53, which ImageJ cannot hold "
            "exactly: give them as texts."
        )
    return columns


def _is_inexact(values: NDArray[Any]) -> bool:
    if values.dtype.kind not in "iu":
        return False
    return bool((values.astype(np.float64).astype(values.dtype) != values).any())


def _values(table: Any, name: str) -> NDArray[Any]:
    rows = int(table.size())
    if name == _ROW_LABELS:
        return np.array([str(table.getLabel(row) or "") for row in range(rows)], str)
    if not rows:
        return np.zeros(0)
    numbers = np.array(table.getColumnAsDoubles(table.getColumnIndex(name)), np.float64)
    missing = np.flatnonzero(np.isnan(numbers))
    texts = {str(table.getStringValue(name, int(row))) for row in missing}
    if texts <= {"NaN", ""}:
        return numbers
    return np.array([str(table.getStringValue(name, row)) for row in range(rows)])
