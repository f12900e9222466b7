"""The part of SAM's mask decoder that a distance map needs, over the parameters of Meta's module.

The published model takes the first of the three masks of the multi-mask output, which is mask
token 1, without any prompt. So only that token's hypernetwork runs, and no quality is predicted.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

__all__ = ["decode"]

_MASK_TOKEN = 1


def decode(prompt_encoder: Any, decoder: Any, embedding: Tensor) -> Tensor:
    """Logits of the distance map: batch x 4 token rows x 4 token columns, fp32.

    ``embedding`` is what the image encoder returns: batch x channels x token rows x token columns.
    """
    batch, channels, rows, columns = embedding.shape
    tokens = torch.cat([decoder.iou_token.weight, decoder.mask_tokens.weight])
    tokens = tokens.expand(batch, -1, -1)
    position = prompt_encoder.pe_layer((rows, columns)).expand(batch, -1, -1, -1)
    no_mask = prompt_encoder.no_mask_embed.weight.view(1, channels, 1, 1)
    queries, keys = decoder.transformer(embedding + no_mask, position, tokens)
    image = keys.transpose(1, 2).reshape(batch, channels, rows, columns)
    upscaled = decoder.output_upscaling(image)
    mask_token = queries[:, 1 + _MASK_TOKEN]  # the quality token comes first
    weights = decoder.output_hypernetworks_mlps[_MASK_TOKEN](mask_token)
    logits: Tensor = torch.einsum("bc,bchw->bhw", weights, upscaled)
    return logits
