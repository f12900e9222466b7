"""Files that are the old or the new one, whenever the machine stops."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from samcell_core.errors import TrainingError

__all__ = ["write_whole"]

_TRIES = 10
_PAUSE = 0.1  # seconds


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, and put it there when all of it is on the disk.

    Raises
    ------
    TrainingError
        It cannot be written; what was there before still is.
    """
    temporary = path.with_name(f".{path.name}.part")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _put(temporary, path)
    except OSError as error:
        raise TrainingError(
            f"{path} could not be written ({error.strerror or error}): what was there before is "
            "still whole; make room, or see that the folder and the file may be written to, and "
            "give the same command again."
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _put(temporary: Path, path: Path) -> None:
    """Rename; on Windows a virus scanner that looks at the file forbids it for a moment."""
    for _ in range(_TRIES):
        try:
            temporary.replace(path)
        except PermissionError:
            time.sleep(_PAUSE)
        else:
            return
    temporary.replace(path)
