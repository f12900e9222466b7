"""What was installed: the file ``engine.json``, which also tells the client where the engine is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from samcell_core import installing

__all__ = ["ENGINE", "MODULE", "SUB_PACKAGES", "Record", "checksum", "read_record"]

MODULE = "runsamcell.py"
SUB_PACKAGES = ("samcell_client", "samcell_module")
ENGINE = "samcell_client/engine.json"


@dataclass(frozen=True)
class Record(installing.Record):
    """What lies in a folder of plugins.

    Attributes
    ----------
    files
        SHA-256 of each file by its path in the folder.
    """

    files: dict[str, str]


def read_record(folder: Path, *, lenient: bool = False) -> Record | None:
    """What was installed in a folder; ``None`` where nothing was.

    With ``lenient``, ``None`` also where it cannot be read; else that raises `SamcellError`.
    """
    return installing.read_record(
        folder / ENGINE,
        _record,
        again="samcell-cli cellprofiler install --overwrite",
        lenient=lenient,
    )


def checksum(content: bytes) -> str:
    """The SHA-256 of a file's content."""
    return hashlib.sha256(content).hexdigest()


def _record(values: dict[str, Any]) -> Record:
    files = {str(name): str(each) for name, each in values["files"].items() if _ours(name)}
    return Record(str(values["python"]), str(values["version"]), files)


def _ours(name: str) -> bool:
    """Whether it may be one of our files: a damaged record must not lead anywhere else."""
    parts = PurePosixPath(name).parts
    return name == MODULE or (len(parts) > 1 and parts[0] in SUB_PACKAGES and ".." not in parts)
