"""Too little memory: one sentence with the setting to change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from samcell_core.devices import out_of_memory
from samcell_core.errors import TrainingError

__all__ = ["memory_watched"]


@contextmanager
def memory_watched(device: torch.device, advice: str) -> Iterator[None]:
    """Give advice where memory does not suffice for what is done here.

    Raises
    ------
    TrainingError
        Memory did not suffice.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not isinstance(error, MemoryError) and not out_of_memory(error):
            raise
        raise TrainingError(f"Not enough memory on {device} to train: {advice}.") from error
