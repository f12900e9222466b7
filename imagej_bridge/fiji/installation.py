"""Putting the jar into a folder of Fiji with the engine's Python beside it; taking it out."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from imagej_bridge.fiji.folder import FijiFolder, find_fiji
from imagej_bridge.fiji.record import JAR, RECORD, Record, read_record
from samcell_core._version import __version__
from samcell_core.errors import SamcellError
from samcell_core.files import replacing, sha256_of
from samcell_core.installing import write_record

__all__ = ["Installed", "Removed", "install", "other_copies", "uninstall"]


@dataclass(frozen=True)
class Installed:
    """What `install` has done.

    Attributes
    ----------
    fiji
        Where.
    now, before
        What lies there, and what lay there; ``None`` where nothing did.
    others
        Further copies of the command, of which ImageJ warns.
    """

    fiji: FijiFolder
    now: Record
    before: Record | None
    others: list[Path]


@dataclass(frozen=True)
class Removed:
    """What `uninstall` has done.

    Attributes
    ----------
    fiji
        Where.
    kept
        The jar, where it was changed after it had been installed, else ``None``.
    """

    fiji: FijiFolder
    kept: Path | None


def install(given: Path, *, python: str = sys.executable, overwrite: bool = False) -> Installed:
    """Put the command into Fiji, or bring it up to date.

    Parameters
    ----------
    given
        The folder of Fiji or ImageJ.
    python
        The Python that is to run the engine.
    overwrite
        Whether a jar of the same name that this did not write may be replaced.

    Raises
    ------
    SamcellError
        It is no Fiji, cannot be written to, or holds such a jar.
    """
    fiji = find_fiji(given)
    before = read_record(fiji.plugins, lenient=overwrite)
    jar = fiji.plugins / JAR.name
    checksum = sha256_of(JAR)
    known = {checksum, before.jar if before else ""}
    if jar.exists() and not overwrite and sha256_of(jar) not in known:
        raise SamcellError(
            f"{jar} is not what samcell-cli has installed, or was changed since: keep a copy if "
            "you need it, then --overwrite."
        )
    now = Record(python, __version__, checksum)
    try:
        with replacing(jar) as draft:
            draft.write_bytes(JAR.read_bytes())
        write_record(fiji.plugins / RECORD, now)
    except OSError as error:
        raise SamcellError(
            f"{fiji.plugins} cannot be written to ({error.strerror or error}): close Fiji, and see "
            "to it that you may."
        ) from error
    return Installed(fiji, now, before, other_copies(fiji))


def uninstall(given: Path) -> Removed:
    """Delete what `install` has written, and nothing else.

    Raises
    ------
    SamcellError
        Nothing was installed there, or it cannot be deleted.
    """
    fiji = find_fiji(given)
    record = read_record(fiji.plugins)
    if record is None:
        raise SamcellError(
            f"There is no SAMCell in {fiji.plugins} that samcell-cli has installed: give the Fiji "
            "that it was installed in."
        )
    jar = fiji.plugins / JAR.name
    kept = jar if jar.exists() and sha256_of(jar) != record.jar else None
    try:
        if kept is None:
            jar.unlink(missing_ok=True)
        (fiji.plugins / RECORD).unlink()
    except OSError as error:
        raise SamcellError(
            f"SAMCell cannot be deleted from {fiji.plugins} ({error.strerror or error}): close "
            "Fiji, then try again."
        ) from error
    return Removed(fiji, kept)


def other_copies(fiji: FijiFolder) -> list[Path]:
    """Further jars of the command: ImageJ would list its menu twice."""
    jar = fiji.plugins / JAR.name
    return [path for path in sorted(fiji.plugins.rglob("SAMCell_*.jar")) if path != jar]
