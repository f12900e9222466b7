"""Files that are the old or the new one, whenever the machine stops."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from samcell_core.errors import TrainingError
from samcell_core.files import replacing

__all__ = ["write_whole"]


def write_whole(path: Path, content: bytes | Callable[[Path], None]) -> None:
    """Write a file beside its place, and put it there when all of it is on the disk.

    Parameters
    ----------
    path
        The file.
    content
        What is in it, or a function that writes it to a path and raises `OSError` where it cannot.

    Raises
    ------
    TrainingError
        It cannot be written; what was there before still is.
    """
    try:
        with replacing(path, only_writer=True, lasting=True) as draft:
            if callable(content):
                content(draft)
            else:
                draft.write_bytes(content)
    except OSError as error:
        raise TrainingError(
            f"{path} could not be written ({error.strerror or error}): what was there before is "
            "still whole; make room, or see that the folder and the file may be written to, and "
            "give the same command again."
        ) from error
