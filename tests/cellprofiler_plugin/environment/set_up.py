"""``python set_up.py FOLDER``: a CellProfiler in a virtual environment of its own.

Its releases are old and exact, so it cannot live beside the engine. Where the folder holds what is
asked for already, nothing happens.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent

VERSIONS = ("3.9", "3.11")
"""Pythons that it runs on, the preferred one first; the pins of each are in a file beside this."""

BUILT = ("python-javabridge", "python-bioformats", "centrosome")
LAST = ("cellprofiler-core", "cellprofiler")
OF_LAST_CORE = "tests"

# A version that a manager of Pythons does not offer is also found on the PATH, and then fails.
FITS = """\
import os, sys, sysconfig, ensurepip, venv
header = os.path.join(sysconfig.get_paths()["include"], "Python.h")
sys.exit("%d.%d" % sys.version_info[:2] != sys.argv[1] or not os.path.exists(header))
"""


def main() -> None:
    """Set it up in the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder.absolute()
    version, python = find_python()
    pins = HERE / f"python{version}.txt"
    made_of = pins.read_bytes() + Path(__file__).read_bytes()
    wanted = f"{python}\n{hashlib.sha256(made_of).hexdigest()}\n"
    stamp = folder / "installed.txt"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    install(folder, python, read_pins(pins))
    stamp.write_text(wanted, encoding="utf-8")


def find_python() -> tuple[str, str]:
    """Version and path of a Python that works and can build extensions."""
    for version in VERSIONS:
        for path in candidates(version):
            done = subprocess.run([path, "-c", FITS, version], capture_output=True, check=False)
            if done.returncode == 0:
                return version, path
    sys.exit(f"CellProfiler needs Python {' or '.join(VERSIONS)} with its headers: install one.")


def candidates(version: str) -> Iterator[str]:
    """Where a Python of this version may be."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for folder in sorted((pyenv / "versions").glob(f"{version}.*"), reverse=True):
        if (folder / "bin" / "python").exists():
            yield str(folder / "bin" / "python")
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield on_path
    yield sys.executable


def read_pins(path: Path) -> dict[str, str]:
    """The pins by the names of their packages."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.split("==")[0]: line for line in lines if re.match(r"\w", line)}


def install(folder: Path, python: str, pins: dict[str, str]) -> None:
    """Make the environment anew. Every package is pinned, so none looks for others."""
    subprocess.run([python, "-m", "venv", "--clear", str(folder)], check=True)
    inside = folder / "bin" / "python"
    pip = [str(inside), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    pip += ["--no-deps"]
    first = [pin for name, pin in pins.items() if name not in BUILT + LAST]
    subprocess.run([*pip, *first], check=True)
    java = {"JAVA_HOME": java_home()}
    build = [*pip, "--no-build-isolation", *(pins[name] for name in BUILT)]
    subprocess.run(build, check=True, env={**os.environ, **java})
    subprocess.run([*pip, *(pins[name] for name in LAST)], check=True)
    # It would stand for the folder of tests of whatever is run with this Python.
    [core] = folder.glob("lib/python*/site-packages/cellprofiler_core")
    shutil.rmtree(core.with_name(OF_LAST_CORE))
    subprocess.run([str(inside), "-m", "cellprofiler", "--version"], check=True)


def java_home() -> str:
    """Folder of a Java development kit."""
    given = os.environ.get("JAVA_HOME", "")
    compiler = shutil.which("javac")
    if given and (Path(given) / "bin" / "javac").exists():
        return given
    if compiler is None:
        sys.exit("CellProfiler needs a Java development kit: install one, such as OpenJDK 17.")
    return str(Path(compiler).resolve().parents[1])


if __name__ == "__main__":
    main()
