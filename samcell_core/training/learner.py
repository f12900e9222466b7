"""A network that learns: what it is made from, its updates, and its running average."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from samcell_core.devices import choose_precision
from samcell_core.errors import SettingsError, TrainingError
from samcell_core.models.lite import LiteNetwork, LiteShape
from samcell_core.models.lite_file import shape_of
from samcell_core.training.batches import Batch
from samcell_core.training.loss import loss_of
from samcell_core.training.settings import TrainingSettings

__all__ = ["Learner", "network_to_train"]

_HIGHEST_LOSS = 1e6
_LONGEST_STEP = 5.0


def network_to_train(
    shape: LiteShape | None, start: LiteNetwork | None, settings: TrainingSettings
) -> LiteNetwork:
    """Make a network, or copy the one to start from, if it can be trained so.

    Raises
    ------
    SettingsError
        The shape is none, or the crops are too small for it.
    TrainingError
        The network to start from is another one, or made ready for running.
    """
    wanted = shape or (LiteShape() if start is None else start.shape)
    try:
        shape_of(wanted.to_dict())
    except ValueError as error:
        raise SettingsError(f"{wanted} is no network: {error}.") from error
    if start is not None and start.shape != wanted:
        raise TrainingError(
            f"The network to start from has {start.shape}, and {wanted} is asked for: leave out "
            "one of them."
        )
    if start is not None and not any(isinstance(each, nn.BatchNorm2d) for each in start.modules()):
        raise TrainingError(
            "The network to start from was made ready for running, and cannot be trained: take "
            "the one that read_lite gives."
        )
    # Normalising the deepest features takes more than one pixel of them.
    single = settings.batch == 1 and settings.crop == wanted.multiple
    if settings.crop % wanted.multiple or single:
        raise SettingsError(
            f"crop={settings.crop} with batch={settings.batch} does not fit this network: give a "
            f"crop that is a larger multiple of {wanted.multiple}."
        )
    if start is not None:
        return copy.deepcopy(start)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return LiteNetwork(wanted)


class Learner:
    """A network in training on a device, which it takes over.

    Attributes
    ----------
    network
        What is trained.
    averaged
        The running average of its weights, which is what is validated and kept.
    optimizer
        AdamW.
    """

    def __init__(
        self, network: LiteNetwork, settings: TrainingSettings, device: torch.device
    ) -> None:
        choose_precision(settings.precision, device)  # refuses what the device cannot do
        self._settings, self._device = settings, device
        network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network: LiteNetwork = network.requires_grad_(True).train()
        self.averaged: LiteNetwork = copy.deepcopy(network).requires_grad_(False).eval()
        self.optimizer = torch.optim.AdamW(
            _groups(self.network, settings.weight_decay), lr=settings.learning_rate
        )

    def update(self, batch: Batch, step: int) -> float:
        """Learn from a batch as the update of a number, counted from 0; return the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = self._settings.learning_rate_at(step)
        batch = batch.to(self._device)
        with self._mixed():
            loss = loss_of(self.network.outputs(batch.image), batch)
        value = float(loss.detach())
        if not value < _HIGHEST_LOSS:
            raise _diverged(f"The loss was {value}", batch, step)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        slope = float(nn.utils.clip_grad_norm_(self.network.parameters(), _LONGEST_STEP))
        if not math.isfinite(slope):
            raise _diverged(f"The slope of the loss was {slope}", batch, step)
        self.optimizer.step()
        self._average(step + 1)
        return value

    @torch.no_grad()
    def loss(self, batches: Iterable[Batch]) -> float:
        """Mean loss of the averaged network."""
        losses = [
            float(loss_of(self.averaged.outputs(batch.image), batch))
            for batch in (each.to(self._device) for each in batches)
        ]
        return sum(losses) / len(losses)

    def parts(self) -> dict[str, dict[str, Tensor]]:
        """All tensors that training changes."""
        return {"network": self.network.state_dict(), "averaged": self.averaged.state_dict()}

    def check_finite(self, step: int) -> None:
        """Refuse to go on with a network that is none any more."""
        if not all(bool(each.isfinite().all()) for each in self.averaged.state_dict().values()):
            raise TrainingError(
                f"The weights of the network were no numbers at step {step}: lower learning_rate."
            )

    def _mixed(self) -> AbstractContextManager[Any]:
        if self._settings.precision == "bf16":
            return torch.autocast(self._device.type, torch.bfloat16)
        return nullcontext()

    @torch.no_grad()
    def _average(self, step: int) -> None:
        """Let the averaged network follow; at first, when all changes fast, more closely."""
        memory = min(self._settings.average, (1 + step) / (10 + step))
        kept = self.averaged.state_dict()
        for name, tensor in self.network.state_dict().items():
            if tensor.is_floating_point():
                kept[name].lerp_(tensor, 1 - memory)
            else:
                kept[name].copy_(tensor)


def _diverged(what: str, batch: Batch, step: int) -> TrainingError:
    return TrainingError(
        f"{what} at step {step + 1}, with crops of {', '.join(sorted(set(batch.names)))}: look at "
        "these images, or lower learning_rate."
    )


def _groups(network: LiteNetwork, weight_decay: float) -> list[dict[str, Any]]:
    """Weights that decay, and those that do not: biases and normalisations."""
    large: list[Tensor] = [each for each in network.parameters() if each.ndim > 1]
    small: list[Tensor] = [each for each in network.parameters() if each.ndim <= 1]
    return [
        {"params": large, "weight_decay": weight_decay},
        {"params": small, "weight_decay": 0.0},
    ]
