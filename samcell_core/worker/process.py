"""The process: requests come in by one thread, are worked on by another, replies go out by a third.

So a request can be cancelled while it is worked on, and the end of the input ends the process
within an instant, whatever it is doing.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import NoReturn

from samcell_core.machine import memory_size
from samcell_core.worker.faults import FaultError, fault_of
from samcell_core.worker.frames import (
    MOST_HEADER,
    BrokenStreamError,
    EncodedFrame,
    EndOfStreamError,
    encode,
    read_frame,
)
from samcell_core.worker.kept_models import free_gpu
from samcell_core.worker.operations import OPERATIONS, Engine
from samcell_core.worker.outbox import Outbox, error_frame
from samcell_core.worker.request import Request
from samcell_core.worker.streams import take_over, watch

__all__ = ["main", "serve"]

_DONE, _WRONGLY_CALLED, _BROKEN = 0, 2, 3
_MOST_WAITING = 64
_MOST_PAYLOAD = 2**33
_FAREWELL = 1.0  # seconds for the last reply to be read


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the client at the other end of standard input; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="samcell_core.worker", description="The SAMCell engine, for programs: docs/worker.md"
    )
    parser.add_argument("--parent", type=int, metavar="PID", help="end when this process ends")
    return serve(parser.parse_args(arguments).parent)


def serve(parent: int | None = None) -> int:
    """Serve the client at the other end of standard input.

    Parameters
    ----------
    parent
        Process with which this one is to end.

    Returns
    -------
    int
        The exit code, where there is no client; otherwise this process ends here.
    """
    if sys.stdin is None or os.isatty(0):
        sys.stderr.write("This is for programs, not for people: see docs/worker.md.\n")
        return _WRONGLY_CALLED
    source, target = take_over()
    # Ctrl-C in a terminal is meant for the client, which decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if parent is not None:
        watch(parent, lambda: _leave(_DONE))
    return _Desk(source, target).serve()


class _Desk:
    """Requests that wait, and the one that is worked on."""

    def __init__(self, source: io.RawIOBase, target: io.RawIOBase) -> None:
        self._source = source
        self._outbox = Outbox(target, unread=lambda: _leave(_DONE))
        self._limit = int(min(_MOST_PAYLOAD, memory_size() // 4))
        self._engine = Engine(
            {"header": MOST_HEADER, "payload": self._limit, "waiting": _MOST_WAITING}
        )
        self._line: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._open: dict[int | str | None, Request] = {}
        self._lock = threading.Lock()

    def serve(self) -> NoReturn:
        """Work on one request after another."""
        threading.Thread(target=self._receive, name="requests", daemon=True).start()
        while True:
            request = self._line.get()
            frame = self._answer(request)
            with self._lock:
                del self._open[request.number]
            del request  # and with it the image
            self._outbox.send(frame)
            del frame
            self._outbox.drain()

    def _answer(self, request: Request) -> EncodedFrame:
        def report(what: str, done: int, total: int | None) -> None:
            if request.due(done, total):
                self._outbox.tell(request.number, "progress", what=what, done=done, total=total)

        try:
            request.check()
            reply = OPERATIONS[request.operation](self._engine, request, report)
            return encode({"id": request.number, "type": "result", **reply.fields}, reply.arrays)
        except BaseException as error:
            fault = fault_of(error)
            if fault.kind == "internal":
                traceback.print_exc()
            memory = fault.kind == "memory"
        if memory:  # what the exception held on to is free only now
            gc.collect()
            free_gpu()
        return error_frame(request.number, fault)

    def _receive(self) -> None:
        try:
            while True:
                try:
                    frame = read_frame(self._source, limit=self._limit, room=self._room())
                except FaultError as fault:
                    self._outbox.refuse(_number(fault.number), fault)
                    continue
                try:
                    self._take(Request(frame.header, frame.arrays, frame.size))
                except Exception as error:
                    self._outbox.refuse(_number(frame.header.get("id")), fault_of(error))
                del frame  # and with it the image
        except EndOfStreamError:
            _leave(_DONE)
        except BrokenStreamError as error:
            lost = FaultError("protocol", f"The engine cannot follow its client: {error}.")
            self._outbox.refuse(None, lost, fatal=True)
            self._outbox.drain(_FAREWELL)
            _leave(_BROKEN)
        except BaseException:
            traceback.print_exc()
            _leave(1)

    def _room(self) -> int:
        """Bytes that the next request may bring."""
        with self._lock:
            return self._limit - sum(each.size for each in self._open.values())

    def _take(self, request: Request) -> None:
        """Put a request in line, or answer it at once."""
        operation = request.operation
        if operation == "cancel":
            self._cancel(request)
        elif operation == "shutdown":
            request.done()
            self._outbox.tell(request.number, "result")
            self._outbox.drain(_FAREWELL)
            _leave(_DONE)
        elif operation not in OPERATIONS:
            known = ", ".join([*OPERATIONS, "cancel", "shutdown"])
            raise FaultError(
                "request", f"There is no operation {operation[:80]!r}: known are {known}."
            )
        else:
            with self._lock:
                if request.number in self._open:
                    raise FaultError(
                        "request",
                        f"The request {request.number!r} is not yet answered: each needs an id of "
                        "its own.",
                    )
                if len(self._open) >= _MOST_WAITING:
                    raise FaultError(
                        "request", f"{_MOST_WAITING} requests wait already: wait for replies."
                    )
                self._open[request.number] = request
            self._line.put(request)

    def _cancel(self, request: Request) -> None:
        target = _number(request.target())
        request.done()
        with self._lock:
            found = self._open.get(target) if target is not None else None
        if found is not None:
            found.cancel()
        self._outbox.tell(request.number, "result", cancelled=found is not None)


def _number(value: object) -> int | str | None:
    """The ``id`` of a request as far as it can be told back."""
    good = isinstance(value, (int, str)) and not isinstance(value, bool)
    return value if good and len(str(value)) <= 200 else None  # type: ignore[return-value]


def _leave(code: int) -> NoReturn:
    """End the process at once, also while other threads compute."""
    sys.stderr.flush()
    os._exit(code)
