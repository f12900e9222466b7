"""Builds ``SAMCell_.jar`` from the sources beside this file; the same sources give the same bytes.

    python -m imagej_bridge.fiji.build

It needs ``javac`` and the ``ij.jar`` of ImageJ 1.53 or later, which ``IJ_JAR`` may name.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from imagej_bridge.fiji.record import JAR
from imagej_bridge.gateway import SYSTEM_JAR
from samcell_core.errors import SamcellError
from samcell_core.files import replacing

__all__ = ["build", "compiler", "digest_of_sources", "find_ij_jar", "main"]

_SOURCES = Path(__file__).with_name("java")
_DATE = (1980, 1, 1, 0, 0, 0)
_RELEASE = "8"  # of Java: what ImageJ 1.53 and every Fiji run on


def build(target: Path = JAR) -> None:
    """Compile the sources and put them into a jar.

    Raises
    ------
    SamcellError
        There is no compiler or no ``ij.jar``, or the sources cannot be compiled.
    """
    javac, version = compiler()
    with tempfile.TemporaryDirectory() as folder:
        sources = [str(path) for path in sorted(_SOURCES.rglob("*.java"))]
        command = [javac, "--release", _RELEASE, "-encoding", "UTF-8", "-g:source,lines"]
        command += ["-Xlint:all,-options", "-Werror", "-cp", str(find_ij_jar()), "-d", folder]
        done = subprocess.run(  # noqa: S603 - an argument list, no shell
            [*command, *sources], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SamcellError(f"{javac} cannot compile the sources:\n{done.stderr}")
        contents = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in Path(folder).rglob("*.class")
        }
    contents["plugins.config"] = (_SOURCES / "plugins.config").read_bytes()
    manifest = (
        "Manifest-Version: 1.0\r\n"
        f"Built-By: {version}\r\n"
        f"Sources-Digest: {digest_of_sources()[:48]}\r\n\r\n"
    )
    with (
        replacing(target) as draft,
        zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as jar,  # packed, bytes depend on zlib
    ):
        _add(jar, "META-INF/MANIFEST.MF", manifest.encode("ascii"))
        for name in sorted(contents):
            _add(jar, name, contents[name])


def digest_of_sources() -> str:
    """Checksum of all that the jar is made of, whatever a checkout does to ends of lines."""
    digest = hashlib.sha256()
    for path in sorted(_SOURCES.rglob("*")):
        if path.suffix in (".java", ".config"):
            digest.update(path.relative_to(_SOURCES).as_posix().encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def compiler() -> tuple[str, str]:
    """Path of the Java compiler, and its version as it says it."""
    javac = shutil.which("javac")
    if javac is None:
        raise SamcellError("There is no javac on the PATH: install a JDK, 9 or later.")
    done = subprocess.run(  # noqa: S603
        [javac, "-version"], capture_output=True, text=True, check=True
    )
    found = re.search(r"javac \S+", done.stdout + done.stderr)
    return javac, found[0] if found else "javac"


def find_ij_jar() -> Path:
    """The ``ij.jar`` to compile against."""
    for path in (os.environ.get("IJ_JAR"), SYSTEM_JAR):
        if path and Path(path).is_file():
            return Path(path)
    raise SamcellError("There is no ij.jar: install Debian's libij-java, or set IJ_JAR to one.")


def main() -> int:
    """Build the jar beside this file."""
    try:
        build()
    except SamcellError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _add(jar: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.create_system = 3  # else that of this computer
    entry.external_attr = 0o644 << 16
    jar.writestr(entry, content)


if __name__ == "__main__":
    sys.exit(main())
