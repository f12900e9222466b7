"""Files that are written whole or not at all."""

import errno
from pathlib import Path

import pytest

import samcell_core as sc
from samcell_core.training.whole import write_whole


def test_a_file_takes_the_place_of_the_one_before(tmp_path):
    (tmp_path / "a").write_bytes(b"old and long")
    write_whole(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


def test_nothing_else_is_left(tmp_path):
    write_whole(tmp_path / "a", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(sc.TrainingError, match=r"none.* could not be written"):
        write_whole(tmp_path / "none" / "a", b"new")


def test_a_file_locked_for_long_is_an_error_and_stays(tmp_path, monkeypatch):
    def locked(self, target):
        raise PermissionError(errno.EACCES, "Permission denied")

    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(Path, "replace", locked)
    monkeypatch.setattr("samcell_core.files._PATIENCE", 0)
    with pytest.raises(sc.TrainingError, match=r"a could not be written \(Permission denied\)"):
        write_whole(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"
