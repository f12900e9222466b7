"""What was installed: the file beside the jar, which also tells the jar where the engine is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from samcell_core import installing

__all__ = ["JAR", "RECORD", "Record", "read_record"]

JAR = Path(__file__).with_name("SAMCell_.jar")
"""The command, as it is shipped."""

RECORD = "SAMCell_engine.json"
"""Its name, which the jar knows, too."""


@dataclass(frozen=True)
class Record(installing.Record):
    """What lies in a folder of plugins.

    Attributes
    ----------
    jar
        SHA-256 of the jar.
    """

    jar: str


def read_record(plugins: Path, *, lenient: bool = False) -> Record | None:
    """What was installed in a folder of plugins; ``None`` where nothing was.

    With ``lenient``, ``None`` also where it cannot be read; else that raises `SamcellError`.
    """
    return installing.read_record(
        plugins / RECORD,
        lambda values: Record(str(values["python"]), str(values["version"]), str(values["jar"])),
        again="samcell-cli fiji install again",
        lenient=lenient,
    )
