"""What the commands of this package share: saying things, and ending as a command should."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

from samcell_core.errors import SamcellError

__all__ = ["WronglyCalledError", "carry_out", "say", "warn"]


class WronglyCalledError(SamcellError):
    """A call that has to be another one; nothing was done."""


def carry_out(action: Callable[[], None], *, stopped: str) -> int:
    """Do what a command is for; return its exit code.

    It is 1 after an error, 2 after one that `WronglyCalledError` says, 130 after Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console may lack letters of a file's name
            stream.reconfigure(errors="backslashreplace")
    try:
        action()
    except SamcellError as error:
        warn(f"Error: {error}")
        return 2 if isinstance(error, WronglyCalledError) else 1
    except KeyboardInterrupt:
        warn(stopped)
        return 130
    return 0


def say(line: str) -> None:
    """Write a line for the user, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def warn(line: str) -> None:
    """Write a line on what went wrong."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
