"""The SAM-based network in training: its updates, its loss, and what changes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from samcell_core.devices import choose_precision
from samcell_core.errors import TrainingError
from samcell_core.models.samcell import SamcellNetwork
from samcell_core.training.sam.crops import Crops
from samcell_core.training.sam.lora import merged
from samcell_core.training.sam.parts import prepare, trained_tensors
from samcell_core.training.sam.settings import SamTrainingSettings
from samcell_core.training.shortage import memory_watched

__all__ = ["SamLearner", "less_memory"]


class SamLearner:
    """A network in training on a device, which it takes over.

    Attributes
    ----------
    network
        What is trained; with adapters, where the settings say so.
    optimizer
        AdamW over what is trained.
    """

    def __init__(
        self, network: SamcellNetwork, settings: SamTrainingSettings, device: torch.device
    ) -> None:
        self._settings, self._device = settings, device
        self._mixed = choose_precision(settings.precision, device) == "bf16"
        prepare(network, settings)
        # Without a mask for each pair of tokens, whose gradient would have to be kept.
        network.attention = "product"
        network.checkpointing = settings.checkpointing
        with memory_watched(device, less_memory(settings)):
            self.network = network.to(device).train()
        self.optimizer = torch.optim.AdamW(
            self._trained(),
            lr=settings.learning_rate,
            betas=settings.betas,
            weight_decay=settings.weight_decay,
        )

    def parts(self) -> dict[str, dict[str, Tensor]]:
        """All tensors that training changes."""
        return {"network": trained_tensors(self.network)}

    def plain(self) -> SamcellNetwork:
        """Copy of the network as it is now, its adapters merged."""
        return merged(self.network)

    def update(self, batch: Crops, step: int, steps: int) -> float:
        """Learn from a batch as the update of a number, counted from 0; return the loss.

        Raises
        ------
        TrainingError
            The loss or its slope is no number, or memory does not suffice.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = self._settings.learning_rate_at(step, steps)
        self.optimizer.zero_grad(set_to_none=True)
        total = 0.0
        with memory_watched(self._device, less_memory(self._settings)):
            for part in batch.split(self._settings.at_once):
                loss = self._loss(part) * (len(part) / len(batch))
                value = float(loss.detach())
                if not math.isfinite(value):
                    raise _diverged(f"The loss was {value}", part, step)
                loss.backward()
                total += value
            self._check_slope(batch, step)
            self.optimizer.step()
        return total

    @torch.no_grad()
    def loss(self, batches: Iterable[Crops]) -> float:
        """Mean loss over the crops of batches."""
        total, count = 0.0, 0
        with memory_watched(self._device, less_memory(self._settings)):
            for batch in batches:
                for part in batch.split(self._settings.at_once):
                    total += float(self._loss(part)) * len(part)
                    count += len(part)
        return total / count

    def maps(self, tiles: Tensor) -> Tensor:
        """Distance maps of prepared tiles, of which gradients can be taken."""
        frozen = not self._settings.trains_encoder
        with self._precision(), torch.no_grad() if frozen else nullcontext():
            embedding = self.network.embeddings(tiles)
        return self.network.maps(embedding.float())

    def _loss(self, crops: Crops) -> Tensor:
        """Mean squared error of the maps at the size of the crops, as the engine gives them."""
        maps = self.maps(crops.image.to(self._device))
        return functional.mse_loss(maps, crops.distance.to(self._device))

    def _precision(self) -> AbstractContextManager[Any]:
        """Mixed precision in the encoder, where the time goes; the decoder is in full precision."""
        if self._mixed:
            return torch.autocast(self._device.type, torch.bfloat16)
        return nullcontext()

    def _trained(self) -> list[nn.Parameter]:
        return [each for each in self.network.parameters() if each.requires_grad]

    def _check_slope(self, batch: Crops, step: int) -> None:
        slopes = [each.grad for each in self._trained() if each.grad is not None]
        slope = float(nn.utils.get_total_norm(slopes))
        if not math.isfinite(slope):
            raise _diverged(f"The slope of the loss was {slope}", batch, step)


def less_memory(settings: SamTrainingSettings, *, fixed: bool = False) -> str:
    """The next setting to change where memory does not suffice, in words.

    ``fixed`` leaves out those that help only with what grows with the crops.
    """
    at_once = min(settings.at_once, settings.batch)
    if at_once > 1 and not fixed:
        return f"set at_once={at_once // 2} instead of {at_once}"
    if settings.trains_encoder and not settings.checkpointing and not fixed:
        return "set checkpointing=True"
    if settings.trained == "all":
        return "set trained='lora and decoder', or 'decoder'"
    if settings.trains_encoder:
        return "set trained='decoder'"
    return "take a smaller network or a machine with more memory, and close other programs"


def _diverged(what: str, crops: Crops, step: int) -> TrainingError:
    return TrainingError(
        f"{what} at update {step + 1}, with crops of {', '.join(sorted(set(crops.names)))}: look "
        "at these images, or lower learning_rate."
    )
