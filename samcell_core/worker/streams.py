"""The process's own pipes, out of reach of libraries, and the watch over its parent."""

from __future__ import annotations

import io
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

__all__ = ["take_over", "watch"]

_LOOK_UP = 0.25  # seconds
_PIPE = 1 << 20  # bytes that may be under way


def take_over() -> tuple[io.RawIOBase, io.RawIOBase]:
    """Return standard input and output, and give all others an empty one and standard error.

    Both are unbuffered and binary. What Python or a library written in C prints afterwards goes
    to standard error.
    """
    source, target = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # started without a standard error
        os.dup2(nothing, 1)
    os.close(nothing)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(source, os.O_BINARY)
        msvcrt.setmode(target, os.O_BINARY)
    if sys.platform == "linux":
        import fcntl

        # Fewer turns for an image, which counts where many processes wait for theirs.
        for pipe in (source, target):
            with suppress(OSError):  # no pipe, or no more allowed
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
    sys.stdout = sys.stderr  # without the delay of its own buffer
    return open(source, "rb", buffering=0), open(target, "wb", buffering=0)  # noqa: PTH123


def watch(process: int, gone: Callable[[], None]) -> None:
    """Call a function when a process has ended; never if it is not there to begin with.

    The end of standard input tells the same, but not while another child of that process holds
    the pipe open.
    """
    threading.Thread(target=_watch, args=(process, gone), name="parent", daemon=True).start()


def _watch(process: int, gone: Callable[[], None]) -> None:
    if _wait_for_end(process):
        gone()


def _wait_for_end(process: int) -> bool:
    """Return when a process has ended; false at once if there is no such process."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.WinDLL("kernel32")
        kernel.OpenProcess.restype = ctypes.c_void_p
        kernel.WaitForSingleObject.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
        synchronize, infinite = 0x00100000, 0xFFFFFFFF
        handle = kernel.OpenProcess(synchronize, False, process)
        return bool(handle) and kernel.WaitForSingleObject(handle, infinite) == 0
    # A parent that has ended stays in the list of processes until it is asked about.
    is_parent = os.getppid() == process
    if not is_parent and not _exists(process):
        return False
    while os.getppid() == process if is_parent else _exists(process):
        time.sleep(_LOOK_UP)
    return True


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it belongs to somebody else
        return True
    return True
