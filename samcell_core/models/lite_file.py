"""Checkpoints of the small network: safetensors with a header that says what is needed to run it.

The header's entry ``samcell`` is JSON: ``network`` ("lite"), ``shape`` (widths, depths), ``name``,
``peak``, ``fill``, ``diameter`` (see `ModelInfo`), ``licence``, and ``training`` (what is needed to
repeat it). Normalisations are kept apart from the convolutions, so that training can go on from it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor, nn

from samcell_core.models.header import HEADER_KEY, damaged_header, read_header, threshold_of
from samcell_core.models.lite import LiteNetwork, LiteShape

__all__ = ["LiteHeader", "lite_bytes", "read_lite_header", "shape_of"]

_MOST_PARAMETERS = 100_000_000


@dataclass(frozen=True)
class LiteHeader:
    """What a checkpoint says of itself."""

    name: str
    shape: LiteShape
    peak: float = 0.45
    fill: float = 0.08
    diameter: float | None = None
    licence: str | None = None
    training: dict[str, Any] = field(default_factory=dict)


def lite_bytes(network: LiteNetwork, header: LiteHeader, *, half: bool = False) -> bytes:
    """Content of a checkpoint file, with the convolutions in half precision if asked for."""
    tensors: dict[str, Tensor] = {}
    for name, tensor in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        small = half and tensor.ndim == 4
        tensors[name] = tensor.detach().cpu().to(torch.float16 if small else torch.float32)
    values = {
        "network": "lite",
        "shape": header.shape.to_dict(),
        "name": header.name,
        "peak": header.peak,
        "fill": header.fill,
        "diameter": header.diameter,
        "licence": header.licence,
        "training": header.training,
    }
    whole = {name: tensor.contiguous() for name, tensor in sorted(tensors.items())}
    return bytes(save(whole, {HEADER_KEY: json.dumps(values, sort_keys=True)}))


def read_lite_header(path: Path) -> LiteHeader | None:
    """Header of a checkpoint of the small network; ``None`` if it is another file."""
    values = read_header(path, "lite")
    if values is None:
        return None
    try:
        return LiteHeader(
            name=str(values["name"]),
            shape=shape_of(values["shape"]),
            peak=threshold_of(values["peak"]),
            fill=threshold_of(values["fill"]),
            diameter=_diameter(values.get("diameter")),
            licence=values.get("licence"),
            training=dict(values.get("training") or {}),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged_header(path, error) from error


def shape_of(values: dict[str, Any]) -> LiteShape:
    """Shape from a header, refused if it is absurd."""
    shape = LiteShape(widths=tuple(values["widths"]), depths=tuple(values["depths"]))
    numbers = (*shape.widths, *shape.depths)
    if not all(isinstance(number, int) and 0 <= number <= 4096 for number in numbers):
        raise ValueError("widths and depths are not whole numbers")
    if not 4 <= len(shape.widths) <= 7 or len(shape.widths) != len(shape.depths):
        raise ValueError("its widths and depths do not belong together")
    if min(shape.widths) < 1 or max(shape.depths) > 20:
        raise ValueError("its widths or depths are out of range")
    if sum(9 * w * w * (2 * d + 3) for w, d in zip(shape.widths, shape.depths, strict=True)) > (
        _MOST_PARAMETERS
    ):
        raise ValueError("the network would be too large")
    return shape


def batch_counts(network: nn.Module) -> set[str]:
    """Names of tensors that count batches, which a file leaves out."""
    return {name for name in network.state_dict() if name.endswith("num_batches_tracked")}


def _diameter(value: Any) -> float | None:
    if value is None:
        return None
    number = float(value)
    if not 1 <= number <= 1000:
        raise ValueError(f"a diameter of {number}")
    return number
