"""Fetching a model file over HTTP: with progress, resumed where it stopped, whole or not at all."""

from __future__ import annotations

import http.client
import json
import logging
import os
import re
import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from samcell_core.errors import ModelError
from samcell_core.models.cache import Progress, beside, exclusive, sha256_of

__all__ = ["download"]

logger = logging.getLogger(__name__)

_CHUNK = 1 << 18
_LONGEST_PAUSE = 30.0
_PASSING = {408, 425, 429, 500, 502, 503, 504}
_HINTS = {
    401: "the server wants a user name and password",
    403: "the server or a firewall does not allow it",
    404: "there is no such file at that address any more",
    407: "the proxy wants a user name and password, which HTTPS_PROXY can name",
}


class _PassingError(Exception):
    """A fault that may be gone at the next attempt."""


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirect from https to http, where anybody on the way could change the file."""

    def __init__(self, refusal: Callable[[str], ModelError]) -> None:
        self.refusal = refusal

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """The request to go on with."""
        if req.type == "https" and not newurl.lower().startswith("https:"):
            fp.close()
            raise self.refusal(f"the server sends on to {newurl}, which is not encrypted")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@dataclass(frozen=True)
class _Origin:
    """Where the first part of a file came from, to know whether the rest would fit."""

    url: str
    validator: str
    size: int | None


def download(
    url: str,
    target: str | os.PathLike[str],
    *,
    sha256: str = "",
    progress: Progress | None = None,
    timeout: float = 30.0,
    retries: int = 3,
    pause: float = 1.0,
    stale_after: float = 20.0,
) -> None:
    """Fetch a file, or wait for another process that is fetching it.

    What arrives is kept in ``<target>.part`` and gets its name when it is whole and its checksum is
    right. A later call goes on where this one stopped, if the server still has the same file. A
    target that exists already is not fetched again. Proxies are taken from the environment.

    Parameters
    ----------
    url
        An ``http://`` or ``https://`` address.
    target
        The file to make; its folder is made too.
    sha256
        The published checksum; empty where none is known.
    progress
        Called with the bytes that have arrived and those there are in all, ``None`` where the
        server does not say. It may raise to stop, and what it raises arrives unchanged.
    timeout
        Seconds without a byte after which a connection counts as stalled.
    retries
        Attempts after the first that bring nothing new, before giving up.
    pause
        Seconds before the second attempt, doubled before each further one.
    stale_after
        Seconds after which the lock of a killed process is taken over.

    Raises
    ------
    ModelError
        Where the file cannot be had, with a way to place it by hand.
    """
    target = Path(target).absolute()
    transfer = _Transfer(url, target, progress, timeout)
    if not url.lower().startswith(("http://", "https://")):
        raise ModelError(f"{url!r} is not an address to download from: give an http or https one.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with exclusive(target, stale_after=stale_after, waiting=transfer.watch):
            if target.exists():
                transfer.check(target, sha256)
                return
            transfer.run(retries, pause)
            transfer.finish(sha256)
    except OSError as error:
        if error is transfer.raised:
            raise
        raise transfer.refusal(
            f"{target.parent} cannot be written ({error.strerror or error}), so set SAMCELL_HOME "
            "to another folder"
        ) from error


class _Transfer:
    """One file on its way."""

    def __init__(self, url: str, target: Path, progress: Progress | None, timeout: float) -> None:
        self.url = url
        self.target = target
        self.part = beside(target, ".part")
        self.origin_file = beside(target, ".part.json")
        self.progress = progress
        self.raised: OSError | None = None  # by the caller's function: no fault of a disk
        self.timeout = timeout
        self.waited = False

    def report(self, reached: int, total: int | None) -> None:
        """Tell the caller how far it is."""
        if self.progress is None:
            return
        try:
            self.progress(reached, total)
        except OSError as error:
            self.raised = error
            raise

    def watch(self) -> None:
        """Report how far the other process is that holds the lock."""
        if not self.waited:
            logger.info("Another process is downloading %s: waiting for it.", self.target)
            self.waited = True
        origin = self._origin()
        if origin is not None:
            self.report(self._reached(), origin.size)

    def run(self, retries: int, pause: float) -> None:
        """Attempt until all is there, or until ``retries`` attempts in a row brought nothing."""
        failures, best = 0, self._reached()
        while True:
            try:
                self._attempt()
            except _PassingError as error:
                reached = self._reached()
                failures = 0 if reached >= best + _CHUNK else failures + 1
                best = max(best, reached)
                if failures > retries:
                    often = f", {failures} times in a row" if failures > 1 else ""
                    raise self.refusal(f"{error}{often}") from error
                delay = min(_LONGEST_PAUSE, pause * 2 ** max(0, failures - 1))
                logger.info("%s: %s; trying again in %g s.", self.url, error, delay)
                time.sleep(delay)
            else:
                return

    def finish(self, sha256: str) -> None:
        """Give the whole file its name."""
        try:
            self.check(self.part, sha256)
        except ModelError:
            self._discard()
            raise
        self.part.replace(self.target)
        self.origin_file.unlink(missing_ok=True)

    def check(self, path: Path, sha256: str) -> None:
        """Refuse a file with another checksum than the published one."""
        actual = sha256_of(path) if sha256 else ""
        if actual != sha256.lower():
            what = "was removed" if path == self.part else f"must be deleted first ({path})"
            raise self.refusal(
                f"the sha256 of the file is {actual}, published is {sha256.lower()}, so it {what}"
            )

    def refusal(self, reason: str) -> ModelError:
        """The error that says what went wrong and how to do without the network."""
        return ModelError(
            f"{self.target.name} could not be downloaded: {reason}; try again later, or place the "
            f"file by hand: fetch {self.url} in a browser and save it as {self.target}"
        )

    def _attempt(self) -> None:
        origin = self._origin()
        offset = self._reached() if origin is not None else 0
        if origin is not None and origin.size is not None and 0 < origin.size <= offset:
            if offset == origin.size:
                return
            offset = 0
        with self._open(offset, origin) as response:
            offset, origin = self._start(response, offset, origin)
            if origin.size is not None:
                self._demand_space(origin.size - offset)
            head = self._read(response, 64) if offset == 0 else b""
            self._refuse_page(response, head)
            self.report(offset, origin.size)
            self._receive(response, head, offset, origin)
        self._demand_all(origin.size)

    def _open(self, offset: int, origin: _Origin | None) -> http.client.HTTPResponse:
        headers = {"User-Agent": "samcell-suite"}
        if offset and origin is not None:
            headers |= {"Range": f"bytes={offset}-", "If-Range": origin.validator}
        request = urllib.request.Request(self.url, headers=headers)  # noqa: S310 - http(s) only
        try:
            # A new opener each time: it reads the proxies that the environment names now.
            opener = urllib.request.build_opener(_SafeRedirects(self.refusal))
            response: http.client.HTTPResponse = opener.open(request, timeout=self.timeout)
        except urllib.error.HTTPError as error:
            with error:
                answer = f"the server answered {error.code} {error.reason}"
            if error.code == 416:
                self._discard()
            if error.code in _PASSING or error.code == 416:
                raise _PassingError(answer) from error
            hint = _HINTS.get(error.code)
            raise self.refusal(f"{answer} ({hint})" if hint else answer) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, ssl.SSLCertVerificationError):
                raise self.refusal(
                    f"the certificate of the server is not trusted here ({error.reason}); where a "
                    "proxy replaces certificates, name its own in SSL_CERT_FILE"
                ) from error
            raise _PassingError(self._network_fault(error.reason)) from error
        except (OSError, http.client.HTTPException) as error:
            raise _PassingError(self._network_fault(error)) from error
        return response

    def _start(
        self, response: http.client.HTTPResponse, offset: int, origin: _Origin | None
    ) -> tuple[int, _Origin]:
        """Where the answer begins in the file, and where it comes from."""
        headers = response.headers
        validator = headers.get("ETag", "")
        if not validator or validator.startswith("W/"):  # a weak tag does not promise equal bytes
            validator = headers.get("Last-Modified", "")
        if response.status == 206 and origin is not None:
            span = re.fullmatch(
                r"bytes (\d+)-\d+/(\d+|\*)", headers.get("Content-Range", "").strip()
            )
            same = span is not None and int(span[1]) == offset
            same = same and span is not None and span[2] in ("*", str(origin.size))
            if not same or (validator and validator != origin.validator):
                self._discard()
                raise _PassingError("the file on the server has changed meanwhile")
            return offset, origin
        length = headers.get("Content-Length", "")
        fresh = _Origin(self.url, validator, int(length) if length.isdigit() else None)
        return 0, fresh

    def _receive(
        self, response: http.client.HTTPResponse, head: bytes, offset: int, origin: _Origin
    ) -> None:
        reached = offset
        try:
            with self.part.open("r+b" if offset else "wb") as stream:
                if offset == 0:
                    self.origin_file.write_text(json.dumps(asdict(origin)), encoding="utf-8")
                stream.seek(offset)
                chunk = head or self._read(response)
                while chunk:
                    stream.write(chunk)
                    reached += len(chunk)
                    self.report(reached, origin.size)
                    chunk = self._read(response)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            if error is self.raised:
                raise
            raise self.refusal(
                f"it cannot be written to {self.part.parent} ({error.strerror or error}); the "
                f"{_megabytes(self._reached())} that have arrived are kept and the next try goes "
                "on from there, so free some space first or set SAMCELL_HOME to another folder"
            ) from error

    def _read(self, response: http.client.HTTPResponse, exactly: int = 0) -> bytes:
        try:
            return response.read(exactly) if exactly else response.read1(_CHUNK)
        except (OSError, http.client.HTTPException) as error:
            raise _PassingError(self._network_fault(error)) from error

    def _network_fault(self, error: object) -> str:
        if isinstance(error, TimeoutError):
            return f"the server sent nothing for {self.timeout:g} s"
        return f"the connection failed ({error})"

    def _refuse_page(self, response: http.client.HTTPResponse, head: bytes) -> None:
        start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        if response.headers.get_content_type() == "text/html" or start.startswith(
            (b"<!doctype html", b"<html")
        ):
            raise self.refusal(
                f"{response.url} sent a web page instead of the file, perhaps the login page of "
                "your network"
            )

    def _demand_space(self, needed: int) -> None:
        free = shutil.disk_usage(self.target.parent).free
        if needed > free:
            raise self.refusal(
                f"{self.target.parent} has {_megabytes(free)} free and {_megabytes(needed)} are "
                "needed, so free some space first or set SAMCELL_HOME to another folder"
            )

    def _demand_all(self, size: int | None) -> None:
        reached = self._reached()
        if size is not None and reached != size:
            raise _PassingError(
                f"the connection ended after {_megabytes(reached)} of {_megabytes(size)}"
            )
        if reached == 0:
            self._discard()
            raise self.refusal("the server sent an empty file")

    def _origin(self) -> _Origin | None:
        """Where the part at hand came from; ``None`` where it cannot be gone on with."""
        try:
            origin = _Origin(**json.loads(self.origin_file.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None
        return origin if origin.url == self.url and origin.validator else None

    def _reached(self) -> int:
        try:
            return self.part.stat().st_size
        except FileNotFoundError:
            return 0

    def _discard(self) -> None:
        self.part.unlink(missing_ok=True)
        self.origin_file.unlink(missing_ok=True)


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
