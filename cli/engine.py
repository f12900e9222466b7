"""The engine that a command works with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from samcell_core.terminal import DownloadLine

if TYPE_CHECKING:
    from samcell_core.engine import Segmenter

__all__ = ["engine"]


@contextmanager
def engine(
    model: str | Path, *, device: str, precision: str, threads: int | None, verbosity: int
) -> Iterator[Segmenter]:
    """A segmenter; while its model is downloaded, a line on the terminal says how far that is."""
    # Late: torch takes seconds to import.
    from samcell_core.engine import Segmenter

    with DownloadLine(sys.stderr, wanted=verbosity >= 0) as arriving:
        segmenter = Segmenter(
            model, device=device, precision=precision, threads=threads, progress=arriving
        )
    with segmenter:
        yield segmenter
