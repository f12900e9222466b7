"""The files that a search for thresholds leaves: a table, a picture, a summary."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from samcell_core._version import __version__
from samcell_core.errors import SamcellError
from samcell_core.files import new_file
from samcell_core.metrics.table import Table
from samcell_core.tuning.heat_map import draw_heat_map
from samcell_core.tuning.result import NEAR, Score, Tuning

__all__ = ["ALL_SETS", "MAPS", "RESULTS", "make_folder", "notes", "summary", "write_tuning"]

ALL_SETS = "all sets"
"""What tables call the mean over the sets."""

RESULTS = ("tuning.csv", "images.csv", "heat_map.png", "summary.json")
"""Files in the folder of the results."""

MAPS = "maps"
"""Folder in it that keeps the distance maps."""


def write_tuning(
    tuning: Tuning, folder: str | os.PathLike[str], *, overwrite: bool = False
) -> None:
    """Write table, scores of each image, heat map and summary into a folder.

    Raises
    ------
    SamcellError
        A file exists and ``overwrite`` is false, or the folder cannot be written to.
    """
    folder = Path(folder)
    make_folder(folder)
    table, images, picture, text = (folder / name for name in RESULTS)
    _table(tuning).to_csv(table, overwrite=overwrite)
    _images(tuning).to_csv(images, overwrite=overwrite)
    draw_heat_map(tuning, picture, overwrite=overwrite)
    with new_file(text, overwrite=overwrite, kind="summary") as draft:
        written = json.dumps(summary(tuning), indent=1, ensure_ascii=False)
        draft.write_text(written + "\n", encoding="utf-8", newline="\n")


def make_folder(folder: Path) -> None:
    """Make a folder for results, and see that it can be written to.

    Raises
    ------
    SamcellError
        It cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SamcellError(
            f"The folder {folder} cannot be made or written to ({error.strerror or error}): give "
            "another."
        ) from error


def summary(tuning: Tuning) -> dict[str, Any]:
    """What was found, as plain values for other programs."""
    peak, fill = tuning.present_thresholds
    return {
        "program": "samcell-suite",
        "version": __version__,
        "model": {"name": tuning.model.name, "sha256": tuning.model.sha256 or None},
        "settings": tuning.settings.to_dict(),
        "pairs": tuning.grid.pairs,
        "peaks": list(tuning.grid.peaks),
        "fills": list(tuning.grid.fills),
        "images": len(tuning.scored()),
        "failed": {image.name: image.error for image in tuning.failed},
        "near": NEAR,
        "present": {"peak": peak, "fill": fill},
        "notes": list(notes(tuning)),
        "over_all": _found(tuning, None),
        "sets": {name: _found(tuning, name) for name in tuning.sets},
    }


def notes(tuning: Tuning) -> tuple[str, ...]:
    """What should make one doubt the optimum over all, each a sentence."""
    best, grid = tuning.optimum(), tuning.grid
    found = []
    for name, value, tried in (("peak", best.peak, grid.peaks), ("fill", best.fill, grid.fills)):
        if len(tried) > 1 and value in (tried[0], tried[-1]):
            end = "lowest" if value == tried[0] else "highest"
            found.append(
                f"The best {name} threshold, {value:g}, is the {end} that was tried: try others "
                "beyond it."
            )
    if best.near.elsewhere:
        found.append(
            f"Thresholds in another part of the grid are as good within {NEAR:g} (pairs: "
            f"{best.near.elsewhere}): see the heat map, and use more images."
        )
    return tuple(found)


def _found(tuning: Tuning, name: str | None) -> dict[str, Any]:
    best = tuning.optimum(name)
    return {
        "images": len(tuning.scored(name)),
        "peak": best.peak,
        "fill": best.fill,
        **best.score._asdict(),
        "present": tuning.present(name)._asdict(),
        "near": {
            "pairs": best.near.pairs,
            "peak": list(best.near.peak),
            "fill": list(best.near.fill),
            "elsewhere": best.near.elsewhere,
        },
    }


def _table(tuning: Tuning) -> Table:
    """One row for each set, peak and fill; the mean over the sets first where there are several."""
    grid = tuning.grid
    names: list[str | None] = [*tuning.sets]
    if len(names) > 1:
        names.insert(0, None)
    rows = []
    for name in names:
        scores = tuning.table(name)
        for row, column in np.argwhere(~np.isnan(scores[0])).tolist():
            score = Score(*scores[:, row, column].tolist())
            rows.append(
                {
                    "set": ALL_SETS if name is None else name,
                    "images": len(tuning.scored(name)),
                    "peak": grid.peaks[row],
                    "fill": grid.fills[column],
                    **score._asdict(),
                }
            )
    return Table.from_rows(rows)


def _images(tuning: Tuning) -> Table:
    """One row for each image: its scores now, at the optimum over all, and at its own."""
    best = tuning.optimum()
    row, column = tuning.grid.peaks.index(best.peak), tuning.grid.fills.index(best.fill)
    rows = []
    for image in tuning.images:
        values: dict[str, Any] = {"image": image.name, "set": image.set}
        values |= {"status": "error" if image.error else "ok", "error": image.error}
        if image.scores is not None and image.present is not None:
            values |= {
                "truth_count": float(image.cells),
                "op_csb_present": image.present.op_csb,
                "op_csb_optimum": float(image.scores[0, row, column]),
                "op_csb_highest": float(np.nanmax(image.scores[0])),
            }
        rows.append(values)
    return Table.from_rows(rows)
