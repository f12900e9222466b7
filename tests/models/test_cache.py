"""The folder of the cache, the record of checksums in it, and its locks."""

from __future__ import annotations

import hashlib
import logging
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from samcell_core.errors import ModelError
from samcell_core.models import cache
from samcell_core.models.cache import exclusive, known_sha256
from samcell_core.models.registry import ModelEntry, find_model, list_models

CONTENT = b"weights " * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()

# The place of the cache


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("linux", {}, "user/.cache/samcell"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "user/.cache/samcell"),
        ("darwin", {}, "user/Library/Caches/samcell"),
        ("win32", {}, "user/AppData/Local/samcell/cache"),
    ],
)
def test_the_cache_lies_where_the_platform_wants_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    variables: dict[str, str],
    folder: str,
) -> None:
    for name in ("SAMCELL_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "user")
    assert cache.cache_folder() == tmp_path / folder


@pytest.mark.parametrize(
    ("platform", "variable", "folder"),
    [
        ("linux", "XDG_CACHE_HOME", "samcell"),
        ("win32", "LOCALAPPDATA", "samcell/cache"),
        ("linux", "SAMCELL_HOME", ""),
        ("win32", "SAMCELL_HOME", ""),
    ],
)
def test_the_cache_can_be_moved_by_the_environment(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    variable: str,
    folder: str,
) -> None:
    monkeypatch.delenv("SAMCELL_HOME")
    monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setattr(sys, "platform", platform)
    assert cache.cache_folder() == tmp_path / folder


def test_a_user_without_a_home_is_told_of_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("SAMCELL_HOME")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(ModelError, match="set SAMCELL_HOME"):
        list_models()


# Checksums


def test_an_unpublished_checksum_is_shown_at_first_use(
    entry: ModelEntry, caplog: pytest.LogCaptureFixture
) -> None:
    find_model("test-cells")
    find_model("test-cells")
    notes = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert [SHA256 in note for note in notes] == [False, True]  # before it, the licence


def test_a_file_that_changed_since_its_first_use_is_refused_with_both_sums(
    entry: ModelEntry, place: Path
) -> None:
    find_model("test-cells")
    place.write_bytes(b"other")
    other = hashlib.sha256(b"other").hexdigest()
    with pytest.raises(ModelError, match=f"sha256 is {other}, recorded was {SHA256}"):
        find_model("test-cells")


def test_a_changed_file_stays_refused(entry: ModelEntry, place: Path) -> None:
    find_model("test-cells")
    place.write_bytes(b"other")
    for _ in range(2):
        with pytest.raises(ModelError, match="has changed since its first use"):
            find_model("test-cells")


def test_a_changed_file_is_accepted_once_its_record_is_deleted_as_the_error_says(
    entry: ModelEntry, place: Path
) -> None:
    find_model("test-cells")
    place.write_bytes(b"other")
    with pytest.raises(ModelError) as caught:
        find_model("test-cells")
    record = place.with_name("test-cells.pt.json")
    assert f"delete {record} if you changed it on purpose" in str(caught.value)
    record.unlink()
    assert find_model("test-cells") == (place, entry)


def test_a_file_that_was_only_copied_is_accepted(entry: ModelEntry, place: Path) -> None:
    find_model("test-cells")
    os.utime(place, (1, 1))
    assert find_model("test-cells") == (place, entry)


def test_an_unchanged_file_is_not_read_again(
    entry: ModelEntry, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_model("test-cells")
    os.utime(place, (1, 1))
    find_model("test-cells")
    monkeypatch.setattr(cache, "sha256_of", lambda path: pytest.fail(f"{path} was read"))
    assert find_model("test-cells") == (place, entry)


def test_a_published_checksum_is_verified_without_a_note(
    checked: ModelEntry, place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert find_model("test-cells") == (place, checked)
    assert not any(SHA256 in r.getMessage() for r in caplog.records)


def test_a_download_with_another_checksum_than_published_is_not_kept(
    server: Any, checked: ModelEntry, place: Path
) -> None:
    server.offer("/v1/test-cells.pt", content=b"other")
    with pytest.raises(ModelError, match=f"published is {SHA256}, so it was removed"):
        find_model("test-cells")
    assert list(place.parent.iterdir()) == []


def test_a_wrong_file_placed_by_hand_is_refused_but_not_deleted(
    checked: ModelEntry, place: Path
) -> None:
    place.parent.mkdir(parents=True)
    place.write_bytes(b"other")
    with pytest.raises(ModelError, match=f"is not the published file.*published is {SHA256}"):
        find_model("test-cells")
    assert place.read_bytes() == b"other"


def test_a_record_that_cannot_be_read_counts_as_none(entry: ModelEntry, place: Path) -> None:
    find_model("test-cells")
    place.with_name("test-cells.pt.json").write_text("{", encoding="utf-8")
    assert find_model("test-cells") == (place, entry)


def test_a_cache_that_cannot_be_written_can_still_be_read(
    entry: ModelEntry, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.parent.mkdir(parents=True)
    place.write_bytes(CONTENT)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_text", refuse)
    assert find_model("test-cells") == (place, entry)


def test_a_recorded_checksum_is_known_without_reading_the_file(
    entry: ModelEntry, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_model("test-cells")
    monkeypatch.setattr(cache, "sha256_of", lambda path: pytest.fail(f"{path} was read"))
    assert known_sha256(place) == SHA256


def test_the_checksum_of_a_file_that_changed_is_that_of_its_bytes(
    entry: ModelEntry, place: Path
) -> None:
    find_model("test-cells")
    place.write_bytes(b"other")
    assert known_sha256(place) == hashlib.sha256(b"other").hexdigest()


def test_the_checksum_of_any_file_is_known_and_not_recorded(copy: Path) -> None:
    assert known_sha256(copy) == SHA256
    assert list(copy.parent.iterdir()) == [copy]


def test_a_file_whose_checksum_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.pt cannot be read \(No such file"):
        known_sha256(tmp_path / "none.pt")


# Locks


@pytest.fixture
def abandoned(tmp_path: Path) -> Path:
    """A file that a process held when it was killed."""
    path = tmp_path / "cells.pt"
    script = (
        "import os, pathlib, sys; from samcell_core.models.cache import exclusive\n"
        "with exclusive(pathlib.Path(sys.argv[1])): os._exit(0)"
    )
    root = str(Path(cache.__file__).parents[2])
    subprocess.run(
        [sys.executable, "-c", script, str(path)],
        env={**os.environ, "PYTHONPATH": root},
        check=True,
    )
    return path


@pytest.fixture
def slow_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drive on which what was seen of a file may be old when something is done to it."""
    delays = random.Random(3)

    def slowly(real: Callable[..., Any]) -> Callable[..., Any]:
        def late(*args: Any, **options: Any) -> Any:
            time.sleep(delays.uniform(0, 0.2))
            return real(*args, **options)

        return late

    for name in ("rename", "unlink", "rmdir"):
        monkeypatch.setattr(Path, name, slowly(getattr(Path, name)))


def held_by(path: Path, waiters: int) -> list[int]:
    """Let several threads hold a file, and count the holders whenever one has come."""
    inside: list[int] = []
    counts: list[int] = []

    def hold(number: int) -> None:
        with exclusive(path, stale_after=1.0):
            inside.append(number)
            counts.append(len(inside))
            time.sleep(0.1)
            counts.append(len(inside))
            inside.remove(number)

    threads = [threading.Thread(target=hold, args=(number,)) for number in range(waiters)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return counts


@pytest.mark.usefixtures("slow_files")
def test_an_abandoned_file_never_has_two_holders(abandoned: Path) -> None:
    assert held_by(abandoned, waiters=6) == [1] * 12


@pytest.mark.usefixtures("slow_files")
def test_a_free_file_never_has_two_holders(tmp_path: Path) -> None:
    assert held_by(tmp_path / "cells.pt", waiters=6) == [1] * 12


def test_a_lock_that_was_taken_over_leaves_nothing(abandoned: Path) -> None:
    with exclusive(abandoned, stale_after=0.2):
        pass
    assert list(abandoned.parent.iterdir()) == []
