"""Models in memory: each is read once, the one not used for longest makes room."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from samcell_core.errors import ModelError
from samcell_core.models.registry import find_entry, local_file, place_of
from samcell_core.worker.request import Report

if TYPE_CHECKING:
    from samcell_core.engine import Segmenter

__all__ = ["KeptModels"]

_MOST = 4


class KeptModels:
    """Segmenters by model, device, precision and threads."""

    def __init__(self) -> None:
        self._ready: dict[tuple[object, ...], Segmenter] = {}

    def get(
        self,
        model: str,
        *,
        device: str,
        precision: str,
        threads: int | None,
        offline: bool,
        report: Report,
    ) -> Segmenter:
        """Return a segmenter, which is read where it has not been or its file has changed."""
        if offline:
            _refuse_download(model)
        known = bool(self._ready)
        if not known:
            report("model", 0, 1)
        # Late: torch takes seconds to import.
        from samcell_core.devices import choose_device, choose_precision, choose_threads
        from samcell_core.engine import Segmenter

        where = choose_device(device)
        how = choose_precision(precision, where)
        cores = choose_threads(threads)
        key = (_file(model), str(where), how, cores)
        segmenter = self._ready.pop(key, None)
        if segmenter is None:
            while len(self._ready) >= _MOST:
                self._ready.pop(next(iter(self._ready))).close()
            if known:
                report("model", 0, 1)
            segmenter = Segmenter(
                model,
                device=str(where),
                precision=how,
                threads=cores,
                offline=True if offline else None,
                progress=lambda done, total: report("bytes", done, total),
            )
            key = (_file(model), *key[1:])  # it may just have arrived
            report("model", 1, 1)
        self._ready[key] = segmenter
        return segmenter

    def release(self) -> None:
        """Let go of all models, and of the memory of the GPU."""
        while self._ready:
            self._ready.popitem()[1].close()
        free_gpu()


def free_gpu() -> None:
    """Give back the memory of the GPU that PyTorch keeps for later."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def _refuse_download(model: str) -> None:
    entry = find_entry(model.strip())
    if entry is None or not entry.url or _place(model).is_file():
        return
    raise ModelError(
        f"{entry.name} is not on this computer: fetch it with samcell-cli models download "
        f"{entry.name}"
    )


def _place(model: str) -> Path:
    entry = find_entry(model.strip())
    path = local_file(model.strip(), named=entry is not None)
    if path is None and entry is not None:
        path = place_of(entry)
    return path or Path(model)


def _file(model: str) -> tuple[object, ...]:
    """What tells one file, and one state of it, from another."""
    path = _place(model)
    try:
        facts = path.stat()
    except OSError:  # not there: whoever reads it says so
        return (str(path),)
    return (str(path), facts.st_mtime_ns, facts.st_size)
