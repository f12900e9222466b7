"""What a run tells while it goes on, for progress bars and other programs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

__all__ = [
    "Event",
    "ImageDone",
    "ImageFailed",
    "ImageSkipped",
    "Listener",
    "RunFinished",
    "RunStarted",
    "TilesDone",
]


@dataclass(frozen=True)
class Event:
    """Something that happened. ``event`` is what programs call it."""

    event: ClassVar[str]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, to be written as JSON."""
        return {"event": self.event, **dataclasses.asdict(self)}


Listener = Callable[[Event], None]
"""Is told events, one at a time, in the thread that started the run."""


@dataclass(frozen=True)
class RunStarted(Event):
    """The images are known."""

    event: ClassVar[str] = "run-started"
    images: int
    out: str


@dataclass(frozen=True)
class TilesDone(Event):
    """The network has seen some of the tiles of an image."""

    event: ClassVar[str] = "tiles"
    image: str
    done: int
    total: int


@dataclass(frozen=True)
class ImageDone(Event):
    """The results of an image are in their places."""

    event: ClassVar[str] = "image-done"
    image: str
    count: int
    seconds: float


@dataclass(frozen=True)
class ImageSkipped(Event):
    """The results of an image were there already."""

    event: ClassVar[str] = "image-skipped"
    image: str
    count: int


@dataclass(frozen=True)
class ImageFailed(Event):
    """An image has no results, and why."""

    event: ClassVar[str] = "image-failed"
    image: str
    error: str


@dataclass(frozen=True)
class RunFinished(Event):
    """Tables and report are in their places."""

    event: ClassVar[str] = "run-finished"
    images: int
    failed: int
    skipped: int
    cells: int
    seconds: float
    out: str
