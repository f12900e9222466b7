"""The programs that SAMCell is a module of, where they are found on this computer."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from samcell_core.checkup.finding import NOTE, OK, Finding

__all__ = ["check_programs", "find_cellprofiler", "find_imagej"]

_IF_USED = "nothing to do, unless you use it"


def check_programs() -> Iterator[Finding]:
    """One finding for each program."""
    for name, path in (("CellProfiler", find_cellprofiler()), ("Fiji or ImageJ", find_imagej())):
        if path:
            yield Finding(name, OK, path)
        else:
            yield Finding(name, NOTE, "not found in the usual places", f"{_IF_USED}.")


def find_cellprofiler() -> str:
    """Where CellProfiler is; empty where it is not found."""
    programs = os.environ.get("ProgramFiles", r"C:\Program Files")  # noqa: SIM112 - its name
    usual: list[Path] = []
    if sys.platform == "darwin":
        usual = sorted(Path("/Applications").glob("CellProfiler*.app"))
    elif sys.platform == "win32":
        usual = sorted(Path(programs).glob("CellProfiler*/CellProfiler.exe"))
    found = shutil.which("cellprofiler") or _first(usual)
    if not found and importlib.util.find_spec("cellprofiler"):
        return f"in this Python ({sys.executable})"
    return found


def find_imagej() -> str:
    """Where Fiji, else ImageJ, is; empty where neither is found."""
    home = Path.home()
    above = [home, home / "Applications", home / "Desktop", home / "Downloads"]
    above += [Path("/Applications"), Path("/opt"), Path("/usr/local")]
    if sys.platform == "win32":
        above += [Path("C:/"), Path("C:/Program Files")]
    inside = (
        path
        for folder in above
        for pattern in ("Fiji*", "fiji*")
        for path in _glob(folder, pattern)
        if (path / "jars").is_dir() or (path / "Fiji.app" / "jars").is_dir()
    )
    return _first(inside) or next(filter(None, map(shutil.which, ("fiji", "ImageJ", "imagej"))), "")


def _glob(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.glob(pattern))
    except OSError:  # not for this user's eyes
        return []


def _first(paths: Iterable[Path]) -> str:
    return next((str(path) for path in paths if path.exists()), "")
