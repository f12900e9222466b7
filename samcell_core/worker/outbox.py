"""Replies on their way out, written by a thread of their own."""

from __future__ import annotations

import io
import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any

from samcell_core.worker.faults import FaultError
from samcell_core.worker.frames import EncodedFrame, encode

__all__ = ["Outbox"]


class Outbox:
    """A line of frames. Nobody who puts one in has to wait until the client has read it.

    Parameters
    ----------
    target
        Unbuffered output.
    unread
        Called when nobody reads it any more.
    """

    def __init__(self, target: io.RawIOBase, unread: Callable[[], None]) -> None:
        self._target = target
        self._unread = unread
        self._line: queue.SimpleQueue[EncodedFrame | threading.Event] = queue.SimpleQueue()
        threading.Thread(target=self._write, name="replies", daemon=True).start()

    def send(self, frame: EncodedFrame) -> None:
        """Put in a frame."""
        self._line.put(frame)

    def tell(self, number: Any, kind: str, **fields: Any) -> None:
        """Put in a reply to a request, of a few fields."""
        self.send(encode({"id": number, "type": kind, **fields}, {}))

    def refuse(self, number: Any, fault: FaultError, **fields: Any) -> None:
        """Put in an error."""
        self.send(error_frame(number, fault, **fields))

    def drain(self, seconds: float | None = None) -> None:
        """Wait until everything is written."""
        written = threading.Event()
        self._line.put(written)
        written.wait(seconds)

    def _write(self) -> None:
        try:
            while True:
                item = self._line.get()
                if isinstance(item, threading.Event):
                    item.set()
                    continue
                for part in item:
                    view = memoryview(part)
                    while view:
                        view = view[self._target.write(view) or 0 :]
                del item
        except OSError:
            self._unread()


def error_frame(number: Any, fault: FaultError, **fields: Any) -> EncodedFrame:
    """The reply to a request that failed."""
    known: Mapping[str, Any] = {"kind": fault.kind, "message": str(fault)}
    return encode({"id": number, "type": "error", **known, **fields}, {})
