"""A running engine: its pipes, and the threads that empty them."""

from __future__ import annotations

import queue
import subprocess
import threading
from typing import TYPE_CHECKING, Any

from .environment import open_process
from .errors import EngineError
from .frames import BrokenStreamError, Reply, read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EngineProcess", "NothingYetError"]

_TAIL = 8192
_PATIENCE = 3.0  # seconds to end in


class NothingYetError(Exception):
    """No reply came within the time."""


class EngineProcess:
    """A process that speaks the protocol of docs/worker.md.

    Raises `OSError` where it cannot be started at all.
    """

    def __init__(self, command: list[str]) -> None:
        self._process = open_process(command)
        self.closed = False
        self._tail = bytearray()
        self._replies: queue.Queue[Any] = queue.Queue()
        self._readers = [
            (stream, threading.Thread(target=target, name=f"samcell-{name}", daemon=True))
            for name, stream, target in (
                ("replies", self._process.stdout, self._receive),
                ("stderr", self._process.stderr, self._drain),
            )
        ]
        for _, thread in self._readers:
            thread.start()

    @property
    def running(self) -> bool:
        """Whether it can still be spoken to."""
        return self._process.poll() is None and self._readers[0][1].is_alive()

    @property
    def code(self) -> int | None:
        """Its exit code, below 0 where a signal ended it; ``None`` while it runs."""
        code: int | None = self._process.poll()
        return code

    @property
    def tail(self) -> str:
        """The last that it wrote to standard error."""
        return bytes(self._tail).decode("utf-8", "replace").strip()

    def send(self, header: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        """Send a request."""
        try:
            write_frame(self._process.stdin, header, arrays)
        except (OSError, ValueError) as error:
            if isinstance(error, ValueError) and not self._process.stdin.closed:
                raise
            raise BrokenStreamError(str(error)) from error

    def receive(self, seconds: float) -> Reply:
        """Take the next reply.

        Raises
        ------
        NothingYetError
            None came within the seconds.
        BrokenStreamError
            None will come any more.
        EngineError
            It came, but did not fit in memory; none will come any more.
        """
        try:
            reply = self._replies.get(timeout=seconds)
        except queue.Empty:
            raise NothingYetError from None
        if isinstance(reply, Reply):
            return reply
        if isinstance(reply, MemoryError):
            raise EngineError(
                "memory",
                "There is not enough memory to take the engine's reply: close other programs, or "
                "use a smaller image.",
            )
        raise BrokenStreamError(str(reply))

    def end(self, patience: float = _PATIENCE) -> None:
        """End it, politely as long as patience lasts, and let go of its pipes."""
        self.closed = True
        self._process.stdin.close()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for stream, thread in self._readers:
            thread.join(_PATIENCE)
            # Where a thread still reads, a process that it started holds the pipe.
            if not thread.is_alive():
                stream.close()

    def _receive(self) -> None:
        first = True
        try:
            while True:
                self._replies.put(read_frame(self._process.stdout, first))
                first = False
        except Exception as error:  # whoever waits for a reply has to know
            self._replies.put(error)

    def _drain(self) -> None:
        while True:
            some = self._process.stderr.read(_TAIL)
            if not some:
                return
            self._tail += some
            del self._tail[:-_TAIL]
