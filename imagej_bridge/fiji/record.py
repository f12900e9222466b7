"""What was installed: the file beside the jar, which also tells the jar where the engine is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from samcell_core.errors import SamcellError
from samcell_core.files import replacing

__all__ = ["JAR", "RECORD", "Record", "read_record", "write_record"]

JAR = Path(__file__).with_name("SAMCell_.jar")
"""The command, as it is shipped."""

RECORD = "SAMCell_engine.json"
"""Its name, which the jar knows, too."""


@dataclass(frozen=True)
class Record:
    """What lies in a folder of plugins.

    Attributes
    ----------
    python
        The Python of the engine.
    version
        Of samcell-suite.
    jar
        SHA-256 of the jar.
    """

    python: str
    version: str
    jar: str


def read_record(plugins: Path) -> Record | None:
    """What was installed in a folder of plugins; ``None`` where nothing was.

    Raises
    ------
    SamcellError
        It cannot be read.
    """
    path = plugins / RECORD
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Record(str(values["python"]), str(values["version"]), str(values["jar"]))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SamcellError(
            f"{path} cannot be read ({error.strerror or error}): see to it that you may."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise SamcellError(
            f"{path} is damaged: delete it, then samcell-cli fiji install again."
        ) from error


def write_record(plugins: Path, record: Record) -> None:
    """Write what was installed. Raises `OSError`."""
    with replacing(plugins / RECORD) as draft:
        text = json.dumps(asdict(record), indent=1, ensure_ascii=False)
        draft.write_text(text, encoding="utf-8", newline="\n")
