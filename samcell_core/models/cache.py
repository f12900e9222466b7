"""Where model files lie on this computer, the record of their checksums, and who may write them."""

from __future__ import annotations

import errno
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from samcell_core.errors import ModelError
from samcell_core.files import replacing, sha256_of

__all__ = [
    "Progress",
    "beside",
    "cache_folder",
    "exclusive",
    "known_sha256",
    "models_folder",
    "sha256_of",
    "verify",
]

Progress = Callable[[int, int | None], None]
"""Told the bytes that have arrived and those there are in all, ``None`` where unknown."""

logger = logging.getLogger(__name__)

_BEATS = 10  # a holder renews its lock this many times before others may call it stale


def cache_folder() -> Path:
    """The folder for everything that can be fetched again: ``SAMCELL_HOME``, else the user's cache.

    Returns
    -------
    Path
        An absolute path; the folder need not exist.
    """
    chosen = os.environ.get("SAMCELL_HOME", "").strip()
    try:
        if chosen:
            return Path(chosen).expanduser().absolute()
        if sys.platform == "win32":
            local = os.environ.get("LOCALAPPDATA", "")
            base = Path(local) if local else Path.home() / "AppData" / "Local"
            return base / "samcell" / "cache"
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "samcell"
        shared = os.environ.get("XDG_CACHE_HOME", "")
        # The XDG rules say that a relative path there is to be ignored.
        base = Path(shared) if shared.startswith("/") else Path.home() / ".cache"
        return base / "samcell"
    except RuntimeError as error:
        raise ModelError(
            "This user has no home folder to keep models in: set SAMCELL_HOME to a folder for them."
        ) from error


def models_folder() -> Path:
    """The folder of the named models, inside the cache."""
    return cache_folder() / "models"


def beside(path: Path, ending: str) -> Path:
    """The path of a helper file next to ``path``: its whole name with ``ending`` added."""
    return path.with_name(path.name + ending)


@dataclass(frozen=True)
class _Record:
    """The checksum of a file, and the size and time by which a change of it is noticed."""

    sha256: str
    size: int
    mtime_ns: int


def verify(path: Path, expected: str = "") -> str:
    """Check a file against its published checksum, else against the one recorded at first use.

    The file is read only where no record exists, or where its size or time is another than
    recorded.

    Parameters
    ----------
    path
        The file. Its record lies next to it, as ``<file>.json``.
    expected
        The published SHA-256; empty where none is known.

    Returns
    -------
    str
        The SHA-256 of the file.

    Raises
    ------
    ModelError
        Where the file is not the published one, or has changed since it was recorded.
    """
    state, record = _examine(path)
    actual = state.sha256
    if expected and actual != expected.lower():
        raise ModelError(
            f"{path} is not the published file: its sha256 is {actual}, published is "
            f"{expected.lower()}; delete it, then download it again or place the right file there."
        )
    if not expected and record is not None and actual != record.sha256:
        raise ModelError(
            f"{path} has changed since its first use: its sha256 is {actual}, recorded was "
            f"{record.sha256}; delete {_record_path(path)} if you changed it on purpose, else "
            "delete both and download it again."
        )
    if record != state:
        _write_record(path, state)
    if record is None and not expected:
        logger.warning(
            "No checksum is published for %s: its sha256 %s is recorded now, and any later change "
            "of the file will be refused.",
            path,
            actual,
        )
    return actual


def known_sha256(path: Path) -> str:
    """The SHA-256 of a file: as recorded where it is unchanged since, else read from the file.

    Raises
    ------
    ModelError
        Where the file cannot be read.
    """
    return _examine(path)[0].sha256


def _examine(path: Path) -> tuple[_Record, _Record | None]:
    """What a file is now, and what is recorded of it."""
    try:
        status = path.stat()
        record = _read_record(path)
        if record is not None and (record.size, record.mtime_ns) == (
            status.st_size,
            status.st_mtime_ns,
        ):
            return record, record
        return _Record(sha256_of(path), status.st_size, status.st_mtime_ns), record
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror or error}): see that the file is there and "
            "that you may read it."
        ) from error


def _record_path(path: Path) -> Path:
    return beside(path, ".json")


def _read_record(path: Path) -> _Record | None:
    try:
        return _Record(**json.loads(_record_path(path).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _write_record(path: Path, record: _Record) -> None:
    try:
        with replacing(_record_path(path)) as draft:
            draft.write_text(json.dumps(asdict(record), indent=1), encoding="utf-8")
    except OSError as error:
        # A shared folder that only its administrator may write is a good place for models.
        logger.info("The checksum of %s cannot be recorded (%s).", path, error.strerror)


@contextmanager
def exclusive(
    path: Path, *, stale_after: float = 20.0, waiting: Callable[[], None] | None = None
) -> Iterator[None]:
    """Hold a file for this thread of this process alone, waiting for others that hold it.

    The lock is the folder ``<file>.lock`` with one empty file in it, named after its holder. The
    holder renews the time of that file; one whose time stands still is that of a killed process.
    To take over is to rename it, which only one can do, and only while that holder still has it.

    Parameters
    ----------
    path
        The file that is to be written; its folder must exist.
    stale_after
        Seconds of stand-still, on the clock of the one who waits, after which a lock is stale.
    waiting
        Called again and again while another process holds the lock.
    """
    lock = beside(path, ".lock")
    holder = f"{os.getpid()}-{os.urandom(8).hex()}"
    _acquire(lock, holder, stale_after, waiting)
    done = threading.Event()
    renewal = threading.Thread(
        target=_renew, args=(lock / holder, stale_after / _BEATS, done), daemon=True
    )
    renewal.start()
    try:
        yield
    finally:
        done.set()
        renewal.join()
        _release(lock, holder)


def _acquire(
    lock: Path, holder: str, stale_after: float, waiting: Callable[[], None] | None
) -> None:
    began = since = time.monotonic()
    seen: tuple[str, int] | None = None
    while True:
        now = _look(lock)
        if now != seen:
            seen, since = now, time.monotonic()
        patient = time.monotonic() - began < stale_after
        if now is None:
            if _make(lock, holder, patient=patient):
                return
        elif time.monotonic() - since > stale_after and _rename(
            lock / now[0], lock / holder, patient=patient
        ):
            logger.info("Took over %s from a process that is gone.", lock)
            return
        if waiting is not None:
            waiting()
        time.sleep(min(0.1, stale_after / _BEATS))


def _look(lock: Path) -> tuple[str, int] | None:
    """Who holds a lock, and when that was renewed; ``None`` where nobody does."""
    try:
        for held in lock.iterdir():
            return held.name, held.stat().st_mtime_ns
    except FileNotFoundError:
        pass
    except PermissionError:
        if os.name != "nt":  # where it may only mean that the lock is being deleted just now
            raise
    return None


def _make(lock: Path, holder: str, *, patient: bool) -> bool:
    """Take a lock that nobody holds."""
    # Filled before it gets its name, so that the lock is never seen without its holder.
    draft = beside(lock, f".{holder}")
    draft.mkdir()
    try:
        (draft / holder).touch()
        with suppress(OSError):
            lock.rmdir()  # left by one killed while releasing; only an empty folder can be removed
        return _rename(draft, lock, patient=patient)
    finally:
        _release(draft, holder)


def _rename(source: Path, target: Path, *, patient: bool) -> bool:
    """Rename unless another was faster."""
    try:
        source.rename(target)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOENT):
            return False
        # Windows also refuses what another process is looking at or deleting at this moment.
        if os.name == "nt" and patient and isinstance(error, PermissionError):
            return False
        raise
    return True


def _renew(held: Path, pause: float, done: threading.Event) -> None:
    while not done.wait(pause):
        with suppress(OSError):
            os.utime(held)


def _release(lock: Path, holder: str) -> None:
    # Windows deletes nothing that another process is looking at just now: that takes a moment.
    for _ in range(50):
        try:
            (lock / holder).unlink(missing_ok=True)
            lock.rmdir()
        except PermissionError:
            time.sleep(0.02)
        except OSError:
            return  # gone, or another's by now
        else:
            return
