"""Runs that are killed or meet a full disk, at one moment after another, and go on."""

import json
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import samcell_core as sc
from samcell_cli.outputs import OUTPUTS
from samcell_core.batch.ledger import Ledger

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


CHANGED = {"settings": sc.Settings(peak=0.6)}


@pytest.fixture
def before(bright, folder, tmp_path):
    """Results of other settings, with files of a kind that is not asked for any more."""
    more = [*bright.OUTPUTS, OUTPUTS["distance"]]
    bright.run(folder, tmp_path / "before", outputs=more)
    return tmp_path / "before"


@pytest.fixture
def replaced(bright, folder, tmp_path, before):
    """What an undisturbed run with --overwrite makes of them."""
    shutil.copytree(before, tmp_path / "replaced")
    bright.run(folder, tmp_path / "replaced", overwrite=True, **CHANGED)
    return bright.tree(tmp_path / "replaced")


@pytest.fixture
def stopped(folder, tmp_path, before):
    """Runs with --overwrite, each killed at another moment."""
    (tmp_path / "runs").mkdir()
    command = [sys.executable, str(PROGRAM), str(folder), str(tmp_path / "runs"), "9", "0"]
    subprocess.run([*command, str(before)], check=True, capture_output=True)
    outs = sorted((tmp_path / "runs").glob("killed_*"))
    assert len(outs) > 5
    return outs


def test_results_that_are_replaced_are_those_of_a_fresh_run(bright, folder, tmp_path, replaced):
    bright.run(folder, tmp_path / "fresh", **CHANGED)
    fresh = bright.tree(tmp_path / "fresh")
    assert visible(replaced) == visible(fresh)


def test_a_killed_run_that_replaces_results_goes_on_with_overwrite(
    bright, folder, stopped, replaced
):
    for out in stopped:
        assert bright.run(folder, out, overwrite=True, **CHANGED).failed == 0
        assert bright.tree(out) == replaced, out.name


def test_a_killed_run_that_replaces_results_goes_on_without_overwrite_once_it_had_begun(
    bright, folder, stopped, replaced, before
):
    begun = [out for out in stopped if Ledger(out).key() != Ledger(before).key()]
    for out in begun:
        assert bright.run(folder, out, **CHANGED).failed == 0
        assert bright.tree(out) == replaced, out.name
    for out in set(stopped) - set(begun):
        assert visible(bright.tree(out)) == visible(bright.tree(before)), out.name
    assert len(begun) > 4


def test_a_killed_run_that_replaces_results_can_be_taken_back(bright, folder, stopped, before):
    more = [*bright.OUTPUTS, OUTPUTS["distance"]]
    out = stopped[len(stopped) // 2]
    assert bright.run(folder, out, outputs=more, overwrite=True).failed == 0
    assert visible(bright.tree(out)) == visible(bright.tree(before))


def test_images_are_left_out_whole_also_where_that_is_interrupted(bright, folder, tmp_path):
    bright.run(folder, tmp_path / "all")
    for name in ("1.png", "1.tif"):
        (folder / name).unlink()
    interrupted = 0
    for moment in range(1, 20):
        out = tmp_path / f"out{moment}"
        shutil.copytree(tmp_path / "all", out)

        def killed(out=out, moment=moment):
            bright.kill_at(out, moment)
            return bright.run(folder, out, overwrite=True).failed

        assert bright.in_child(killed) < 0
        if Ledger(out).left_out():
            interrupted += 1
            assert [row.image for row in bright.run(folder, out).rows] == ["stack.tif"]
    assert interrupted > 3


@pytest.mark.parametrize("first", [1, 4, 9, 14, 19, 24, 29, 34, 39, 44, 49])
def test_a_full_disk_ends_the_run_with_a_sentence_and_loses_nothing(
    bright, folder, tmp_path, first
):
    out, options = tmp_path / "out", {"outputs": list(OUTPUTS.values())}

    def filled():
        bright.fill_disk_at(out, first)
        return bright.run(folder, out, **options).failed

    # 1 where the run ended with an error for people, else the number of images that failed.
    assert bright.in_child(filled) in (1, 2, 3)
    assert [path for path in out.rglob("*") if path.is_symlink()] == []
    bright.run(folder, tmp_path / "whole", **options)
    whole = bright.tree(tmp_path / "whole")
    half = visible(bright.tree(out))
    assert half == {name: whole[name] for name in half}
    assert bright.run(folder, out, **options).failed == 0
    assert bright.tree(out) == whole


def visible(tree):
    """Files that people see, without what is kept for going on."""
    return {name: content for name, content in tree.items() if not name.startswith(".samcell/")}
