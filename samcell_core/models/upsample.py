"""Enlarging 8-bit images exactly as Pillow's bilinear resize does, on any device.

Pillow works along rows, then along columns, and rounds to 8 bits after each. For a whole
factor the weights are multiples of 1 / (2 factor), so whole numbers give the very same result.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["enlarge"]


def enlarge(tiles: Tensor, factor: int) -> Tensor:
    """Enlarge uint8 images, batch x height x width, by a whole factor."""
    if factor == 1:
        return tiles
    return _enlarge_last(_enlarge_last(tiles, factor).transpose(1, 2), factor).transpose(1, 2)


def _enlarge_last(tiles: Tensor, factor: int) -> Tensor:
    length = tiles.shape[-1]
    # Centre of each new pixel among the old ones, in units of 1 / (2 factor).
    centre = 2 * torch.arange(length * factor, device=tiles.device) + 1 - factor
    left = torch.div(centre, 2 * factor, rounding_mode="floor")
    share = (centre - left * 2 * factor).to(torch.int16)
    values = tiles.to(torch.int16)
    before = values[..., left.clamp(0, length - 1)]
    after = values[..., (left + 1).clamp(0, length - 1)]
    mixed = before * (2 * factor - share) + after * share
    return ((mixed + factor) // (2 * factor)).to(torch.uint8)
