"""Measures of cells that someone corrected by hand, or another program found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from samcell_core.batch.inputs import printable
from samcell_core.batch.reasons import reason_of
from samcell_core.batch.tables import ImageRow, write_cells, write_images
from samcell_core.comparison.label_files import LabelReader
from samcell_core.comparison.matching import Match
from samcell_core.errors import SamcellError
from samcell_core.images import read_image
from samcell_core.metrics import measure, summarize

__all__ = ["measure_matches"]

CELLS, IMAGES = "cells.csv", "images.csv"


def measure_matches(
    matches: Iterable[Match],
    out: Path,
    *,
    reader: LabelReader,
    axes: str | None = None,
    pixel_size: float | None = None,
    left_out: Mapping[str, str] | None = None,
    overwrite: bool = False,
    progress: Callable[[ImageRow], None] = lambda _: None,
) -> list[ImageRow]:
    """Measure the cells of label files in their images: the tables of a run, without a run.

    A file that cannot be read or does not fit has its reason in ``images.csv``; the others go on.

    Parameters
    ----------
    matches
        Labels first, their image second.
    out
        Folder that gets ``cells.csv`` and ``images.csv``, both whole or not at all.
    reader
        What reads the labels.
    axes
        Axes of the images, where their files do not say.
    pixel_size
        Width of a pixel in micrometres; where not given, as the image says, else as the labels
        say.
    left_out
        Files that cannot be measured, and why: they get a row, too.
    overwrite
        Whether tables that are there already may be replaced.
    progress
        Is told each image when it is done.

    Raises
    ------
    SamcellError
        A table exists already, or cannot be written.
    """
    for name in (CELLS, IMAGES):
        if not overwrite and (out / name).exists():
            raise SamcellError(
                f"{out / name} exists: give another folder, or allow it to be overwritten."
            )
    try:
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out, prefix=".measures-") as temporary:
            aside = Path(temporary)
            rows = []
            for number, match in enumerate(matches):
                part = aside / str(number)
                part.mkdir()
                rows.append(_measured(match, part, reader, axes, pixel_size))
                progress(rows[-1])
            rows += [ImageRow(name, error=why) for name, why in (left_out or {}).items()]
            write_cells(aside / CELLS, rows)
            write_images(aside / IMAGES, rows)
            for name in (CELLS, IMAGES):
                (aside / name).replace(out / name)
    except OSError as error:
        raise SamcellError(
            f"The tables cannot be written to {out} ({error.strerror or error}): give a folder "
            "that may be written to and has room, and close tables that another program has open."
        ) from error
    return rows


def _measured(
    match: Match, part: Path, reader: LabelReader, axes: str | None, pixel_size: float | None
) -> ImageRow:
    try:
        image = read_image(match.second, axes=axes, pixel_size=pixel_size)
        labels = reader.read(match.first, image)
        size = image.pixel_size or labels.pixel_size
        cells = measure(
            labels=labels.array, label_axes=labels.axes, image=image, axes=axes, pixel_size=size
        )
        summary = summarize(cells, labels=labels.array, pixel_size=size)
        cells.to_csv(part / CELLS)
    except Exception as error:  # of any library that meets a file nobody thought of
        return ImageRow(match.name, error=reason_of(error))
    frame = dict(zip(("height", "width"), labels.array.shape[-2:], strict=True))
    if size is not None:
        frame |= dict(zip(("pixel_height_um", "pixel_width_um"), size, strict=True))
    notes = tuple(printable(note) for note in image.notes)
    return ImageRow(match.name, summary={**summary, **frame}, notes=notes, part=part)
