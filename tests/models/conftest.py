"""A web server on this machine that behaves as badly as a test asks, a model there, no cache."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from samcell_core.models import registry
from samcell_core.models.registry import ModelEntry

WEIGHTS = b"weights " * 1000


@dataclass
class Offer:
    """What the server does with one address."""

    content: bytes = b""
    tag: str = '"first"'
    failures: list[int] = field(default_factory=list)  # status codes, one for each request
    cuts: list[int] = field(default_factory=list)  # bytes after which to hang up, one a request
    stalls: list[int] = field(default_factory=list)  # bytes after which to fall silent
    redirect: str = ""
    kind: str = "application/octet-stream"
    ranges: bool = True  # whether it can begin in the middle
    careful: bool = True  # whether it looks at If-Range
    length: bool = True  # whether it says how long the file is
    pace: float = 0.0  # seconds between pieces of 64 kB


class ModelServer(ThreadingHTTPServer):
    """Serves the offers and remembers every request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.offers: dict[str, Offer] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()

    def offer(self, path: str, **traits: Any) -> Offer:
        self.offers[path] = Offer(**traits)
        return self.offers[path]

    @property
    def ranges(self) -> list[str]:
        """The Range header of every request, empty where there was none."""
        return [headers.get("Range", "") for _, headers in self.requests]


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers.items())))
        offer = self.server.offers.get(self.path, Offer(failures=[404] * 99))
        try:
            self._answer(offer)
        except ConnectionError:
            self.close_connection = True  # the client is gone, as some tests mean it to be

    def _answer(self, offer: Offer) -> None:
        if offer.failures:
            self.send_error(offer.failures.pop(0))
            return
        if offer.redirect:
            self.send_response(302)
            self.send_header("Location", offer.redirect)
            self.end_headers()
            return
        start = 0
        asked = self.headers.get("Range", "")
        fits = not offer.careful or self.headers.get("If-Range") == offer.tag
        if asked and offer.ranges and fits:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        size = len(offer.content)
        if start and start >= size:
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        if offer.length:
            self.send_header("Content-Length", str(size - start))
        if offer.tag:
            self.send_header("ETag", offer.tag)
        self.send_header("Content-Type", offer.kind)
        self.end_headers()
        self._send(offer, memoryview(offer.content)[start:])

    def _send(self, offer: Offer, body: memoryview) -> None:
        stall = offer.stalls.pop(0) if offer.stalls else None
        cut = offer.cuts.pop(0) if offer.cuts else None
        end = next((stop for stop in (stall, cut) if stop is not None), len(body))
        for begin in range(0, end, 65536):
            self.wfile.write(body[begin : min(begin + 65536, end)])
            time.sleep(offer.pace)
        if stall is not None:
            self.server.closing.wait(10)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield running
        running.closing.set()
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and an environment that names neither proxies nor the offline switch."""
    folder = tmp_path / "home"
    monkeypatch.setenv("SAMCELL_HOME", str(folder))
    for name in ("SAMCELL_OFFLINE", "http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
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
