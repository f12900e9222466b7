"""A file that appears complete, or not at all, and never over another unasked."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samcell_core.errors import SamcellError

__all__ = ["new_file"]


@contextmanager
def new_file(path: str | os.PathLike[str], *, overwrite: bool) -> Iterator[Path]:
    """Give a temporary path in the folder of ``path``; what is written there is then renamed.

    Raises
    ------
    SamcellError
        The file exists and ``overwrite`` is false, or it cannot be written there.
    """
    target = Path(path)
    _check_free(target, overwrite)
    # Short, so that it fits where the name of the file itself is as long as a name may be.
    draft = target.with_name(f".{uuid.uuid4().hex[:12]}.part")
    try:
        yield draft
        _check_free(target, overwrite)
        draft.replace(target)
    except OSError as error:
        raise SamcellError(
            f"{target} cannot be written ({error.strerror or error}): give a folder that exists, "
            "may be written to and has room, and close the file where another program has it open."
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def _check_free(target: Path, overwrite: bool) -> None:
    if not overwrite and os.path.lexists(target):
        raise SamcellError(f"{target} exists: give another name, or overwrite=True.")
