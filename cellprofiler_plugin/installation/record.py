"""What was installed: the file ``engine.json``, which also tells the client where the engine is."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from samcell_core.errors import SamcellError
from samcell_core.files import replacing

__all__ = ["ENGINE", "MODULE", "SUB_PACKAGES", "Record", "checksum", "read_record", "write_record"]

MODULE = "runsamcell.py"
SUB_PACKAGES = ("samcell_client", "samcell_module")
ENGINE = "samcell_client/engine.json"


@dataclass(frozen=True)
class Record:
    """What lies in a folder of plugins.

    Attributes
    ----------
    python
        The Python of the engine.
    version
        Of samcell-suite.
    files
        SHA-256 of each file by its path in the folder.
    """

    python: str
    version: str
    files: dict[str, str]


def read_record(folder: Path) -> Record | None:
    """What was installed in a folder; ``None`` where nothing was.

    Raises
    ------
    SamcellError
        It cannot be read.
    """
    path = folder / ENGINE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        files = {str(name): str(each) for name, each in values["files"].items() if _ours(name)}
        return Record(str(values["python"]), str(values["version"]), files)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SamcellError(
            f"{path} cannot be read ({error.strerror or error}): see to it that you may."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SamcellError(
            f"{path} is damaged: delete it, then samcell-cli cellprofiler install --overwrite."
        ) from error


def write_record(folder: Path, record: Record) -> None:
    """Write what was installed. Raises `OSError`."""
    with replacing(folder / ENGINE) as draft:
        text = json.dumps(asdict(record), indent=1, ensure_ascii=False)
        draft.write_text(text, encoding="utf-8", newline="\n")


def checksum(content: bytes) -> str:
    """The SHA-256 of a file's content."""
    return hashlib.sha256(content).hexdigest()


def _ours(name: str) -> bool:
    """Whether it may be one of our files: a damaged record must not lead anywhere else."""
    parts = PurePosixPath(name).parts
    return name == MODULE or (len(parts) > 1 and parts[0] in SUB_PACKAGES and ".." not in parts)
