"""One run at a time in a folder: a lock that the system releases when a process is killed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from samcell_core.errors import SamcellError

__all__ = ["only_run_in"]


@contextmanager
def only_run_in(work: Path) -> Iterator[None]:
    """Hold a folder's lock; refuse where another process holds it."""
    with (work / "lock").open("ab") as file:
        try:
            _lock(file)
        except BlockingIOError as error:
            raise SamcellError(
                f"Another run is writing to {work.parent} just now: wait for it, or give another "
                "folder for the results."
            ) from error
        except OSError:
            pass  # a file system without locks, as some networks have
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
