"""Checkpoints of the SAM-based network: tensors with Hugging Face's names, and a header.

The header's entry ``samcell`` is JSON: ``network`` ("samcell"), ``name``, ``peak``, ``fill``,
``licence``, ``training`` (what is needed to repeat it) and ``tile`` (the side of the tiles that it
takes, in pixels). The published `samcell` package, which knows no headers, reads such a file as one
of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from samcell_core.models.header import HEADER_KEY, damaged_header, read_header, threshold_of
from samcell_core.models.naming import to_hugging_face_names, to_meta_names

__all__ = ["SamcellHeader", "read_samcell_header", "samcell_bytes"]


@dataclass(frozen=True)
class SamcellHeader:
    """What a checkpoint says of itself."""

    name: str
    peak: float = 0.47
    fill: float = 0.09
    licence: str | None = None
    training: dict[str, Any] = field(default_factory=dict)
    tile: int = 256


def samcell_bytes(tensors: Mapping[str, Tensor], header: SamcellHeader) -> bytes:
    """Content of a checkpoint file, from tensors by Meta's names or Hugging Face's.

    All tensors of Hugging Face's `SamModel` are there, the copy that `save_pretrained` leaves out
    included: the published `samcell` asks for it.
    """
    named = to_hugging_face_names(to_meta_names(tensors))
    values = {
        "network": "samcell",
        "name": header.name,
        "peak": header.peak,
        "fill": header.fill,
        "licence": header.licence,
        "training": header.training,
        "tile": header.tile,
    }
    # Copies, for the file takes no two names of one tensor.
    whole = {
        name: tensor.detach().to("cpu", torch.float32, copy=True).contiguous()
        for name, tensor in sorted(named.items())
    }
    # Hugging Face's own reader wants to know who wrote it.
    said = {HEADER_KEY: json.dumps(values, sort_keys=True), "format": "pt"}
    return _with_ordered_header(bytes(save(whole, said)))


def _with_ordered_header(content: bytes) -> bytes:
    """The same file with the entries of its header in order, which otherwise differs each time."""
    end = 8 + int.from_bytes(content[:8], "little")
    said = json.loads(content[8:end])
    text = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # tensors begin at a multiple of 8
    return b"".join((len(text).to_bytes(8, "little"), text, memoryview(content)[end:]))


def read_samcell_header(path: Path) -> SamcellHeader | None:
    """Header of a checkpoint of the SAM-based network; ``None`` where it has none."""
    values = read_header(path, "samcell")
    if values is None:
        return None
    try:
        licence = values.get("licence")
        peak, fill = threshold_of(values["peak"]), threshold_of(values["fill"])
        if fill > peak:
            raise ValueError(f"a fill threshold of {fill} above the peak threshold of {peak}")
        return SamcellHeader(
            name=str(values["name"]),
            peak=peak,
            fill=fill,
            licence=None if licence is None else str(licence),
            training=dict(values.get("training") or {}),
            tile=_tile(values.get("tile", 256)),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged_header(path, error) from error


def _tile(value: Any) -> int:
    if not isinstance(value, int) or not 128 <= value <= 4096:
        raise ValueError(f"a tile of {value} pixels")
    return value
