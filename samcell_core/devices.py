"""Where the network runs and in which precision."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import Any

import torch

from samcell_core.errors import DeviceError, SettingsError
from samcell_core.machine import available_cores

__all__ = [
    "PRECISIONS",
    "Device",
    "choose_device",
    "choose_precision",
    "choose_threads",
    "label_of",
    "list_devices",
    "out_of_memory",
]

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}

# Each thread of a CPU holds one tile's intermediate results, about 0.3 GB for SAM ViT-B.
_MOST_THREADS = 16


@dataclass(frozen=True)
class Device:
    """Where the network can run.

    Attributes
    ----------
    name
        As `choose_device` takes it.
    label
        What people call it.
    precision
        In which it computes unless another one is wanted.
    automatic
        Whether ``auto`` chooses it.
    """

    name: str
    label: str
    precision: str
    automatic: bool


def list_devices() -> list[Device]:
    """All that this machine has, the CPU first."""
    found = [torch.device("cpu")]
    if torch.cuda.is_available():
        found += [torch.device("cuda", number) for number in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append(torch.device("mps"))
    taken = choose_device("auto")
    return [
        Device(
            name=str(device),
            label=label_of(device),
            precision=choose_precision("auto", device),
            automatic=(device.type, device.index or 0) == (taken.type, taken.index or 0),
        )
        for device in found
    ]


def label_of(device: torch.device) -> str:
    """What people call a device that this machine has."""
    labels = {"cpu": "Processor", "mps": "Apple GPU"}
    return labels.get(device.type) or str(torch.cuda.get_device_name(device))


def choose_device(name: str) -> torch.device:
    """Return the device of a name, such as ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``."""
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    kind, _, number = str(name).partition(":")
    if not re.fullmatch(r"cpu|mps|cuda(:[0-9]+)?", str(name)):
        raise SettingsError(
            f"device={name!r} is not known: give 'auto', 'cpu', 'cuda', 'cuda:1' or 'mps'."
        )
    if kind == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if count == 0:
            raise DeviceError(
                f"device={name!r}: PyTorch finds no NVIDIA GPU here; use device='cpu', or install "
                "a PyTorch build with CUDA and a driver."
            )
        if number and int(number) >= count:
            raise DeviceError(f"device={name!r}: this machine has {count} GPU(s), counted from 0.")
    if kind == "mps" and not torch.backends.mps.is_available():
        raise DeviceError(f"device={name!r}: PyTorch finds no Apple GPU here; use device='cpu'.")
    return torch.device(name)


def choose_precision(name: str, device: torch.device) -> str:
    """Return ``fp32``, ``bf16`` or ``fp16``; ``auto`` is bf16 where the hardware multiplies it."""
    if name == "auto":
        return "bf16" if _multiplies_bf16(device) else "fp32"
    if name not in PRECISIONS:
        raise SettingsError(
            f"precision={name!r} is not known: give 'auto', 'fp32', 'bf16' or 'fp16'."
        )
    if name == "bf16" and device.type == "cuda" and not torch.cuda.is_bf16_supported():
        raise DeviceError(
            "precision='bf16': this GPU cannot compute in bf16; use 'fp16' or 'fp32'."
        )
    return name


def choose_threads(wanted: int | None) -> int:
    """Return how many tiles a CPU works on at once: all its cores, up to 16."""
    if wanted is None:
        return min(available_cores(), _MOST_THREADS)
    try:
        threads = 0 if isinstance(wanted, bool) else operator.index(wanted)
    except TypeError:
        threads = 0
    if not 1 <= threads <= 1024:
        raise SettingsError(
            f"threads={wanted!r} is not allowed: give a whole number from 1 to 1024."
        )
    return threads


def out_of_memory(error: BaseException) -> bool:
    """Whether that is what an error of torch is about."""
    # Apple's GPUs and CPUs have no exception of their own for it.
    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, torch.OutOfMemoryError) or any(w in str(error).lower() for w in words)


def _multiplies_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu":
        return False
    cpu: Any = torch.cpu
    if hasattr(cpu, "get_capabilities"):
        has = cpu.get_capabilities()
        return bool(has.get("amx_bf16") or has.get("avx512_bf16"))
    # Before torch 2.10 only these tell.
    tests = (getattr(cpu, f"_is_{name}_supported", None) for name in ("amx_tile", "avx512_bf16"))
    return any(test() for test in tests if test is not None)
