"""The folder of a run: where its files are, and those for people, which it can do without."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from samcell_core.errors import SamcellError, TrainingError
from samcell_core.segmentation import Segmentation
from samcell_core.training.curves import HistoryRow, write_history
from samcell_core.training.examples import Example
from samcell_core.training.pictures import sample_picture, write_png
from samcell_core.training.plot import draw_curves

__all__ = ["RunFolder"]


class RunFolder:
    """Files of a run.

    Parameters
    ----------
    path
        The folder, which is made where it is not there yet.
    best_by
        What makes a network the best, for the curves.

    Raises
    ------
    TrainingError
        It cannot be made.
    """

    def __init__(self, path: Path, *, best_by: Literal["score", "loss"] = "score") -> None:
        self.path = path
        self._best_by = best_by
        self.best = path / "best.safetensors"
        self.state = path / "state.safetensors"
        self._history = path / "history.csv"
        self._curves = path / "curves.png"
        self._samples = path / "samples"
        try:
            self._samples.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TrainingError(
                f"The folder {path} cannot be used for the run ({error.strerror}): give another."
            ) from error

    def results(self) -> list[str]:
        """Names of results that are there already."""
        files = (self.best, self._history, self._curves)
        return [file.name for file in files if file.exists()]

    def show(
        self, rows: Sequence[HistoryRow], shown: Mapping[str, tuple[Example, Segmentation]]
    ) -> tuple[str, ...]:
        """Write history, curves and sample pictures; return a sentence for each that failed.

        Somebody may be looking at them with a program that locks them: no reason to stop.
        """
        notes: list[str] = []
        try:
            write_history(rows, self._history)
        except SamcellError as error:
            notes.append(_note(error))
        try:
            draw_curves(rows, self._curves, best_by=self._best_by)
        except SamcellError as error:
            notes.append(_note(error))
        for name, (example, segmentation) in shown.items():
            picture = sample_picture(
                example.image,
                example.labels,
                segmentation.distance_map,
                segmentation.labels,
                title=example.name,
            )
            try:
                write_png(picture, self._samples / f"{_as_file_name(name)}.png", overwrite=True)
            except SamcellError as error:
                notes.append(_note(error))
        return tuple(notes)


def _note(error: SamcellError) -> str:
    return f"{error} Training goes on, and tries again at the next validation."


def _as_file_name(name: str) -> str:
    """Name of a set without what file systems refuse, still another for each set."""
    return re.sub(r'[<>:"/\\|?*%\x00-\x1f]', lambda found: f"%{ord(found[0]):02X}", name)
