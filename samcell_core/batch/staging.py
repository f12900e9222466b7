"""Several files that appear together: written aside, promised in a record, then moved.

The record is the promise: before it is there, nothing counts; once it is there, the files are moved
to their places, by this process or by the next one that looks. So whenever a process is killed,
each file is whole or absent, and what was finished is known.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from samcell_core.errors import SamcellError

__all__ = ["Draft", "Promise", "checksum", "write_json"]

_RECORD = "record.json"
_FILES = "files"
_CHUNK = 1 << 20
_PATIENCE = 5.0


class Draft:
    """Files that are being written.

    Attributes
    ----------
    folder
        For parts that stay aside.
    staged
        Names in the folder ``files`` by what they are to become.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.staged: dict[str, str] = {}
        (folder / _FILES).mkdir(parents=True)

    def path(self, target: str) -> Path:
        """Where to write what is to appear as ``target``, a path inside OUT."""
        # A short name: that in OUT may already be as long as names can be.
        self.staged[target] = f"{len(self.staged)}{Path(target).suffix}"
        return self.folder / _FILES / self.staged[target]


class Promise:
    """The folder of one set of files, in the hidden part of OUT."""

    def __init__(self, out: Path, folder: Path) -> None:
        self._out = out
        self._folder = folder
        self._old = folder.with_name(folder.name + ".old")

    def part(self, name: str) -> Path:
        """A part that stays aside."""
        return self._folder / name

    def look(self) -> dict[str, Any] | None:
        """The record; ``None`` where nothing was promised. Nothing is moved."""
        for folder in (self._folder, self._old):
            try:
                return dict(json.loads((folder / _RECORD).read_text(encoding="utf-8")))
            except FileNotFoundError:
                continue
            except (OSError, ValueError) as error:
                raise SamcellError(
                    f"{folder / _RECORD} cannot be read ({error}): delete the folder {folder} to "
                    "compute these results again."
                ) from error
        return None

    def read(self) -> dict[str, Any] | None:
        """The record as `look` gives it. Files that are still aside are moved to their places."""
        if not self._folder.exists() and self._old.exists():
            patiently(partial(self._old.rename, self._folder))
        record = self.look()
        if record is not None:
            self._move(record)
        return record

    def may_write(self, target: str, *, overwrite: bool, record: Mapping[str, Any] | None) -> bool:
        """Whether a file in OUT is absent, ours and unchanged, or may be overwritten."""
        path = self._out / target
        if not os.path.lexists(path):
            return True
        if overwrite:
            return not path.is_dir()
        known = (record or {}).get("outputs", {}).get(target)
        return known is not None and path.is_file() and checksum(path) == known

    @contextmanager
    def write(self, describe: Callable[[], Mapping[str, Any]]) -> Iterator[Draft]:
        """Write files; at the end they are promised, with a description, and moved."""
        fresh = self._folder.with_name(self._folder.name + ".draft")
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            draft = Draft(fresh)
            yield draft
            files = fresh / _FILES
            record = {
                **describe(),
                "outputs": {target: checksum(files / n) for target, n in draft.staged.items()},
                "staged": draft.staged,
            }
            write_json(fresh / _RECORD, record)
            if self._folder.exists():
                # The old promise holds until the new one is in its place.
                shutil.rmtree(self._old, ignore_errors=True)
                patiently(partial(self._folder.rename, self._old))
            patiently(partial(fresh.rename, self._folder))
            shutil.rmtree(self._old, ignore_errors=True)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        self._move(record)

    def forget(self) -> None:
        """Remove the record and the parts; files in OUT stay."""
        shutil.rmtree(self._old, ignore_errors=True)
        (self._folder / _RECORD).unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _move(self, record: Mapping[str, Any]) -> None:
        files = self._folder / _FILES
        if not files.is_dir():
            return
        for target, name in record["staged"].items():
            if (files / name).exists():
                path = self._out / target
                path.parent.mkdir(parents=True, exist_ok=True)
                patiently(partial((files / name).replace, path))
        with suppress(OSError):
            files.rmdir()


def checksum(path: Path) -> str:
    """The SHA-256 checksum of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write values as JSON: whole, or not at all."""
    draft = path.with_name(path.name + ".draft")
    draft.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    patiently(partial(draft.replace, path))


def patiently(act: Callable[[], object]) -> None:
    """Try again for a moment: Windows refuses to move what a virus scanner looks at just now."""
    end = time.monotonic() + (_PATIENCE if os.name == "nt" else 0)
    while True:
        try:
            act()
        except PermissionError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.05)
        else:
            return
