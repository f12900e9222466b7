"""Which engine to ask: one for each process and Python, with its share of the cores."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from samcell_client import Engine, find_python

__all__ = ["analysis_workers", "close_engines", "engine_at", "threads_for"]

_WORKER = "--work-announce"
"""With this argument, and an address, CellProfiler starts the processes of an analysis."""

_engines: dict[str, Engine] = {}


def engine_at(location: str, usual_workers: Callable[[], int]) -> Engine:
    """The engine of this process; started at its first request.

    Parameters
    ----------
    location
        What the user says of the engine's Python; empty where nothing.
    usual_workers
        Tells how many workers an analysis has, should they not be countable.

    Raises
    ------
    EngineError
        There is no engine: the message says what to type.
    """
    if location not in _engines:
        python, _ = find_python(location)
        workers = analysis_workers(usual_workers)
        _engines[location] = Engine.shared(python, threads=threads_for(workers))
    return _engines[location]


def close_engines() -> None:
    """End the engines that this process has started, and so free their memory."""
    while _engines:
        _, engine = _engines.popitem()
        engine.close()


def threads_for(workers: int) -> int | None:
    """Cores for an engine that shares them with others; ``None``, that is all, for one alone."""
    return None if workers <= 1 else max(1, _cores() // workers)


def analysis_workers(usual: Callable[[], int]) -> int:
    """How many processes CellProfiler's present analysis has; 1 where this is not one of them.

    Each is told the same address. CellProfiler does not tell them their number, so those of the
    same parent and address are counted; where that is not allowed, ``usual`` says it.
    """
    if _WORKER not in sys.argv[:-1]:
        return 1
    address = sys.argv[sys.argv.index(_WORKER) + 1]
    try:
        import psutil  # CellProfiler brings it

        siblings = psutil.Process().parent().children()
        count = sum(address in sibling.cmdline() for sibling in siblings)
    except Exception:  # a module that is missing, a process that has gone, no permission
        count = 0
    return count or max(1, usual())


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
