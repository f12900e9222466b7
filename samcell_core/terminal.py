"""A line on a terminal that says how far some work is, and times for people."""

from __future__ import annotations

import time
from typing import TextIO

__all__ = ["StatusLine", "duration"]

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

    def draw(self, part: float, words: str) -> None:
        """Show how much is done, of 1; what comes too fast for the eye is left out."""
        now = time.monotonic()
        if not self._visible or now - self._drawn < _REDRAW:
            return
        self._drawn = now
        filled = round(_WIDTH * part)
        bar = "#" * filled + "-" * (_WIDTH - filled)
        self._stream.write(f"\r\x1b[K[{bar}] {words}")
        self._stream.flush()

    def clear(self) -> None:
        """Remove the line, so that another text can be written in its place."""
        if self._visible and self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._drawn = 0.0


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
