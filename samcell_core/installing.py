"""What the installers into other programs have in common: a record of what they did, a trial."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from samcell_core.errors import SamcellError
from samcell_core.files import replacing

__all__ = ["Record", "Trial", "read_record", "write_record"]


@dataclass(frozen=True)
class Record:
    """What was installed; each installer adds its own checksums.

    Attributes
    ----------
    python
        The Python of the engine.
    version
        Of samcell-suite.
    """

    python: str
    version: str


AnyRecord = TypeVar("AnyRecord", bound=Record)


@dataclass
class Trial:
    """What came of trying what was installed.

    Attributes
    ----------
    found
        What works, by subject.
    notes
        What is worth knowing.
    problems
        What does not work, and what to do.
    """

    found: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_record(
    path: Path, make: Callable[[dict[str, Any]], AnyRecord], *, again: str, lenient: bool = False
) -> AnyRecord | None:
    """What was installed, as a file tells it; ``None`` where nothing was.

    Parameters
    ----------
    path
        The file.
    make
        Turns its values into a record; what it raises of values that are missing or of another
        kind tells that the file is damaged.
    again
        What is to be typed then.
    lenient
        Whether a file that cannot be read counts as none.

    Raises
    ------
    SamcellError
        It cannot be read.
    """
    try:
        return make(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if lenient:
            return None
        if isinstance(error, OSError):
            because = f"cannot be read ({error.strerror or error}): see to it that you may."
        else:
            because = f"is damaged: delete it, then {again}."
        raise SamcellError(f"{path} {because}") from error


def write_record(path: Path, record: Record) -> None:
    """Write what was installed. Raises `OSError`."""
    with replacing(path) as draft:
        text = json.dumps(asdict(record), indent=1, ensure_ascii=False)
        draft.write_text(text, encoding="utf-8", newline="\n")
