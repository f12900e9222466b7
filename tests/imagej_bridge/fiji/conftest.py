"""The command in a real ImageJ: its jar installed, macros run in one ImageJ after another."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from imagej_bridge.fiji import JAR, install
from imagej_bridge.fiji.build import compiler, find_ij_jar

HERE = Path(__file__).parent
PATIENCE = 400  # seconds; a dialog that should not be there waits for ever


@pytest.fixture(scope="session")
def ij_jar() -> Path:
    return find_ij_jar()


@pytest.fixture(scope="session")
def helpers(ij_jar, tmp_path_factory) -> Path:
    """The Java programs of these tests, compiled."""
    folder = tmp_path_factory.mktemp("classes")
    sources = [str(path) for path in (HERE / "java").glob("*.java")]
    command = [compiler()[0], "-encoding", "UTF-8", "-cp", f"{ij_jar}{os.pathsep}{JAR}"]
    subprocess.run([*command, "-d", str(folder), *sources], check=True)
    return folder


@pytest.fixture(scope="session")
def fiji(ij_jar, tmp_path_factory) -> Path:
    """A Fiji with the command, in a folder of blanks and other letters."""
    folder = tmp_path_factory.mktemp("Fiji ä 日") / "Fiji.app"
    (folder / "jars").mkdir(parents=True)
    (folder / "plugins").mkdir()
    shutil.copy(ij_jar, folder / "jars" / "ij-1.53t.jar")
    install(folder, python=sys.executable)
    return folder


@pytest.fixture(scope="session")
def java(fiji, helpers) -> Callable[..., str]:
    """Runs a Java program on a display of its own, within a time."""

    def run(main: str, *arguments: object, home: Path, text: str | None = None) -> str:
        jar = fiji / "plugins" / JAR.name
        # The command's own classes are ImageJ's to load: helpers see a copy, as any library.
        path = os.pathsep.join(map(str, (fiji / "jars" / "ij-1.53t.jar", helpers, jar)))
        command = ["java", "-Xmx1g", f"-Dplugins.dir={fiji}", f"-Duser.home={home}", "-cp", path]
        process = subprocess.Popen(
            ["xvfb-run", "-a", *command, main, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env={**os.environ, "LC_ALL": "C.UTF-8", "SAMCELL_OFFLINE": "1"},
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(text, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            pytest.fail(f"{main} did not come to its end:\n{output}")
        return output

    return run


class Outcome:
    """Why a macro failed, empty where it did not, and what it logged."""

    def __init__(self, path: Path, output: str) -> None:
        if not path.exists():
            pytest.fail(f"ImageJ did not come to the end of {path.stem}:\n{output}")
        told = json.loads(path.read_text(encoding="utf-8"))
        self.error: str = told["error"]
        self.log: str = told["log"]


@pytest.fixture(scope="session")
def run_macros(java) -> Callable[[Path, dict[str, str]], dict[str, Outcome]]:
    """Runs macros by name, one after another in one ImageJ; each gets the folder as argument."""

    def run(folder: Path, macros: dict[str, str]) -> dict[str, Outcome]:
        for number, (name, text) in enumerate(macros.items()):
            (folder / f"{number:02d} {name}.ijm").write_text(text, encoding="utf-8")
        output = java("RunMacros", folder, home=folder)
        return {
            name: Outcome(folder / f"{number:02d} {name}.json", output)
            for number, name in enumerate(macros)
        }

    return run


@pytest.fixture(scope="session")
def stub_engine() -> Callable[[Path, str], Path]:
    """Makes a program in a folder that stands for an engine that fails in some way."""

    def make(folder: Path, way: str) -> Path:
        shutil.copy(HERE / "stub_engine.py", folder)
        program = folder / f"engine {way}"
        script = f'#!/bin/sh\nexec "{sys.executable}" "{folder}/stub_engine.py" {way}\n'
        program.write_text(script, encoding="utf-8")
        program.chmod(0o755)
        return program

    return make
