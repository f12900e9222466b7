"""A small table of equally long columns, in a fixed order, and its CSV file."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, KeysView, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.files import new_file

__all__ = ["Table"]


class Table:
    """Columns of equal length by name. Immutable; its length is the number of rows.

    ``table["area"]`` is a column and ``"area" in table`` says whether it is there;
    ``for row in table`` gives each row as a dict of Python values and ``dict(table)`` all columns.
    ``pandas.DataFrame(table)`` is a data frame, ``pandas.DataFrame(dict(table))`` one that has its
    columns also where there are no rows.

    Examples
    --------
    >>> table = Table({"id": [1, 2], "area": [30, 12]})
    >>> len(table), table.names
    (2, ('id', 'area'))
    >>> [row["area"] for row in table.sorted_by("area")]
    [12, 30]
    """

    __slots__ = ("_columns",)

    def __init__(self, columns: Mapping[str, Any]) -> None:
        arrays = {name: np.array(values) for name, values in columns.items()}
        lengths = {array.shape for array in arrays.values()}
        if len(lengths) > 1 or any(len(shape) != 1 for shape in lengths):
            raise ValueError(
                "The columns of a table must be of one dimension and of equal length: "
                + ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
            )
        for array in arrays.values():
            array.flags.writeable = False
        self._columns = arrays

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping[str, Any]]) -> Table:
        """Table of dict-like rows, such as the summaries of many images.

        Columns come in the order in which they are first seen; a value missing in a row is NaN.
        """
        names = dict.fromkeys(name for row in rows for name in row)
        return cls({name: [row.get(name, np.nan) for row in rows] for name in names})

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self._columns)

    def keys(self) -> KeysView[str]:
        """Names of the columns, as ``dict(table)`` asks for them."""
        return self._columns.keys()

    def __getitem__(self, name: str) -> NDArray[Any]:
        try:
            return self._columns[name]
        except KeyError:
            known = ", ".join(self._columns)
            raise KeyError(f"There is no column {name!r}: known are {known}.") from None

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), ()))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        values = (column.tolist() for column in self._columns.values())
        return (dict(zip(self._columns, row, strict=True)) for row in zip(*values, strict=True))

    def __repr__(self) -> str:
        return f"Table({len(self)} rows, columns {', '.join(self._columns)})"

    def sorted_by(self, name: str) -> Table:
        """Copy with its rows in ascending order of one column, NaN last, ties as they were.

        ``sorted_by("confidence")`` puts the doubtful cells first.
        """
        order = np.argsort(self[name], kind="stable")
        return Table({key: column[order] for key, column in self._columns.items()})

    def to_csv(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the table as CSV: whole, or not at all, and over an existing file only on demand.

        Numbers are written so that they are read back exactly; NaN as ``NaN``, true and false as
        1 and 0, lines end with a line feed. ImageJ, pandas and spreadsheets read it.

        Raises
        ------
        SamcellError
            The file exists, or cannot be written there.
        """
        with (
            new_file(path, overwrite=overwrite, kind="table") as draft,
            draft.open("x", encoding="utf-8", newline="") as stream,
        ):
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(self._columns)
            writer.writerows(
                zip(*(_as_text(column) for column in self._columns.values()), strict=True)
            )


def _as_text(column: NDArray[Any]) -> list[str]:
    if column.dtype.kind == "b":
        return ["1" if value else "0" for value in column.tolist()]
    if column.dtype.kind == "f":
        return ["NaN" if value != value else repr(value) for value in column.tolist()]
    return [str(value) for value in column.tolist()]
