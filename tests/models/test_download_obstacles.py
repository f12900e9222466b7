"""Downloads that other processes and full disks get in the way of."""

from __future__ import annotations

import errno
import hashlib
import os
import pathlib
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Any

import pytest

import samcell_core
from samcell_core.errors import ModelError
from samcell_core.models.download import download

CONTENT = random.Random(1).randbytes(1_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()

quickly = partial(download, timeout=5.0, pause=0.01, stale_after=2.0)


@pytest.fixture
def offer(server: Any) -> Any:
    return server.offer("/cells.pt", content=CONTENT)


@pytest.fixture
def elsewhere(url: str, target: Path) -> Any:
    """Start the same download in another process, which lives until told or done."""
    script = (
        "import sys; from samcell_core.models.download import download;"
        "download(sys.argv[1], sys.argv[2], stale_after=2.0)"
    )
    root = str(Path(samcell_core.__file__).parents[1])
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", script, url, str(target)], env={**os.environ, "PYTHONPATH": root}
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_disk_that_is_too_small_is_told_before_any_byte(
    offer: Any, url: str, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(target.anchor)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=400_000))
    with pytest.raises(ModelError, match=r"has 0\.4 MB free and 1\.0 MB are needed"):
        quickly(url, target)
    assert list(target.parent.iterdir()) == []


class FullDisk:
    """A file on a disk that has room for so many bytes."""

    def __init__(self, stream: IO[bytes], room: int) -> None:
        self.stream, self.room = stream, room

    def write(self, data: bytes) -> int:
        if len(data) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= len(data)
        return self.stream.write(data)

    def __enter__(self) -> FullDisk:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    real = pathlib.Path.open

    def limited(path: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
        stream = real(path, mode, *args, **options)
        return FullDisk(stream, 600_000) if path.suffix == ".part" else stream

    monkeypatch.setattr(pathlib.Path, "open", limited)
    return monkeypatch


def test_a_disk_that_fills_up_is_an_error_that_says_what_is_kept(
    offer: Any, url: str, target: Path, full_disk: pytest.MonkeyPatch
) -> None:
    with pytest.raises(
        ModelError, match=r"No space left on device.* MB that have arrived are kept"
    ):
        quickly(url, target)


def test_a_download_goes_on_once_the_disk_has_room_again(
    server: Any, offer: Any, url: str, target: Path, part: Path, full_disk: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelError):
        quickly(url, target)
    kept = part.stat().st_size
    assert 0 < kept <= 600_000
    full_disk.undo()
    quickly(url, target, sha256=SHA256)
    assert server.ranges == ["", f"bytes={kept}-"]


def test_two_processes_at_once_fetch_a_file_once(
    server: Any, offer: Any, target: Path, elsewhere: Callable[[], subprocess.Popen[bytes]]
) -> None:
    offer.pace = 0.1
    both = [elsewhere(), elsewhere()]
    assert [process.wait(30) for process in both] == [0, 0]
    assert len(server.requests) == 1
    assert target.read_bytes() == CONTENT


@pytest.fixture
def slow_process(
    server: Any,
    offer: Any,
    elsewhere: Callable[[], subprocess.Popen[bytes]],
    eventually: Callable[[Callable[[], bool]], None],
) -> subprocess.Popen[bytes]:
    """Another process in the middle of the download, which takes it longer than one second."""
    offer.pace = 0.12
    process = elsewhere()
    eventually(lambda: bool(server.requests))
    return process


def test_who_waits_for_another_process_sees_its_progress(
    url: str, target: Path, slow_process: subprocess.Popen[bytes]
) -> None:
    seen: list[tuple[int, int | None]] = []
    quickly(url, target, progress=lambda reached, total: seen.append((reached, total)))
    assert slow_process.wait(30) == 0
    assert any(0 < reached < len(CONTENT) == total for reached, total in seen)


def test_a_slow_process_that_lives_keeps_its_download(
    server: Any, url: str, target: Path, slow_process: subprocess.Popen[bytes]
) -> None:
    quickly(url, target, stale_after=1.0)
    assert slow_process.wait(30) == 0
    assert (len(server.requests), target.read_bytes()) == (1, CONTENT)


def test_the_download_of_a_killed_process_is_taken_over(
    server: Any,
    offer: Any,
    url: str,
    target: Path,
    part: Path,
    elsewhere: Callable[[], subprocess.Popen[bytes]],
    eventually: Callable[[Callable[[], bool]], None],
) -> None:
    offer.stalls = [400_000]
    first = elsewhere()
    eventually(lambda: part.exists() and part.stat().st_size > 200_000)
    first.kill()
    first.wait()
    reached = part.stat().st_size
    quickly(url, target, sha256=SHA256, stale_after=0.5)
    assert server.ranges == ["", f"bytes={reached}-"]
    assert list(target.parent.iterdir()) == [target]
