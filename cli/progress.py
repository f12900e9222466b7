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
from samcell_core.terminal import StatusLine, duration

__all__ = ["Bar", "Lines"]


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
        self._line = StatusLine(self._stream, wanted=verbosity >= 0)
        self._verbose = verbosity > 0
        self._sizes = {name: max(1, size) for name, size in sizes.items()}
        self._total = sum(self._sizes.values())
        self._done = 0
        self._skipped = 0
        self._images = 0
        self._partly: dict[str, float] = {}
        self._start = time.monotonic()

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
        self._line.clear()

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

    def _draw(self, *, last: bool) -> None:
        if last:
            self.clear()
            return
        worked = self._done + sum(self._partly.values())
        words = f"{self._images}/{len(self._sizes)} images"
        fresh = worked - self._skipped
        if fresh > 0:
            seconds = (time.monotonic() - self._start) * (self._total - worked) / fresh
            words += f", {duration(seconds)} left"
        self._line.draw(worked / self._total if self._total else 1.0, words)
