"""The engine as an object: started when it is first asked, started anew when it was killed."""

from __future__ import annotations

import atexit
import itertools
import os
import re
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from .environment import commands
from .errors import EngineError
from .finding import find_python
from .frames import BrokenStreamError, Reply
from .process import EngineProcess, NothingYetError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Progress = Callable[[str, int, int | None], None]
    """Takes what is counted (`model`, `bytes`, `tiles`), how many are done, and of how many."""

    Cancelled = Callable[[], bool]
    """Whether to stop; is asked some ten times a second."""

__all__ = ["Engine"]

_PROTOCOL = 1
_LOOK_UP = 0.1  # seconds
_ATTEMPTS = 2
_NO_ENGINE = re.compile(r"No module named '?samcell_core(\.worker)?(?![\w.])")


class Engine:
    """The SAMCell engine in a process of its own. Threads may share it; they take turns.

    Parameters
    ----------
    python
        The Python that SAMCell is installed in, or ``samcell-cli``; see `find_python`.
    threads
        Processor cores for the network; all, up to 16, where not given.
    start_limit
        Seconds within which it has to answer for the first time.
    cancel_limit
        Seconds within which it has to stop when it is cancelled; then it is killed.
    """

    _shared: ClassVar[dict[tuple[int, str, int | None], Engine]] = {}
    _sharing = threading.Lock()

    def __init__(
        self,
        python: str = "",
        threads: int | None = None,
        start_limit: float = 120.0,
        cancel_limit: float = 30.0,
    ) -> None:
        self.python, self.found_by = find_python(python)
        self.threads = threads
        self.start_limit = start_limit
        self.cancel_limit = cancel_limit
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._process: EngineProcess | None = None
        self._hello: dict[str, Any] = {}
        self._owner = os.getpid()

    @classmethod
    def shared(cls, python: str = "", threads: int | None = None) -> Engine:
        """Return the one engine of this process; it ends with the process."""
        path, _ = find_python(python)
        key = (os.getpid(), path, threads)
        with cls._sharing:
            if not cls._shared:
                atexit.register(cls._close_shared)
            if key not in cls._shared:
                cls._shared[key] = cls(path, threads)
            return cls._shared[key]

    @classmethod
    def _close_shared(cls) -> None:
        for (owner, *_), engine in list(cls._shared.items()):
            if owner == os.getpid():
                engine.close()

    @property
    def hello(self) -> dict[str, Any]:
        """What the engine says of itself: versions, models, settings, limits."""
        with self._lock:
            self._running()
            return self._hello

    def load(
        self,
        model: str = "samcell-lite",
        device: str = "auto",
        precision: str = "auto",
        offline: bool = True,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
    ) -> dict[str, Any]:
        """Read a model, and download it if it has to be and ``offline`` is false."""
        fields = self._model(model, device, precision)
        fields["offline"] = offline
        return self.request("load", fields, {}, progress, cancelled).header

    def segment(
        self,
        image: Any,
        mask: Any = None,
        settings: Mapping[str, Any] | None = None,
        model: str = "samcell-lite",
        device: str = "auto",
        precision: str = "auto",
        outputs: Sequence[str] = ("labels",),
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
        name: str = "",
    ) -> Reply:
        """Find the cells of an image, as the operation ``segment`` of docs/worker.md says.

        Parameters
        ----------
        image
            Pixels as they come from the microscope.
        mask
            Where cells may be.
        settings
            By name; ``axes`` tells what the axes of the image are.
        model, device, precision
            What runs, and where.
        outputs
            Of ``labels``, ``unfiltered``, ``small_removed``, ``distance`` and ``cells``.
        progress
            Is told what is counted, how many are done, and of how many.
        cancelled
            Says whether to stop.
        name
            What messages call the image.
        """
        fields = self._model(model, device, precision)
        fields.update(settings=dict(settings or {}), outputs=list(outputs))
        if name:
            fields["name"] = name
        arrays = {"image": image}
        if mask is not None:
            arrays["mask"] = mask
        return self.request("segment", fields, arrays, progress, cancelled)

    def request(
        self,
        operation: str,
        fields: Mapping[str, Any],
        arrays: Mapping[str, Any],
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
    ) -> Reply:
        """Any operation of docs/worker.md; if the engine is killed, it is started anew once."""
        with self._lock:
            for _ in range(_ATTEMPTS):
                process = self._running()
                try:
                    return self._exchange(process, operation, fields, arrays, progress, cancelled)
                except BrokenStreamError as error:
                    if process.closed:
                        what = "The SAMCell engine was closed while it worked."
                        raise EngineError("cancelled", what) from error
                    broken = error
                    process.end()
            raise EngineError("died", self._died(process, broken), process.tail)

    def close(self) -> None:
        """End the process, whatever it is doing. It is started anew when it is next needed."""
        process, self._process = self._process, None
        if process is not None and self._owner == os.getpid():
            process.end()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _model(self, model: str, device: str, precision: str) -> dict[str, Any]:
        # The engine keeps the folder in which it was started.
        path = str(Path(model).absolute()) if Path(model).is_file() else model
        fields = {"model": path, "device": device, "precision": precision}
        return fields if self.threads is None else dict(fields, threads=self.threads)

    def _running(self) -> EngineProcess:
        """Return the process, started if it has to be."""
        if self._owner != os.getpid():  # forked: that one is the parent's
            self._owner, self._process = os.getpid(), None
        process = self._process
        if process is None or not process.running:
            if process is not None:
                process.end()
            process = self._process = self._start()
        return process

    def _start(self) -> EngineProcess:
        ways = commands(self.python)
        for command in ways:
            try:
                process = EngineProcess(command)
            except OSError as error:
                raise EngineError(
                    "missing",
                    f"{self.python} cannot be started ({error.strerror or error}): give the path "
                    "of the Python that SAMCell is installed in.",
                ) from error
            try:
                self._hello = self._greet(process)
            except BaseException as error:
                process.end(patience=0.0 if isinstance(error, NothingYetError) else 1.0)
                if isinstance(error, BrokenStreamError):
                    if _NO_ENGINE.search(process.tail) and command is not ways[-1]:
                        continue
                    raise self._not_started(process, error) from error
                if isinstance(error, NothingYetError):
                    raise EngineError(
                        "start",
                        f"{self.python} did not answer within {self.start_limit:g} seconds: "
                        "is it the Python that SAMCell is installed in?",
                        process.tail,
                    ) from error
                raise
            return process
        raise AssertionError("there is a last way")

    def _greet(self, process: EngineProcess) -> dict[str, Any]:
        client = f"samcell_client in {Path(sys.executable or 'Python').name}"
        number = self._send(process, "hello", {"protocol": _PROTOCOL, "client": client}, {})
        end = time.monotonic() + self.start_limit
        while True:
            reply = process.receive(max(0.0, end - time.monotonic()))
            if reply.header.get("id") == number:
                return _result(reply, process).header

    def _send(
        self,
        process: EngineProcess,
        operation: str,
        fields: Mapping[str, Any],
        arrays: Mapping[str, Any],
    ) -> int:
        number = next(self._numbers)
        process.send(dict(fields, id=number, op=operation), arrays)
        return number

    def _exchange(
        self,
        process: EngineProcess,
        operation: str,
        fields: Mapping[str, Any],
        arrays: Mapping[str, Any],
        progress: Progress | None,
        cancelled: Cancelled | None,
    ) -> Reply:
        number = self._send(process, operation, fields, arrays)
        cancelled_at = None
        try:
            while True:
                if cancelled_at is None and cancelled is not None and cancelled():
                    cancelled_at = time.monotonic()
                    self._send(process, "cancel", {"target": number}, {})
                if cancelled_at is not None:
                    self._lose_patience(process, cancelled_at)
                try:
                    reply = process.receive(_LOOK_UP)
                except NothingYetError:
                    continue
                header = reply.header
                if header.get("fatal"):
                    raise BrokenStreamError(str(header.get("message")))
                if header.get("id") != number:
                    continue  # to a request that was given up
                if header["type"] != "progress":
                    return _result(reply, process)
                if progress is not None:
                    progress(header["what"], header["done"], header["total"])
        except (EngineError, BrokenStreamError):
            raise
        except BaseException:  # of the caller's functions, or Ctrl-C: nobody waits any more
            self._send(process, "cancel", {"target": number}, {})
            raise

    def _lose_patience(self, process: EngineProcess, since: float) -> None:
        if time.monotonic() - since > self.cancel_limit:
            process.end(patience=0.0)
            raise EngineError("cancelled", "It was cancelled; the engine had to be ended.")

    def _not_started(self, process: EngineProcess, broken: BrokenStreamError) -> EngineError:
        tail = process.tail
        if _NO_ENGINE.search(tail):
            what = (
                f"{self.python} is a Python without the SAMCell engine (or with an old one): give "
                "the path of the Python that SAMCell is installed in, or install it there with: "
                f'"{self.python}" -m pip install --upgrade samcell-suite'
            )
            return EngineError("start", what, tail)
        last = tail.splitlines()[-1].strip()[:300] if tail else f"it sent {broken}"
        return EngineError(
            "start",
            f"{self.python} did not start the SAMCell engine ({last}): give the path of the Python "
            "that SAMCell is installed in; there, samcell-cli doctor tells more.",
            tail,
        )

    def _died(self, process: EngineProcess, broken: BrokenStreamError) -> str:
        code = process.code
        how = f"{broken}" if code is None else f"exit code {code}"
        if code == -9:
            how += ", as from a system that runs out of memory"
        return (
            f"The SAMCell engine ended {_ATTEMPTS} times while it worked on this request ({how}): "
            "close other programs, use fewer workers, or try a smaller image or model."
        )


def _result(reply: Reply, process: EngineProcess) -> Reply:
    header = reply.header
    if header["type"] == "error":
        raise EngineError(header["kind"], header["message"], process.tail)
    return reply
