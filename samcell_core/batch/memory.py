"""Memory that images at work together may take."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from samcell_core.images import Image
from samcell_core.machine import memory_size

__all__ = ["MemoryBudget"]

# Labels, distance map and grey values; finding and measuring the cells of a plane.
_BYTES_A_PIXEL = 10
_BYTES_A_PIXEL_OF_A_PLANE = 40
_WHERE_UNKNOWN = 2**33


class MemoryBudget:
    """Half of the machine's memory. An image that needs more waits until it is alone."""

    def __init__(self) -> None:
        size = memory_size()
        self._most = (size if math.isfinite(size) else _WHERE_UNKNOWN) / 2
        self._used = 0.0
        self._free = threading.Condition()

    @contextmanager
    def take(self, image: Image) -> Iterator[None]:
        """Hold what an image needs while it is at work."""
        shape = image.data.shape
        plane = math.prod(shape[image.axes.index(letter)] for letter in "YX")
        need = math.prod(shape) * _BYTES_A_PIXEL + plane * _BYTES_A_PIXEL_OF_A_PLANE
        with self._free:
            self._free.wait_for(lambda: self._used == 0 or self._used + need <= self._most)
            self._used += need
        try:
            yield
        finally:
            with self._free:
                self._used -= need
                self._free.notify_all()
