"""A web server on this machine that behaves as badly as a test asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


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


@contextmanager
def serving() -> Iterator[ModelServer]:
    """A server that runs until the end of the block."""
    with ModelServer() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield running
        running.closing.set()
        running.shutdown()
        thread.join()


def with_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names neither proxies nor the offline switch."""
    for name in ("SAMCELL_OFFLINE", "http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
