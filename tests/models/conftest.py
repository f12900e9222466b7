"""A web server on this machine, a model there, no cache."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from model_server import ModelServer, serving, with_network

from samcell_core.models import registry
from samcell_core.models.registry import ModelEntry

WEIGHTS = b"weights " * 1000


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and an environment that names neither proxies nor the offline switch."""
    folder = tmp_path / "home"
    monkeypatch.setenv("SAMCELL_HOME", str(folder))
    with_network(monkeypatch)
    return folder


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Wait until something has come true, or fail."""

    def wait(fact: Callable[[], bool]) -> None:
        limit = time.monotonic() + 30
        while not fact():
            assert time.monotonic() < limit, "it never came true"
            time.sleep(0.01)

    return wait


@pytest.fixture
def entry(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> ModelEntry:
    """A model of the table that the server on this machine publishes without a checksum."""
    server.offer("/v1/test-cells.pt", content=WEIGHTS)
    made = ModelEntry(
        name="test-cells",
        file="test-cells.pt",
        url=f"{server.address}/v1/test-cells.pt",
        licence="MIT",
        citation="nobody",
        summary="Cells of a test.",
    )
    monkeypatch.setattr(registry, "MODELS", (made,))
    return made


@pytest.fixture
def checked(entry: ModelEntry, monkeypatch: pytest.MonkeyPatch) -> ModelEntry:
    """The same model, its checksum published."""
    made = dataclasses.replace(entry, sha256=hashlib.sha256(WEIGHTS).hexdigest().upper())
    monkeypatch.setattr(registry, "MODELS", (made,))
    return made


@pytest.fixture
def place(home: Path) -> Path:
    """Where the file of that model belongs."""
    return home / "models" / "test-cells.pt"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The file of that model, as it came by hand."""
    path = tmp_path / "usb" / "downloaded.pt"
    path.parent.mkdir()
    path.write_bytes(WEIGHTS)
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / "cells.pt"


@pytest.fixture
def part(target: Path) -> Path:
    return target.with_name("cells.pt.part")


@pytest.fixture
def url(server: ModelServer) -> str:
    return f"{server.address}/cells.pt"
