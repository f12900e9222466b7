"""Running a network over many tiles: batches, threads, memory, and the same numbers each time.

A batch always has the same shape (the last one is filled up), and each batch is computed by one
thread with one intra-op thread, so that a tile's result does not depend on how many tiles, callers
or cores there are. Cores are used by working on several batches at once.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray

from samcell_core.devices import PRECISIONS, out_of_memory
from samcell_core.errors import DeviceError
from samcell_core.models.lite import LiteNetwork
from samcell_core.models.loading import Model

__all__ = ["Predictor"]

Network = Callable[[torch.Tensor], torch.Tensor]

# Held while threads start, which for a moment changes a setting of the whole process.
_starting = threading.Lock()

# Tiles at once: enough to fill the device. Too many for a small one is not an error.
_BATCH = {"cpu": 1, "cuda": 16, "mps": 4}


class Predictor:
    """A model on a device, mapping tiles to distance maps in order.

    Parameters
    ----------
    model
        What to run.
    device, precision
        Where and how, as `choose_device` and `choose_precision` return them.
    threads
        Batches worked on at once on a CPU.
    """

    def __init__(self, model: Model, device: torch.device, precision: str, threads: int) -> None:
        self.device = device
        self._network = model.on(device, PRECISIONS[precision])
        self._prepare = model.prepare
        self._closed = False
        self._gpu = threading.Lock()
        self._limit: int | None = None  # tiles at once that memory allowed
        # A second thread prepares tiles while the GPU is busy.
        self._workers = threads if device.type == "cpu" else 2
        self._pool = _single_threaded_pool(self._workers)

    def close(self) -> None:
        """End the threads and let go of the network."""
        if self._closed:
            return
        self._closed = True
        self._pool.shutdown(cancel_futures=True)
        del self._network

    def maps(
        self,
        tiles: Iterable[NDArray[np.uint8]],
        *,
        batch: int | None = None,
        note: Callable[[str], None] = lambda _: None,
    ) -> Iterator[NDArray[np.float32]]:
        """Distance map of each tile, in order; tiles are taken as they are needed.

        ``note`` is told, once, if memory allowed fewer tiles at once than asked for.
        """
        return self._results(self._open_network(), tiles, batch=batch, note=note)

    def sizes(self, tiles: Iterable[NDArray[np.uint8]]) -> Iterator[NDArray[np.float32]]:
        """Presence and diameter of cells in each tile, from a network that tells them."""
        network = self._open_network()
        if not isinstance(network, LiteNetwork):
            raise DeviceError("This network does not tell how large cells are.")
        return self._results(network.sizes, tiles, batch=None, note=lambda _: None)

    def _open_network(self) -> torch.nn.Module:
        if self._closed:
            raise DeviceError("This segmenter was closed: make a new one.")
        return self._network

    def _results(
        self,
        call: Network,
        tiles: Iterable[NDArray[np.uint8]],
        *,
        batch: int | None,
        note: Callable[[str], None],
    ) -> Iterator[NDArray[np.float32]]:
        size = batch or _BATCH[self.device.type]
        source = iter(tiles)
        waiting: deque[Future[NDArray[np.float32]]] = deque()
        noted = False
        try:
            while True:
                while len(waiting) <= self._workers and (some := list(islice(source, size))):
                    waiting.append(self._pool.submit(self._predict, call, some, size))
                if not waiting:
                    return
                yield from waiting.popleft().result()
                if self._limit is not None and self._limit < size and not noted:
                    noted = True
                    note(
                        f"Not enough memory on {self.device} for {size} tiles at once: "
                        f"went on with {self._limit}."
                    )
        finally:
            for future in waiting:
                future.cancel()

    def _predict(
        self, call: Network, tiles: list[NDArray[np.uint8]], size: int
    ) -> NDArray[np.float32]:
        prepared = torch.from_numpy(np.stack([self._prepare(tile) for tile in tiles]))
        if self.device.type == "cpu":
            maps = self._run(call, prepared, size)
        else:
            with self._gpu:
                maps = self._run(call, prepared, size)
        if not np.isfinite(maps).all():
            raise DeviceError(
                "The network gave values that are not numbers: its numbers are too large for this "
                "precision; use precision='fp32'."
            )
        return maps

    @torch.inference_mode()
    def _run(self, call: Network, tiles: torch.Tensor, size: int) -> NDArray[np.float32]:
        done: list[torch.Tensor] = []
        while sum(map(len, done)) < len(tiles):
            size = min(size, self._limit or size)
            start = sum(map(len, done))
            some = tiles[start : start + size]
            filled = torch.cat([some, some[-1:].expand(size - len(some), -1, -1)])
            try:
                done.append(call(filled.to(self.device))[: len(some)].float().cpu())
            except RuntimeError as error:
                if not out_of_memory(error):
                    raise
                self._halve(size, error)
        return torch.cat(done).numpy()

    def _halve(self, size: int, error: BaseException) -> None:
        if size == 1:
            raise DeviceError(
                f"Not enough memory on {self.device} for one tile: close other programs that use "
                "it, or use device='cpu'."
            ) from error
        self._limit = size // 2
        if self.device.type == "cuda":
            torch.cuda.empty_cache()


def _use_one_thread() -> None:
    torch.set_num_threads(1)
    # A thread's first look takes over the number that was set last anywhere: now, while it is 1.
    torch.get_num_threads()


def _single_threaded_pool(workers: int) -> ThreadPoolExecutor:
    """Threads in which torch uses one core each; elsewhere its setting stays as it was."""
    with _starting:
        return _start(workers)


def _start(workers: int) -> ThreadPoolExecutor:
    before = torch.get_num_threads()
    pool = ThreadPoolExecutor(
        workers,
        thread_name_prefix="samcell",
        initializer=_use_one_thread,
    )
    # Threads start when work comes in: give each some, so that all are set before going on,
    # because torch also notes the latest number as the default of threads to come.
    together = threading.Barrier(workers + 1)
    for _ in range(workers):
        pool.submit(together.wait)
    together.wait()
    torch.set_num_threads(before)
    return pool
