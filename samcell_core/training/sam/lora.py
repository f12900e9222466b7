"""Low-rank adapters: a layer's weight W becomes W + scale * up @ down, and W stays as it is."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from samcell_core.models.samcell import SamcellNetwork

__all__ = ["LowRank", "add_adapters", "merged"]


class LowRank(nn.Module):
    """What is added to a weight.

    Parameters
    ----------
    weight
        The weight, outputs x inputs.
    rank, scale
        Inner width of the product that is added, and its factor.
    generator
        Decides the first values of ``down``; ``up`` starts at 0, so that at first nothing changes.
    """

    def __init__(self, weight: Tensor, rank: int, scale: float, generator: torch.Generator) -> None:
        super().__init__()
        outputs, inputs = weight.shape
        down = torch.randn(rank, inputs, generator=generator) / inputs**0.5
        self.down = nn.Parameter(down.to(weight.device))
        self.up = nn.Parameter(weight.new_zeros(outputs, rank))
        self.scale = scale

    def forward(self, weight: Tensor) -> Tensor:
        """The weight with its addition, in full precision wherever it is called."""
        with torch.autocast(weight.device.type, enabled=False):
            return weight + self.scale * (self.up @ self.down)


def add_adapters(
    network: SamcellNetwork, targets: Sequence[str], *, rank: int, alpha: float, seed: int
) -> list[LowRank]:
    """Put an adapter on each target of each encoder block; return them."""
    generator = torch.Generator().manual_seed(seed)
    adapters = []
    for block in network.image_encoder.blocks:
        layers: dict[str, Any] = {
            "qkv": block.attn.qkv,
            "proj": block.attn.proj,
            "lin1": block.mlp.lin1,
            "lin2": block.mlp.lin2,
        }
        for name, layer in layers.items():
            if name in targets:
                adapter = LowRank(layer.weight, rank, alpha / rank, generator)
                parametrize.register_parametrization(layer, "weight", adapter)
                adapters.append(adapter)
    return adapters


def merged(network: SamcellNetwork) -> SamcellNetwork:
    """Copy of a network whose adapters, if it has any, have become part of its weights."""
    tensors = {
        name: tensor
        for name, tensor in network.state_dict().items()
        if ".parametrizations." not in name
    }
    for name, layer in network.named_modules():
        if parametrize.is_parametrized(layer):
            tensors[f"{name}.weight"] = layer.weight
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # initialising tensors without storage does nothing
        plain = SamcellNetwork(network.shape, tile=network.tile)
    copies = {name: tensor.detach().clone() for name, tensor in tensors.items()}
    plain.load_state_dict(copies, assign=True)
    return plain
