"""Copying RunSAMCell into a folder of plugins, and taking it out again."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cellprofiler_plugin.installation.folder import PluginsFolder, plugins_folder, refuse_wrong
from cellprofiler_plugin.installation.record import (
    ENGINE,
    MODULE,
    SUB_PACKAGES,
    Record,
    checksum,
    read_record,
)
from samcell_core._version import __version__
from samcell_core.errors import SamcellError
from samcell_core.files import replacing
from samcell_core.installing import write_record

__all__ = ["Installed", "Removed", "install", "uninstall"]

_SOURCE = Path(__file__).resolve().parents[1]
_COMPILED = "__pycache__"


@dataclass(frozen=True)
class Installed:
    """What `install` has done.

    Attributes
    ----------
    folder
        Where the module is now.
    now, before
        What lies there, and what lay there; ``None`` where nothing did.
    written
        Files that were new or had changed.
    """

    folder: PluginsFolder
    now: Record
    before: Record | None
    written: list[str]


@dataclass(frozen=True)
class Removed:
    """What `uninstall` has done.

    Attributes
    ----------
    folder
        Where the module was.
    removed
        Files that were deleted.
    kept
        Files that were changed after they had been installed.
    """

    folder: Path
    removed: list[str]
    kept: list[str]


def install(
    given: Path | None = None, *, python: str = sys.executable, overwrite: bool = False
) -> Installed:
    """Put the module, with what it needs, into CellProfiler's folder of plugins.

    Parameters
    ----------
    given
        The folder; CellProfiler's own where not given.
    python
        The Python that is to run the engine.
    overwrite
        Whether files of the same names that this did not write may be replaced.

    Raises
    ------
    SamcellError
        The folder is wrong or cannot be written to, or holds such files.
    """
    folder = plugins_folder(given)
    try:
        if folder.usual:
            folder.path.mkdir(parents=True, exist_ok=True)
        refuse_wrong(folder.path)
        return _place(folder, python, overwrite=overwrite)
    except OSError as error:
        raise SamcellError(
            f"{folder.path} cannot be written to ({error.strerror or error}): give another folder, "
            "or ask whoever looks after this one."
        ) from error


def uninstall(given: Path | None = None) -> Removed:
    """Delete what `install` has written, and nothing else.

    Raises
    ------
    SamcellError
        Nothing was installed there, or it cannot be deleted.
    """
    folder = plugins_folder(given).path
    record = read_record(folder)
    if record is None:
        raise SamcellError(
            f"There is no RunSAMCell in {folder} that samcell-cli has installed: give the folder "
            "that it was installed in."
        )
    removed, kept = [], []
    try:
        for name, known in record.files.items():
            content = _content(folder / name)
            if content is None:
                continue
            if checksum(content) == known:
                _delete(folder / name)
                removed.append(name)
            else:
                kept.append(name)
        (folder / ENGINE).unlink()
        _delete_empty(folder, [*record.files, ENGINE])
    except OSError as error:
        raise SamcellError(
            f"RunSAMCell cannot be deleted from {folder} ({error.strerror or error}): close "
            "CellProfiler, then try again."
        ) from error
    return Removed(folder, removed, kept)


def _place(folder: PluginsFolder, python: str, *, overwrite: bool) -> Installed:
    path = folder.path
    contents = _contents()
    for name in SUB_PACKAGES:
        in_the_way = path / name
        if in_the_way.is_symlink() or (in_the_way.exists() and not in_the_way.is_dir()):
            raise SamcellError(f"{in_the_way} is a link or a file: move it elsewhere first.")
    before = read_record(path, lenient=overwrite)
    known = before.files if before else {}
    old = {name: _content(path / name) for name in {*contents, *known}}
    foreign = [
        name
        for name, content in contents.items()
        if (there := old[name]) is not None
        and there != content
        and checksum(there) != known.get(name)
    ]
    if foreign and not overwrite:
        raise SamcellError(
            f"{path / foreign[0]} is not what samcell-cli has installed, or was changed since: "
            "keep a copy if you need it, then --overwrite."
        )
    written = [name for name, content in contents.items() if old[name] != content]
    # The module last: CellProfiler may start at any moment, and finds all that it needs.
    for name in sorted(written, key=lambda each: each == MODULE):
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        with replacing(path / name) as draft:
            draft.write_bytes(contents[name])
    now = Record(python, __version__, {name: checksum(each) for name, each in contents.items()})
    write_record(path / ENGINE, now)
    for name in known.keys() - contents.keys():
        there = old[name]
        if there is not None and checksum(there) == known[name]:
            _delete(path / name)
    _delete_empty(path, known)
    return Installed(folder, now, before, written)


def _contents() -> dict[str, bytes]:
    """What is copied, by its path in the folder of plugins."""
    paths = [_SOURCE / MODULE]
    for name in SUB_PACKAGES:
        paths += sorted((_SOURCE / name).rglob("*.py"))
    return {path.relative_to(_SOURCE).as_posix(): path.read_bytes() for path in paths}


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _delete(path: Path) -> None:
    """Delete a Python file, and what Python has made of it."""
    path.unlink()
    for compiled in (path.parent / _COMPILED).glob(f"{path.stem}.*.pyc"):
        compiled.unlink()


def _delete_empty(folder: Path, names: Iterable[str]) -> None:
    """Delete the folders of files, not ``folder`` itself, as far as they are empty."""
    parents = {(folder / name).parent for name in names}
    for parent in sorted(parents, key=lambda each: len(each.parts), reverse=True):
        for path in (parent / _COMPILED, parent):
            if path != folder:
                with suppress(OSError):
                    path.rmdir()
