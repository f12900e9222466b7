"""One table of all cells and one of all images, put together from the parts of each image."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from samcell_core.metrics import COLUMNS, SUMMARY_COLUMNS

__all__ = ["ImageRow", "read_columns", "write_cells", "write_images"]


@dataclass(frozen=True)
class ImageRow:
    """What the tables and the report say of one image.

    Attributes
    ----------
    image
        What people call it.
    error
        Why there are no results; empty where there are some.
    name
        The name of its results.
    sha256
        Checksum of its file or files.
    summary
        Numbers of the whole image, such as its count.
    notes
        Things worth knowing.
    part
        The folder with its part of the tables and the report.
    outputs
        Its files inside OUT.
    """

    image: str
    error: str = ""
    name: str = ""
    sha256: str = ""
    summary: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    part: Path | None = None
    outputs: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Number of cells."""
        return int(self.summary.get("count", 0))


_FRAME = ("height", "width", "pixel_height_um", "pixel_width_um", "doubtful")


def write_cells(path: Path, rows: Iterable[ImageRow]) -> None:
    """Write one row a cell of all images; a measure that an image does not have is NaN."""
    parts = [(row.image, row.part / "cells.csv") for row in rows if row.part is not None]
    present = {name for _, part in parts for name in _header(part)}
    names = sorted(present, key=_place)
    with path.open("x", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["image", *names])
        for image, part in parts:
            with part.open(encoding="utf-8", newline="") as lines:
                reader = csv.reader(lines)
                header = next(reader)
                where = [header.index(name) if name in header else None for name in names]
                for cells in reader:
                    writer.writerow([image, *("NaN" if at is None else cells[at] for at in where)])


def write_images(path: Path, rows: Sequence[ImageRow]) -> None:
    """Write one row an image: what it is, its numbers, and why it failed where it did."""
    declared = [column.name for column in SUMMARY_COLUMNS]
    present = {name for row in rows for name in row.summary}
    names = [name for name in (*declared, *_FRAME) if name in present or name == "count"]
    with path.open("x", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["image", "status", *names, "notes", "error"])
        for row in rows:
            numbers = [_as_text(row.summary.get(name, math.nan)) for name in names]
            status = "error" if row.error else "ok"
            writer.writerow([row.image, status, *numbers, " ".join(row.notes), row.error])


def read_columns(part: Path, names: Sequence[str]) -> Iterator[list[float]]:
    """Some columns of the cells of one image, row after row."""
    with (part / "cells.csv").open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        header = next(reader)
        where = [header.index(name) if name in header else None for name in names]
        for cells in reader:
            yield [math.nan if at is None else float(cells[at]) for at in where]


def _header(part: Path) -> list[str]:
    with part.open(encoding="utf-8", newline="") as lines:
        return next(csv.reader(lines))


def _place(name: str) -> tuple[int, int, int]:
    """Where a column belongs: as declared, the intensities of each channel together."""
    base, channel = name, -1
    found = re.fullmatch(r"(.+)_c(\d+)", name)
    if found:
        base, channel = found[1], int(found[2])
    order = [column.name for column in COLUMNS]
    place = order.index(base)
    if base.startswith("intensity_"):
        return order.index("intensity_mean"), channel, place
    return place, 0, 0


def _as_text(value: float) -> str:
    return "NaN" if value != value else repr(value)
