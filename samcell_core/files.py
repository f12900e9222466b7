"""Paths as people write them, and files that appear complete, or not at all."""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from samcell_core.errors import SamcellError

__all__ = ["expanded", "new_file", "patiently", "refusal", "replacing", "sha256_of"]

_CHUNK = 1 << 20
# Seconds. Windows refuses to move what a virus scanner looks at just now; elsewhere no is no.
_PATIENCE = 5.0 if os.name == "nt" else 0.0


def expanded(path: str | os.PathLike[str]) -> Path:
    """A path with ``~`` replaced by the home folder, where that is meant: not in ``~a.tif``."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 - the other raises where it is not


@contextmanager
def new_file(
    path: str | os.PathLike[str], *, overwrite: bool, kind: str = "file", folders: bool = False
) -> Iterator[Path]:
    """Give a path to write to; the file then appears as ``path``, and over another on demand only.

    Parameters
    ----------
    path
        The file.
    overwrite
        Whether an existing one may be replaced.
    kind
        What it is, for messages.
    folders
        Whether folders that are missing are made.

    Raises
    ------
    SamcellError
        The file exists and ``overwrite`` is false, or it cannot be written there. What was there
        before still is.
    """
    target = Path(path)
    _check_free(target, overwrite)
    try:
        if folders:
            target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as draft:
            yield draft
            _check_free(target, overwrite)
    except OSError as error:
        raise SamcellError(
            f"The {kind} cannot be written to {target} ({error.strerror or error}): give a folder "
            "that exists, may be written to and has room, and close the file where another program "
            "has it open."
        ) from error


@contextmanager
def replacing(path: Path, *, only_writer: bool = False, lasting: bool = False) -> Iterator[Path]:
    """Give a path beside ``path`` to write to, which then takes its place. Raises `OSError`.

    Parameters
    ----------
    path
        The file.
    only_writer
        Whether nobody else writes it at the same time: what a killed process left is then used
        again instead of lying there for ever.
    lasting
        Whether the file is to be whole even where the machine loses its power.
    """
    # Short, so that it fits where the name of the file itself is as long as a name may be.
    name = path.name if only_writer else uuid.uuid4().hex[:12]
    draft = path.with_name(f".{name}.part")
    try:
        yield draft
        if lasting:
            _to_the_disk(draft)
        patiently(partial(draft.replace, path))
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def patiently(act: Callable[[], object]) -> None:
    """Do what may be refused for a moment, and try again where it is."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            act()
        except PermissionError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.05)
        else:
            return


def refusal(error: OSError) -> str:
    """What the system refused, in a sentence with what to do."""
    where = f" ({error.filename})" if error.filename else ""
    return (
        f"{error.strerror or error}{where}: check the file, its rights, and the space on the disk."
    )


def sha256_of(path: Path) -> str:
    """The SHA-256 checksum of a file, in hexadecimal, read piece by piece."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _to_the_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _check_free(target: Path, overwrite: bool) -> None:
    if not overwrite and os.path.lexists(target):
        raise SamcellError(f"{target} exists: give another name, or overwrite=True.")
