"""Which folder is CellProfiler's folder of plugins, and which one can never be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from cellprofiler_plugin.installation.preferences import preferred_folder
from samcell_core.errors import SamcellError
from samcell_core.files import expanded

__all__ = ["PluginsFolder", "plugins_folder", "refuse_wrong", "strange_files"]

_PROJECT = ("pyproject.toml", "setup.py", "setup.cfg")
_OF_CELLPROFILER = ("cellprofiler", "cellprofiler_core")
_PROGRAMS = ("CellProfiler.exe", "cellprofiler.exe")


@dataclass(frozen=True)
class PluginsFolder:
    """A folder, and how it came to be chosen.

    Attributes
    ----------
    path
        The folder, absolute.
    preferred
        Whether it is the one that is set in CellProfiler's preferences.
    usual
        Whether it was chosen because none was given or set.
    """

    path: Path
    preferred: bool
    usual: bool = False


def plugins_folder(given: Path | None = None) -> PluginsFolder:
    """Choose the folder: the given one, else CellProfiler's own, else one in the home folder."""
    set_there = preferred_folder()
    if given is not None:
        path = expanded(given).absolute()
        return PluginsFolder(path, preferred=set_there is not None and _same(path, set_there))
    if set_there is not None:
        return PluginsFolder(set_there, preferred=True)
    return PluginsFolder(Path.home() / "CellProfiler" / "plugins", preferred=False, usual=True)


def refuse_wrong(folder: Path) -> None:
    """Refuse a folder that CellProfiler cannot have its plugins in.

    Raises
    ------
    SamcellError
        It is not there, not a folder, part of CellProfiler, or a folder of other programs: of
        those, CellProfiler would run each as it starts.
    """
    if not folder.exists():
        raise SamcellError(
            f"There is no folder {folder}: make it, or give another one; CellProfiler's "
            'Preferences tell the present one as "CellProfiler plugins directory".'
        )
    if not folder.is_dir():
        raise SamcellError(f"{folder} is a file: give a folder.")
    because = _wrong(folder.resolve())
    if because:
        raise SamcellError(
            f"{folder} cannot be CellProfiler's folder of plugins, because {because}: give a "
            "folder for plugins alone, such as a new one."
        )


def strange_files(folder: Path) -> list[str]:
    """Python files that are not plugins, all of which CellProfiler runs as it starts."""
    return [path.name for path in _tried(folder) if not _is_plugin(path)]


def _wrong(folder: Path) -> str:
    for name in _PROJECT:
        if (folder / name).exists():
            return f"it holds the source code of a project ({name})"
    if folder == Path(__file__).resolve().parents[1]:
        return "it is where RunSAMCell is copied from"
    for part in (folder, *folder.parents):
        if part.name in _OF_CELLPROFILER and (part / "__init__.py").exists():
            return "it is a part of CellProfiler itself"
        if part.suffix == ".app":
            return f"it lies inside {part.name}"
    packages = tuple(f"{name}/__init__.py" for name in _OF_CELLPROFILER)
    if any((folder / name).exists() for name in _PROGRAMS + packages):
        return "it is where CellProfiler itself is installed"
    strange = strange_files(folder)
    if strange and len(strange) == len(_tried(folder)):
        return f"it holds Python files that are not plugins ({_some(strange)})"
    return ""


def _tried(folder: Path) -> list[Path]:
    """What CellProfiler takes for plugins."""
    return sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))


def _is_plugin(path: Path) -> bool:
    """Whether it has a class with the name of the file, by which CellProfiler finds the module."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    classes = re.findall(r"^class\s+(\w+)", text, re.MULTILINE)
    return path.stem.lower() in map(str.lower, classes)


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
