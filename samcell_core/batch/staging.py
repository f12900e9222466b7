"""Several files that appear together: written aside, promised in a record, then moved.

The record is the promise: before it is there, nothing counts; once it is there, the files are moved
to their places, by this process or by the next one that looks. So whenever a process is killed,
each file is whole or absent, and what was finished is known.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from samcell_core.errors import SamcellError
from samcell_core.files import patiently, replacing, sha256_of

__all__ = ["Draft", "Promise", "write_json"]

_RECORD = "record.json"
_FILES = "files"
_REPLACED = "replaced.json"  # among the files, and gone with them


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

    def read(self, *, overwrite: bool = False) -> dict[str, Any] | None:
        """The record as `look` gives it. Files that are still aside are moved to their places.

        Raises
        ------
        SamcellError
            One of these places has a file that somebody wrote since, and nobody said ``overwrite``:
            all stay aside.
        """
        if not self._folder.exists() and self._old.exists():
            patiently(partial(self._old.rename, self._folder))
        record = self.look()
        if record is not None:
            self._move(record, overwrite=overwrite)
        return record

    def may_write(self, target: str, *, overwrite: bool, record: Mapping[str, Any] | None) -> bool:
        """Whether a file in OUT is absent, ours and unchanged, or may be overwritten."""
        path = self._out / target
        if not os.path.lexists(path):
            return True
        if overwrite:
            return not path.is_dir()
        return self._is_ours(target, (record or {}).get("outputs", {}).get(target))

    @contextmanager
    def write(
        self,
        describe: Callable[[], Mapping[str, Any]],
        *,
        before: Mapping[str, Any] | None = None,
        overwrite: bool = False,
    ) -> Iterator[Draft]:
        """Write files; at the end they are promised, with a description, and moved.

        Files of the record ``before`` that are not written again disappear, unless somebody
        changed them. With ``overwrite`` the new ones take the place of whatever is there, else
        only of those of ``before``.

        Raises
        ------
        SamcellError
            As `read` does, once the files are promised.
        """
        fresh = self._folder.with_name(self._folder.name + ".draft")
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            draft = Draft(fresh)
            yield draft
            files = fresh / _FILES
            record = {
                **describe(),
                "outputs": {target: sha256_of(files / n) for target, n in draft.staged.items()},
                "staged": draft.staged,
                "outdated": {
                    target: known
                    for target, known in (before or {}).get("outputs", {}).items()
                    if target not in draft.staged
                },
            }
            write_json(files / _REPLACED, self._replaced(draft, before, overwrite=overwrite))
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
        self._move(record, overwrite=overwrite)

    def withdraw(self, record: Mapping[str, Any]) -> None:
        """Remove the files of a record, unless somebody changed them, and then the record."""
        self._remove({**record["outdated"], **record["outputs"]})
        self.forget()

    def forget(self) -> None:
        """Remove the record and the parts; files in OUT stay."""
        shutil.rmtree(self._old, ignore_errors=True)
        (self._folder / _RECORD).unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _replaced(
        self, draft: Draft, before: Mapping[str, Any] | None, *, overwrite: bool
    ) -> dict[str, str | None]:
        """Checksums of the files in OUT that may be replaced, ``None`` where there may be none."""
        if not overwrite:
            known = (before or {}).get("outputs", {})
            return {target: known.get(target) for target in draft.staged}
        paths = {target: self._out / target for target in draft.staged}
        return {t: sha256_of(path) if path.is_file() else None for t, path in paths.items()}

    def _move(self, record: Mapping[str, Any], *, overwrite: bool) -> None:
        files = self._folder / _FILES
        if not files.is_dir():
            return
        names = record["staged"].items()
        aside = {target: files / name for target, name in names if (files / name).exists()}
        if aside and not overwrite:
            self._check_untouched(aside, record["outputs"])
        for target, file in aside.items():
            path = self._out / target
            path.parent.mkdir(parents=True, exist_ok=True)
            patiently(partial(file.replace, path))
        self._remove(record["outdated"])
        (files / _REPLACED).unlink(missing_ok=True)
        with suppress(OSError):
            files.rmdir()

    def _check_untouched(self, targets: Iterable[str], new: Mapping[str, str]) -> None:
        """Refuse to replace what somebody wrote since it was asked whether it may be replaced."""
        replaced = json.loads((self._folder / _FILES / _REPLACED).read_text(encoding="utf-8"))
        for target in targets:
            path = self._out / target
            if not os.path.lexists(path):
                continue
            if not path.is_file() or sha256_of(path) not in (replaced[target], new[target]):
                raise SamcellError(
                    f"{path} was written by somebody else while the run worked: move it away and "
                    "give the same command again to get the finished results, or --overwrite to "
                    "replace it."
                )

    def _remove(self, targets: Mapping[str, str | None]) -> None:
        """Remove files in OUT that have these checksums still."""
        for target, known in targets.items():
            if self._is_ours(target, known):
                patiently((self._out / target).unlink)

    def _is_ours(self, target: str, known: str | None) -> bool:
        """Whether a file in OUT is what was promised, and nobody changed it."""
        path = self._out / target
        return known is not None and path.is_file() and sha256_of(path) == known


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write values as JSON: whole, or not at all."""
    with replacing(path, only_writer=True) as draft:
        draft.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
