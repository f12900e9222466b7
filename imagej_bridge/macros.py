"""Macros of ImageJ that raise when they fail, and end in time."""

from __future__ import annotations

import importlib
import re
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imagej_bridge.dialogs import Dialogs, private_value
from imagej_bridge.gateway import java_class
from samcell_core.errors import SamcellError

__all__ = ["argument_text", "macro_text", "run_macro"]

_CANCELED = "Macro canceled"
_POLL = 0.05  # seconds
_GRACE = 3.0  # seconds that a macro gets to end when it is told to
_EXIT_WITH_TEXT = re.compile(r"\bexit\s*\(\s*[^)\s]")
_INTERPRETER = "ij.macro.Interpreter"


def macro_text(source: str | Path) -> tuple[str, str]:
    """Text of a macro and what messages call it, from a file or from the text itself."""
    is_file = isinstance(source, Path) or (
        "\n" not in source and source.strip().lower().endswith((".ijm", ".txt"))
    )
    if not is_file:
        return str(source), "The macro"
    try:
        return Path(source).read_text(encoding="utf-8"), f"The macro {source}"
    except (OSError, UnicodeDecodeError) as error:
        raise SamcellError(
            f"The macro {source} cannot be read ({error}): give its text, or a file that exists."
        ) from error


def argument_text(arguments: str | Mapping[str, Any]) -> str:
    """Arguments of a macro in one line, as ImageJ's commands take them.

    Examples
    --------
    >>> argument_text({"model": "my model.pt", "peak": 0.5, "labels": True, "table": False})
    'model=[my model.pt] peak=0.5 labels'
    """
    if isinstance(arguments, str):
        return arguments
    words = []
    for name, value in arguments.items():
        if value is None or value is False:
            continue
        text = str(value)
        if "]" in text or "\n" in text:
            raise SamcellError(
                f"The argument {name}={text!r} cannot be told to a macro: leave out ] and ends of "
                "lines."
            )
        needs_brackets = text == "" or re.search(r"[\s\[]", text) is not None
        words.append(
            name if value is True else f"{name}=[{text}]" if needs_brackets else f"{name}={text}"
        )
    return " ".join(words)


def run_macro(
    text: str, argument: str, *, name: str, time_limit: float | None, attended: bool
) -> str | None:
    """Run a macro and give what it returned.

    Parameters
    ----------
    text, argument
        The macro, and what its ``getArgument()`` gives.
    name
        What messages call it.
    time_limit
        Seconds after which it is stopped.
    attended
        Whether somebody is there to answer dialogs. Else those that ask for something are
        cancelled, and the macro with them.

    Raises
    ------
    SamcellError
        It failed, or did not end in time.
    """
    with _Caught() as caught:
        run = _Run(text, argument)
        try:
            dialogs = _wait(run, time_limit, attended)
        finally:
            run.stop()  # after Ctrl-C, too
    reason = run.reason(text, dialogs, caught.exceptions)
    if dialogs is not None and dialogs.questions:
        reason = (
            f"it asked for an answer ({dialogs.questions[0]}), and nobody is there: give all "
            "values, or attended=True"
        )
    elif run.is_late:
        reason = f"it did not end within {time_limit:g} s: give a longer time_limit"
        if run.is_alive():
            reason += ", and restart Python, for it cannot be stopped"
    if reason is not None:
        raise SamcellError(f"{name} failed: {' '.join(reason.split())}.")
    return run.value


def _wait(run: _Run, time_limit: float | None, attended: bool) -> Dialogs | None:
    dialogs = (
        None if attended or java_class("java.awt.GraphicsEnvironment").isHeadless() else Dialogs()
    )
    run.start()
    end = None if time_limit is None else time.monotonic() + time_limit
    while run.is_alive():
        run.join(_POLL)
        if dialogs is not None and dialogs.close():
            run.stop()
        if end is not None and time.monotonic() > end and run.is_alive():
            run.is_late = True
            run.stop()
            break
    return dialogs


class _Run(threading.Thread):
    """A macro in a thread of its own, so that this one can watch over it."""

    def __init__(self, text: str, argument: str) -> None:
        super().__init__(daemon=True)
        self._text, self._argument = text, argument
        self._interpreter = java_class(_INTERPRETER)()
        self._thread: Any = None
        self._error: Exception | None = None
        self.value: str | None = None
        self.is_late = False

    def run(self) -> None:
        """Run the macro; called by `start`."""
        self._thread = java_class("java.lang.Thread").currentThread()
        # ImageJ tells by this name that an error of a command is to end the macro.
        self._thread.setName("SAMCell_Macro$")
        java_class("ij.IJ").getErrorMessage()  # forgets that of an earlier run
        try:
            value = self._interpreter.run(self._text, self._argument)
            self.value = None if value is None else str(value)
        except Exception as error:
            self._error = error
        finally:
            java_class("java.lang.Thread").detach()  # else Java keeps it when it has ended

    def stop(self) -> None:
        """Have it end, where it has not: at once where it waits, else after its statement."""
        if not self.is_alive():
            return
        if self._thread is not None:
            self._thread.interrupt()
        try:
            self._interpreter.abortMacro()
        except Exception:  # later Javas refuse to stop a thread
            time.sleep(_POLL)
        self.join(_GRACE)

    def reason(self, text: str, dialogs: Dialogs | None, exceptions: list[str]) -> str | None:
        """Why it failed, in ImageJ's words; ``None`` where it did not."""
        line = self._line()
        is_aborted = private_value(self._interpreter, _INTERPRETER, "ignoreErrors")
        told = self._interpreter.getErrorMessage()
        if not is_aborted and (told is not None or self._interpreter.wasError()):
            return f"{str(told or 'an error').rstrip('. ')} (line {line})"
        if exceptions:
            return f"{exceptions[0]} (line {line})"
        if is_aborted:
            # Esc, or a command that ended the macro without an error of its own. ImageJ drops what
            # it was reading, and whatever then looks like an error to it follows from that.
            return f"it was aborted (line {line})"
        if dialogs is not None and dialogs.errors:  # of a macro that this one ran
            return f"{dialogs.errors[0].rstrip('. ')} (line {line})"
        if self._error is None:
            return None
        is_killed = "ThreadDeath" in str(self._error)
        if not is_killed and _CANCELED not in str(self._error):
            return f"{self._error} (line {line})"
        message = java_class("ij.IJ").getErrorMessage()
        if message is None and dialogs is not None and dialogs.messages:
            message = dialogs.messages[-1]
        if message is not None:
            return f"{str(message).rstrip('. ')} (line {line})"
        if is_killed:
            return f"it was aborted (line {line})"
        source = text.splitlines()[line - 1 : line]
        if source and not _EXIT_WITH_TEXT.search(source[0]) and re.search(r"\bexit\b", source[0]):
            return None  # `exit` alone is an end like any other
        return f"it was cancelled in line {line}, {source[0].strip() if source else ''}"

    def _line(self) -> int:
        """The line it came to; the first where it was stopped in its first words, or before."""
        try:
            return int(self._interpreter.getLineNumber())
        except (
            java_class("java.lang.ArrayIndexOutOfBoundsException"),  # it stepped back to before it
            java_class("java.lang.NullPointerException"),  # it had not been read yet
        ):
            return 1


class _Caught:
    """Exceptions of commands, which ImageJ would show in a window before it goes on."""

    def __init__(self) -> None:
        self.exceptions: list[str] = []

    def __enter__(self) -> _Caught:
        self._before = private_value(None, "ij.IJ", "exceptionHandler")
        proxy = importlib.import_module("jpype").JProxy
        handler = proxy("ij.IJ$ExceptionHandler", dict={"handle": self._handle})
        java_class("ij.IJ").setExceptionHandler(handler)
        return self

    def __exit__(self, *_: object) -> None:
        java_class("ij.IJ").setExceptionHandler(self._before)

    def _handle(self, error: Any) -> None:
        if _CANCELED not in str(error.getMessage()):
            self.exceptions.append(str(error))
