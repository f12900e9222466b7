"""Runs that are killed or meet a full disk, at one moment after another, and go on."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("bright.py")


@pytest.fixture
def whole(bright, folder, tmp_path):
    """What an undisturbed run leaves."""
    bright.run(folder, tmp_path / "whole")
    return bright.tree(tmp_path / "whole")


@pytest.mark.parametrize("first", [0, 5])
def test_a_run_killed_at_any_change_of_a_file_goes_on_to_the_same_files(
    bright, folder, tmp_path, whole, first
):
    command = [sys.executable, str(PROGRAM), str(folder), str(tmp_path), "11", str(first)]
    left = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert len(left) > 5
    for name in left:
        assert bright.tree(tmp_path / name) == whole, name


def test_files_of_a_killed_run_are_whole_or_absent(bright, folder, tmp_path, whole):
    command = [sys.executable, str(PROGRAM), str(folder), str(tmp_path), "13", "2"]
    subprocess.run(command, check=True, capture_output=True)
    seen = [path for path in tmp_path.glob("partial_*/**/*") if path.is_file()]
    assert len(seen) > 5
    for path in seen:
        name = path.relative_to(next(p for p in path.parents if p.name.startswith("partial_")))
        if name.as_posix() != "run.json":
            assert path.read_bytes() == whole[name.as_posix()], name


@pytest.mark.parametrize("most", [0, 60, 300, 1000, 3000])
def test_where_files_cannot_grow_no_half_file_is_left_and_the_run_goes_on(
    bright, folder, tmp_path, whole, most
):
    out = tmp_path / "out"

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        return bright.run(folder, out).failed

    code = bright.in_child(limited)
    assert code in (1, 2, 3)
    pictures = {path.relative_to(out).as_posix(): path for path in out.rglob("*.png")}
    seen = {name: path.read_bytes() for name, path in pictures.items() if name[0] != "."}
    assert seen == {name: whole[name] for name in seen}
    assert bright.run(folder, out).failed == 0
    assert bright.tree(out) == whole
