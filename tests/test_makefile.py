"""What `make` installs on a machine that lacks the programs the tests need."""

import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[1] / "Makefile"
PROGRAMS = ["imagej", "xvfb-run", "xauth", "chromium", "javac", "cc"]


@pytest.fixture
def make_programs(tmp_path):
    """Make the step on a machine that has the programs named, and give the calls of `apt-get`."""

    def make(programs):
        there = tmp_path / "bin"
        there.mkdir()
        for name in ("sh", "touch"):
            (there / name).symlink_to(shutil.which(name))
        calls = tmp_path / "calls"
        calls.touch()
        write_program(there / "apt-get", f'echo "$@" >> {calls}')
        write_program(there / "sudo", '"$@"')
        write_program(there / "id", "echo 0")
        for name in programs:
            write_program(there / name, "true")
        (tmp_path / ".created").touch()
        command = [shutil.which("make"), "-f", MAKEFILE, f"VENV={tmp_path}", tmp_path / ".programs"]
        environment = {"PATH": str(there)}
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
        return calls.read_text().splitlines()

    return make


def write_program(path, line):
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


@pytest.mark.parametrize("missing", PROGRAMS)
def test_one_missing_program_is_enough_to_install_them(make_programs, missing):
    update, install = make_programs([name for name in PROGRAMS if name != missing])
    assert update == "update -qq"
    assert install.startswith("install -y -qq imagej ")


def test_nothing_is_installed_where_all_are_there(make_programs):
    assert make_programs(PROGRAMS) == []
