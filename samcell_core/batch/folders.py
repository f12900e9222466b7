"""The folders and files inside OUT, by name."""

from __future__ import annotations

from pathlib import Path

__all__ = ["RESULT_FOLDERS", "WORK", "is_out", "result_above"]

WORK = ".samcell"
"""The hidden folder that makes a folder an OUT: what is finished, and what is being written."""

RESULT_FOLDERS = ("labels", "rois", "overlays", "distance", "masks", "geojson")
"""Folders inside OUT that hold results, and are therefore never searched for images."""


def is_out(folder: Path) -> bool:
    """Whether results were written into a folder before."""
    return (folder / WORK).is_dir()


def result_above(path: Path) -> Path | None:
    """The folder of results that a path is or lies in; ``None`` where it lies in none."""
    for folder in (path, *path.parents):
        if folder.name in (*RESULT_FOLDERS, WORK) and is_out(folder.parent):
            return folder
    return None
