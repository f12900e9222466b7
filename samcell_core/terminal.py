"""A line on a terminal that says how far some work is, or a download, and times for people."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TextIO

__all__ = ["DownloadLine", "StatusLine", "duration", "megabytes"]

_WIDTH = 24
_REDRAW = 0.1  # seconds


class StatusLine:
    """A bar with words behind it, drawn again and again in the same place.

    Parameters
    ----------
    stream
        Where it goes, if it is a terminal.
    wanted
        Whether there should be one at all.
    """

    def __init__(self, stream: TextIO, *, wanted: bool = True) -> None:
        self._stream = stream
        self._visible = wanted and stream.isatty()
        self._drawn = 0.0

    def draw(self, part: float | None, words: str) -> None:
        """Show how much is done, of 1, or the words alone where it is not known.

        What comes too fast for the eye is left out.
        """
        now = time.monotonic()
        if not self._visible or now - self._drawn < _REDRAW:
            return
        self._drawn = now
        bar = ""
        if part is not None:
            filled = round(_WIDTH * part)
            bar = f"[{'#' * filled}{'-' * (_WIDTH - filled)}] "
        self._stream.write(f"\r\x1b[K{bar}{words}")
        self._stream.flush()

    def clear(self) -> None:
        """Remove the line, so that another text can be written in its place."""
        if self._visible and self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._drawn = 0.0


class DownloadLine:
    """How much of a file has arrived; call it with the bytes that have, and with all there are.

    It is gone when everything has arrived, and at the end of a ``with`` block.

    Parameters
    ----------
    stream, wanted
        See `StatusLine`.
    """

    def __init__(self, stream: TextIO, *, wanted: bool = True) -> None:
        self._line = StatusLine(stream, wanted=wanted)
        self._begun: tuple[float, int] | None = None

    def __call__(self, arrived: int, total: int | None) -> None:
        """Draw what has arrived, and how long the rest will take."""
        now = time.monotonic()
        if self._begun is None:
            self._begun = now, arrived  # the rest of an earlier attempt says nothing of the speed
        if arrived == total:
            self._line.clear()
            return
        words = megabytes(arrived)
        if total is not None:
            words += f" of {megabytes(total)}"
            begun, first = self._begun
            if arrived > first:
                left = (now - begun) * (total - arrived) / (arrived - first)
                words += f", {duration(left)} left"
        self._line.draw(arrived / total if total else None, words)

    def __enter__(self) -> DownloadLine:
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Remove the line, whatever came of the download."""
        self._line.clear()


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1e6:,.1f} MB"


def duration(seconds: float) -> str:
    """A time for people: ``40 s``, ``12 min``, ``3 h 20 min``, ``2 days``."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{round(minutes / 60 / 24)} days"
