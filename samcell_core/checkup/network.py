"""Where the network would run, whether the model is there, and how fast it is here."""

from __future__ import annotations

import time

import numpy as np

from samcell_core.checkup.finding import BROKEN, NOTE, OK, Finding
from samcell_core.devices import choose_device, choose_precision, choose_threads, label_of
from samcell_core.engine import Segmenter
from samcell_core.errors import SamcellError
from samcell_core.models.registry import find_entry, local_file, place_of, unknown_model

__all__ = ["check_device", "check_model", "check_speed"]

_SIDE = 1024
_SLOW = 60.0  # seconds for an image after which people think that nothing happens


def check_device(device: str, precision: str) -> Finding:
    """Device and precision that would be chosen."""
    try:
        chosen = choose_device(device)
        computes = choose_precision(precision, chosen)
    except SamcellError as error:
        return Finding("device", BROKEN, str(error))
    where = f"{chosen} ({label_of(chosen)})" if chosen.type == "cuda" else str(chosen)
    cores = f", {choose_threads(None)} cores" if chosen.type == "cpu" else ""
    return Finding("device", OK, f"{where}{cores}, {computes}")


def check_model(model: str) -> Finding:
    """Whether the file of a model is there; nothing is downloaded."""
    try:
        entry = find_entry(model.strip())
        path = local_file(model.strip(), named=entry is not None)
        if path is not None:
            return Finding("model", OK, f"{path}")
        if entry is None:
            raise unknown_model(model)
    except SamcellError as error:
        return Finding("model", BROKEN, str(error))
    place = place_of(entry)
    if place.is_file():
        return Finding("model", OK, f"{entry.name} ({place})")
    if entry.url:
        return Finding(
            "model",
            BROKEN,
            f"{entry.name} is not on this computer",
            f"samcell-cli models download {entry.name}",
        )
    return Finding(
        "model", BROKEN, f"{entry.name} is missing ({place})", "install samcell-suite again."
    )


def check_speed(
    model: str, *, device: str, precision: str, threads: int | None, seconds: float
) -> Finding:
    """Tiles that the network maps in a second, measured for some seconds."""
    clock = _Clock(seconds)
    image = np.random.default_rng(0).integers(0, 256, (_SIDE, _SIDE), np.uint8)
    try:
        with Segmenter(
            model, device=device, precision=precision, threads=threads, offline=True
        ) as segmenter:
            while not clock.finished:
                segmenter.predict(image, scale=1.0, progress=clock)
                clock.image_done()
    except _EnoughError:
        pass
    except SamcellError as error:
        return Finding("speed", BROKEN, str(error))
    rate = clock.rate
    each = clock.tiles / rate
    found = (
        f"{rate:.3g} tiles/s, about {each:.2g} s for an image of {_SIDE} x {_SIDE} before its "
        "cells are found"
    )
    if each > _SLOW:
        return Finding(
            "speed", NOTE, found, "a GPU, or the built-in model samcell-lite, is much faster."
        )
    return Finding("speed", OK, found)


class _EnoughError(Exception):
    """The time is over."""


class _Clock:
    """Counts tiles and seconds, without the first image if there is time for more than one."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._before = self._done = 0
        self._start = self._last = (0, time.monotonic())
        self._warm = False
        self.tiles = 0

    def __call__(self, done: int, total: int) -> None:
        """Take note of the tiles of one image."""
        self.tiles = total
        now = time.monotonic()
        self._done = self._before + done
        self._last = (self._done, now)
        if done == 1 and not self._warm:
            self._start = (1, now)  # the first tile takes longer
        if now > self._end and self._done - self._start[0] >= 1:
            raise _EnoughError

    def image_done(self) -> None:
        """Count from here after the first image; what is slow only once is over."""
        self._before = self._done
        if not self._warm and not self.finished:
            self._warm = True
            self._start = (self._done, time.monotonic())

    @property
    def finished(self) -> bool:
        """Whether the time is over and something was measured."""
        return time.monotonic() > self._end and self._last[0] > self._start[0]

    @property
    def rate(self) -> float:
        """Tiles a second."""
        tiles = self._last[0] - self._start[0]
        return tiles / max(self._last[1] - self._start[1], 1e-9)
