"""Files that appear complete, or not at all."""

import errno
import os
from pathlib import Path

import pytest

import samcell_core as sc
from samcell_core.files import new_file, refusal, replacing, sha256_of


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def write(path, act, **options):
    with new_file(path, **options) as draft:
        act(draft)


def test_a_file_appears_when_it_is_whole(tmp_path):
    with new_file(tmp_path / "a.txt", overwrite=False) as draft:
        draft.write_text("some")
        assert not (tmp_path / "a.txt").exists()
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "some"


def test_a_name_may_be_as_long_as_names_can_be(tmp_path):
    name = "n" * 255
    with new_file(tmp_path / name, overwrite=False) as draft:
        draft.touch()
    assert names(tmp_path) == [name]


def test_a_file_that_is_there_is_refused_before_any_work(tmp_path):
    (tmp_path / "a").write_text("mine")
    with (
        pytest.raises(sc.SamcellError, match=r"a exists: give another name, or overwrite=True"),
        new_file(tmp_path / "a", overwrite=False),
    ):
        pytest.fail("the work began")
    assert (tmp_path / "a").read_text() == "mine"


def test_a_file_that_came_meanwhile_is_not_overwritten(tmp_path):
    def act(draft):
        draft.write_text("new")
        (tmp_path / "a").write_text("mine")

    with pytest.raises(sc.SamcellError, match="exists"):
        write(tmp_path / "a", act, overwrite=False)
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == "mine"


def test_a_file_is_replaced_on_demand(tmp_path):
    (tmp_path / "a").write_text("old")
    with new_file(tmp_path / "a", overwrite=True) as draft:
        draft.write_text("new")
    assert (tmp_path / "a").read_text() == "new"


def test_a_full_disk_leaves_the_old_file_and_says_what_to_do(tmp_path):
    def act(draft):
        draft.symlink_to("/dev/full")
        draft.write_text("new")

    (tmp_path / "a").write_text("old")
    with pytest.raises(sc.SamcellError, match=r"The page .*a \(No space left on device\): give"):
        write(tmp_path / "a", act, overwrite=True, kind="page")
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == "old"


def test_what_fails_otherwise_is_raised_as_it_is_and_leaves_nothing(tmp_path):
    def act(draft):
        draft.touch()
        raise ValueError("mood")

    with pytest.raises(ValueError, match="mood"):
        write(tmp_path / "a", act, overwrite=True)
    assert names(tmp_path) == []


def test_folders_are_made_on_demand_only(tmp_path):
    with new_file(tmp_path / "b" / "c" / "a", overwrite=False, folders=True) as draft:
        draft.touch()
    assert (tmp_path / "b" / "c" / "a").is_file()
    with (
        pytest.raises(sc.SamcellError, match="give a folder that exists"),
        new_file(tmp_path / "d" / "a", overwrite=False) as draft,
    ):
        draft.touch()


def test_what_a_killed_only_writer_left_is_used_again(tmp_path):
    child = os.fork()
    if not child:
        with replacing(tmp_path / "a", only_writer=True) as draft:
            draft.write_text("half")
            os._exit(0)
    os.waitpid(child, 0)
    assert len(names(tmp_path)) == 1
    with replacing(tmp_path / "a", only_writer=True) as draft:
        draft.write_text("whole")
    assert names(tmp_path) == ["a"]


def test_what_is_to_last_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    forced = []
    monkeypatch.setattr(os, "fsync", lambda _: forced.append((tmp_path / "a").exists()))
    with replacing(tmp_path / "a", lasting=True) as draft:
        draft.write_text("some")
    assert forced == [False]


def test_a_checksum_is_that_of_the_content(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256_of(tmp_path / "a").startswith("ba7816bf8f01cfea")


def test_what_the_system_refused_is_a_sentence():
    error = OSError(errno.EACCES, "Permission denied", str(Path("x") / "y"))
    assert refusal(error).startswith("Permission denied (x/y): check")
