"""What trying something out tells: how long it takes, and the memory that slopes need."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from samcell_core.machine import memory_size

__all__ = ["kept_for_slopes", "memory_on", "seconds_for"]


def seconds_for(act: Callable[[], object], device: torch.device) -> float:
    """How long it takes to do something on a device."""
    began = time.perf_counter()
    act()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - began


def kept_for_slopes(run: Callable[[], Tensor], network: nn.Module) -> int:
    """Bytes that autograd keeps of what is computed, without the network's own weights."""
    own = {each.untyped_storage().data_ptr() for each in network.parameters()}
    sizes: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            sizes[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        result = run()  # held on to: what is kept would go with it, and its place be used again
    total = sum(sizes.values())
    del result
    return total


def memory_on(device: torch.device) -> float:
    """Bytes of memory of a device; infinite where the system does not tell."""
    if device.type == "cuda":
        return float(torch.cuda.get_device_properties(device).total_memory)
    if device.type == "mps":
        return float(torch.mps.recommended_max_memory())
    return memory_size()
