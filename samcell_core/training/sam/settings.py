"""Every choice of a training of the SAM-based network, once: name, default, what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from samcell_core.errors import SettingsError
from samcell_core.training.choices import Choices, is_number, is_whole

__all__ = ["LORA_TARGETS", "PARTS", "SamTrainingSettings"]

PARTS = ("all", "decoder", "lora", "lora and decoder")
"""What can be trained: see `SamTrainingSettings`."""

LORA_TARGETS = ("qkv", "proj", "lin1", "lin2")
"""Linear layers of an encoder block that adapters can be put on."""


@dataclass(frozen=True)
class SamTrainingSettings(Choices):
    """How to train. The defaults are the paper's.

    Attributes
    ----------
    epochs, batch
        Largest number of epochs, and crops in an update. In an epoch, each image is seen once.
    learning_rate, weight_decay, betas, warm_up
        Of AdamW; the rate rises over ``warm_up`` updates and falls linearly to 0 at the last one.
    tile
        Side of a crop in pixels, which is that of the tiles the network will take.
    rotation, scale, brightness, mirror, inversion
        Each crop is turned by up to ``rotation`` degrees either way, enlarged by a factor from the
        range ``scale``, mirrored and made its negative with these chances, and made brighter by a
        factor from the range ``brightness`` after the contrast step.
    patience, least_gain
        The run ends early after ``patience`` epochs in which the validation loss did not fall by
        ``least_gain``.
    score_every
        Whole images are segmented and scored after so many epochs; 0 does so at the end alone.
    trained
        ``all`` trains image encoder and mask decoder; ``decoder`` the decoder alone, below a frozen
        encoder; ``lora`` low-rank adapters in the encoder alone; ``lora and decoder`` both. The
        prompt encoder is always frozen.
    lora_rank, lora_alpha, lora_targets
        Rank of the adapters, their strength (they are multiplied by ``lora_alpha / lora_rank``),
        and the layers of each encoder block that get one: ``qkv``, ``proj``, ``lin1``, ``lin2``.
    at_once
        Crops computed at once. Gradients of a batch are accumulated over as many parts as that
        takes: less memory, the same update.
    checkpointing
        Compute the encoder's intermediate results twice instead of keeping them: much less memory,
        a third more time, the same update.
    precision
        ``fp32``, ``bf16`` for mixed precision, or ``auto``: bf16 where the hardware multiplies it.
    seed
        Decides first weights and every crop.
    """

    epochs: int = 100
    batch: int = 8
    learning_rate: float = 1e-4
    weight_decay: float = 0.1
    betas: tuple[float, float] = (0.9, 0.999)
    warm_up: int = 250
    tile: int = 256
    rotation: float = 180.0
    scale: tuple[float, float] = (0.8, 1.2)
    brightness: tuple[float, float] = (0.95, 1.05)
    mirror: float = 0.5
    inversion: float = 0.5
    patience: int = 7
    least_gain: float = 1e-4
    score_every: int = 0
    trained: str = "all"
    lora_rank: int = 8
    lora_alpha: float = 16.0
    lora_targets: tuple[str, ...] = LORA_TARGETS
    at_once: int = 2
    checkpointing: bool = True
    precision: str = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch", "patience", "lora_rank", "at_once"):
            self._check_count(name, lowest=1)
        for name in ("warm_up", "score_every", "seed"):
            self._check_count(name, lowest=0)
        if not is_whole(self.tile) or not 128 <= self.tile <= 1024 or self.tile % 64:
            raise SettingsError(f"tile={self.tile!r} should be a multiple of 64 from 128 to 1024.")
        for name, highest in (
            ("learning_rate", 1),
            ("weight_decay", 1),
            ("mirror", 1),
            ("inversion", 1),
            ("rotation", 180),
            ("lora_alpha", 1000),
        ):
            value = getattr(self, name)
            if not is_number(value) or not 0 <= value <= highest:
                raise SettingsError(f"{name}={value!r} should be a number from 0 to {highest}.")
        if not is_number(self.least_gain) or self.least_gain < 0:
            raise SettingsError(f"least_gain={self.least_gain!r} should be a number from 0 on.")
        if not _is_pair(self.betas) or not all(0 <= each < 1 for each in self.betas):
            raise SettingsError(f"betas={self.betas!r} should be two numbers from 0 to below 1.")
        for name, low, high in (("scale", 0.25, 4), ("brightness", 0.25, 4)):
            value = getattr(self, name)
            if not _is_pair(value) or not low <= value[0] <= value[1] <= high:
                raise SettingsError(
                    f"{name}={value!r} should be two factors from {low:g} to {high:g}, the smaller "
                    "first."
                )
        self._check_words()
        for name in ("betas", "scale", "brightness", "lora_targets"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    def _check_words(self) -> None:
        if self.trained not in PARTS:
            raise SettingsError(f"trained={self.trained!r} should be one of {_quoted(PARTS)}.")
        targets = self.lora_targets
        if (
            not isinstance(targets, (tuple, list))
            or not targets
            or any(each not in LORA_TARGETS for each in targets)
            or len(set(targets)) < len(targets)
        ):
            raise SettingsError(
                f"lora_targets={targets!r} should be some of {_quoted(LORA_TARGETS)}, each once."
            )
        if not isinstance(self.checkpointing, bool):
            raise SettingsError(f"checkpointing={self.checkpointing!r} should be True or False.")
        precisions = ("auto", "fp32", "bf16")
        if self.precision not in precisions:
            raise SettingsError(
                f"precision={self.precision!r} should be one of {_quoted(precisions)}."
            )

    @property
    def trains_encoder(self) -> bool:
        """Whether anything in the image encoder changes."""
        return self.trained != "decoder"

    @property
    def trains_decoder(self) -> bool:
        """Whether the mask decoder changes."""
        return self.trained != "lora"

    @property
    def uses_lora(self) -> bool:
        """Whether the encoder gets adapters."""
        return self.trained.startswith("lora")

    def updates_in(self, images: int) -> int:
        """Updates of an epoch of so many images."""
        return -(-images // self.batch)

    def learning_rate_at(self, step: int, steps: int) -> float:
        """Learning rate of an update, counted from 0, of all there are."""
        if step < self.warm_up:
            return self.learning_rate * (step + 1) / self.warm_up
        return self.learning_rate * (steps - step) / max(1, steps - self.warm_up)


def _is_pair(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and len(value) == 2 and all(map(is_number, value))


def _quoted(words: tuple[str, ...]) -> str:
    return ", ".join(repr(word) for word in words)
