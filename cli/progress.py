"""What a person sees while a run goes on, and what a program reads."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from typing import TextIO

import click

from samcell_core.batch import (
    Event,
    ImageDone,
    ImageFailed,
    ImageSkipped,
    RunFinished,
    TilesDone,
)

__all__ = ["Bar", "Lines", "remaining_text"]

_REDRAW = 0.1
_WIDTH = 24


class Lines:
    """Events as JSON, one a line, for other programs."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout

    def __call__(self, event: Event) -> None:
        """Write one event at once."""
        self._stream.write(json.dumps(event.to_dict(), ensure_ascii=True) + "\n")
        self._stream.flush()


class Bar:
    """A line on a terminal that says how far the run is and how long it still takes.

    Parameters
    ----------
    sizes
        Bytes of each image by what it is called: the time they take grows with them.
    stream
        Where errors go, and the line if it is a terminal.
    verbosity
        Above 0, each image that is finished has a line of its own; below 0 there are only errors.
    """

    def __init__(
        self, sizes: Mapping[str, int], stream: TextIO | None = None, *, verbosity: int = 0
    ) -> None:
        self._stream = stream or sys.stderr
        self._visible = verbosity >= 0 and self._stream.isatty()
        self._verbose = verbosity > 0
        self._sizes = {name: max(1, size) for name, size in sizes.items()}
        self._total = sum(self._sizes.values())
        self._done = 0
        self._skipped = 0
        self._images = 0
        self._partly: dict[str, float] = {}
        self._start = time.monotonic()
        self._drawn = 0.0

    def __call__(self, event: Event) -> None:
        """Take note of an event and draw."""
        if isinstance(event, TilesDone):
            size = self._sizes.get(event.image, 0)
            self._partly[event.image] = size * event.done / max(1, event.total)
        elif isinstance(event, (ImageDone, ImageSkipped, ImageFailed)):
            self._finish(event)
        self._draw(last=isinstance(event, RunFinished))

    def clear(self) -> None:
        """Remove the line from the terminal."""
        if self._visible and self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _finish(self, event: ImageDone | ImageSkipped | ImageFailed) -> None:
        size = self._sizes.get(event.image, 0)
        self._partly.pop(event.image, None)
        self._done += size
        self._images += event.image in self._sizes
        if isinstance(event, ImageSkipped):
            self._skipped += size
        if isinstance(event, ImageFailed):
            self._say(f"{event.image}: {event.error}")
        elif self._verbose and isinstance(event, ImageDone):
            self._say(f"{event.image}: {event.count} cells in {event.seconds:.1f} s")
        elif self._verbose:
            self._say(f"{event.image}: {event.count} cells, from an earlier run")

    def _say(self, line: str) -> None:
        self.clear()
        click.echo(line, file=self._stream)
        self._drawn = 0.0

    def _draw(self, *, last: bool) -> None:
        now = time.monotonic()
        if not self._visible or (now - self._drawn < _REDRAW and not last):
            return
        if last:
            self.clear()
            return
        self._drawn = now
        worked = self._done + sum(self._partly.values())
        part = worked / self._total if self._total else 1.0
        filled = round(_WIDTH * part)
        bar = "#" * filled + "-" * (_WIDTH - filled)
        line = f"[{bar}] {self._images}/{len(self._sizes)} images"
        fresh = worked - self._skipped
        if fresh > 0:
            seconds = (now - self._start) * (self._total - worked) / fresh
            line += f", {remaining_text(seconds)} left"
        self._stream.write("\r\x1b[K" + line)
        self._stream.flush()


def remaining_text(seconds: float) -> str:
    """A time for people: ``40 s``, ``12 min``, ``3 h 20 min``."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
