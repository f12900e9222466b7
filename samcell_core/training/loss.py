"""How wrong the network is on a batch."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from samcell_core.models.lite import LiteOutputs
from samcell_core.training.batches import Batch

__all__ = ["loss_of"]

_SIZE = 0.2
_PRESENCE = 0.1


def loss_of(outputs: LiteOutputs, batch: Batch) -> Tensor:
    """Loss of a batch: of the distance map, and to a small part of presence and size.

    The map is a probability-like number of 0..1: the cross-entropy has its least where the
    squared error has it, but pulls harder at first; the absolute error keeps backgrounds empty and
    valleys between cells deep.
    """
    entropy = functional.binary_cross_entropy_with_logits(
        outputs.distance.float(), batch.distance, reduction="none"
    )
    absolute = (torch.sigmoid(outputs.distance.float()) - batch.distance).abs()
    total = batch.weight.sum().clamp_min(1)
    distance = ((entropy + absolute) * batch.weight).sum() / total
    inside = (batch.weight[:, 4::8, 4::8] > 0).float()
    there, known = batch.size != 0, batch.size > 0
    presence = functional.binary_cross_entropy_with_logits(
        outputs.presence, there.float(), weight=inside, reduction="sum"
    ) / inside.sum().clamp_min(1)
    error = functional.smooth_l1_loss(outputs.size, batch.size, beta=0.25, reduction="none")
    size = (error * known).sum() / known.sum().clamp_min(1)
    return distance + _PRESENCE * presence + _SIZE * size
