"""What is written of cells beside their outlines, asked for cell by cell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from imagej_bridge.cell_names import UniqueNames, default_name, in_one_line
from imagej_bridge.planes import Position
from samcell_core.errors import SamcellError

__all__ = ["Descriptions"]


class Descriptions:
    """Columns with one value for each cell, in the order of every table of this project.

    That order is: planes as they come, labels ascending in each.

    Parameters
    ----------
    names
        Names of the cells; made from their numbers where not given.
    columns
        Further values by name; ``None`` for a column that is not given.
    """

    def __init__(self, names: Iterable[str] | None, **columns: Iterable[Any] | None) -> None:
        self._names = None if names is None else iter(names)
        self._columns: dict[str, Iterator[Any]] = {
            name: iter(values) for name, values in columns.items() if values is not None
        }
        self._unique = UniqueNames()
        self.count = 0

    def next(self, label: int, position: Position) -> tuple[str, dict[str, float]]:
        """Name and values of the next cell; values that are no number (NaN) are left out."""
        self.count += 1
        name = default_name(label, position)
        if self._names is not None:
            name = in_one_line(str(self._value("names", self._names))) or name
        numbers = {key: float(self._value(key, of)) for key, of in self._columns.items()}
        known = {key: number for key, number in numbers.items() if math.isfinite(number)}
        return self._unique.add(name), known

    def close(self) -> None:
        """Raise `SamcellError` where values are left over."""
        columns = dict(self._columns)
        if self._names is not None:
            columns["names"] = self._names
        for name, values in columns.items():
            if next(values, None) is not None:
                raise self._wrong(name, "more")

    def _value(self, column: str, values: Iterator[Any]) -> Any:
        try:
            return next(values)
        except StopIteration:
            raise self._wrong(column, "fewer") from None

    def _wrong(self, column: str, more: str) -> SamcellError:
        return SamcellError(
            f"{column} has {more} values than the labels have cells: give one for each cell, "
            "planes in order and labels ascending in each, as samcell_core.measure does."
        )
