"""What tells one run from another: a run goes on only with what it began with."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from samcell_core.training.examples import Examples

__all__ = ["differences", "identity"]


def identity(
    settings: Mapping[str, Any],
    network: Mapping[str, Any],
    start: nn.Module | None,
    training: Examples,
    validation: Examples,
    **others: Any,
) -> dict[str, Any]:
    """All that decides what comes out of a run, as plain values.

    Parameters
    ----------
    settings, network
        How it is trained, and the shape of what is, as plain values.
    start
        What it starts from.
    training, validation
        The images.
    **others
        What else there is, by name.
    """
    values = {
        "settings": dict(settings),
        "network": dict(network),
        "start": None if start is None else _checksum_of(start),
        **others,
        "training images": _described(training),
        "validation images": _described(validation),
    }
    plain: dict[str, Any] = json.loads(json.dumps(values))
    return plain


def differences(saved: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Name what differs between two runs, settings one by one; empty where they are the same."""
    found = [name for name in now if name != "settings" and saved.get(name) != now[name]]
    before = saved.get("settings", {})
    return [name for name in now["settings"] if before.get(name) != now["settings"][name]] + found


def _described(examples: Examples) -> dict[str, Any]:
    """Names of the images of each set, and a checksum of their pixels and targets."""
    described = {}
    for name in sorted(examples):
        checksum = 0
        for example in examples[name]:
            checksum = zlib.crc32(example.levels[0].data, checksum)
        described[name] = {"images": [each.name for each in examples[name]], "crc32": checksum}
    return described


def _checksum_of(network: nn.Module) -> int:
    checksum = 0
    for tensor in network.state_dict().values():
        values = tensor.detach().cpu().to(torch.float32).contiguous()
        checksum = zlib.crc32(values.numpy().tobytes(), checksum)
    return checksum
