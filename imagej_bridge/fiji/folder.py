"""Which folder is a Fiji or an ImageJ, and where its plugins, its ij.jar and its Java are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from samcell_core.errors import SamcellError
from samcell_core.files import expanded

__all__ = ["FijiFolder", "find_fiji"]

_INSIDE = ("Fiji.app", "Fiji", "ImageJ.app", "ImageJ")  # of what was unpacked


@dataclass(frozen=True)
class FijiFolder:
    """A Fiji or an ImageJ.

    Attributes
    ----------
    path
        Its folder.
    plugins
        Its folder of plugins.
    ij_jar
        The program itself.
    """

    path: Path
    plugins: Path
    ij_jar: Path

    def java(self) -> Path | None:
        """The Java that it brings along, else the one on the PATH."""
        name = "java.exe" if os.name == "nt" else "java"
        for folder in (self.path / "java", self.path / "jre"):
            for found in sorted(folder.rglob(f"bin/{name}")):
                return found
        on_the_path = shutil.which("java")
        return None if on_the_path is None else Path(on_the_path)


def find_fiji(given: Path) -> FijiFolder:
    """Tell the Fiji from the folder that a user gives: itself, its ``plugins``, or what holds it.

    Raises
    ------
    SamcellError
        It is none.
    """
    path = expanded(given).absolute()
    if not path.exists():
        raise SamcellError(f"There is no folder {path}: give the folder of Fiji, as Fiji.app.")
    if not path.is_dir():
        raise SamcellError(f"{path} is a file: give the folder of Fiji, as Fiji.app.")
    for candidate in _candidates(path):
        ij_jar = _ij_jar(candidate)
        if ij_jar is not None and (candidate / "plugins").is_dir():
            return FijiFolder(candidate, candidate / "plugins", ij_jar)
    raise SamcellError(
        f"{path} is no Fiji or ImageJ, for it has no folder plugins beside jars/ij-*.jar or "
        "ij.jar: give the folder that the program lies in, as Fiji.app."
    )


def _candidates(path: Path) -> Iterator[Path]:
    yield path
    if path.name == "plugins":
        yield path.parent
    for name in _INSIDE:
        yield path / name
    for part in path.parents:  # Fiji.app/Contents/MacOS
        if part.suffix == ".app":
            yield part
            yield part.parent


def _ij_jar(folder: Path) -> Path | None:
    jars = sorted((folder / "jars").glob("ij-1.*.jar"))
    # On macOS a bare ImageJ keeps it inside its program.
    plain = [folder / "ij.jar", folder / "ImageJ.app" / "Contents" / "Java" / "ij.jar"]
    found = [*reversed(jars), *(path for path in plain if path.is_file())]
    return found[0] if found else None
