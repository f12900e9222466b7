"""Every choice of a training run, once: name, default, what it means."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from samcell_core.errors import SettingsError
from samcell_core.training.choices import Choices, is_number, is_whole

__all__ = ["SYNTHETIC", "TrainingSettings"]

SYNTHETIC = "synthetic"
"""Name of the set of synthetic scenes."""


@dataclass(frozen=True)
class TrainingSettings(Choices):
    """How to train.

    Attributes
    ----------
    steps, batch, crop
        Number of updates, crops in each, and their side in pixels (a multiple of 32).
    learning_rate, weight_decay, warm_up
        Of AdamW; the rate rises over ``warm_up`` steps and falls along a cosine to 0.
    average
        Memory of the running average of the weights, which is what is validated and kept.
    diameters, usual
        Cells are shown with median diameters from the range ``diameters``, mostly the ``usual``.
    inversion
        Share of crops shown as their negative.
    original
        Share of the crops of real images whose grey values are changed in nothing else: what
        comes from the same microscope looks like them, and keeps to the way in which their
        outlines were drawn. Of drawn scenes half as many.
    blank
        Share of crops that show an empty field: noise, uneven light and dirt, and no cell.
    weights
        How often each set is drawn from, by name; 1 where not given.
    scenes
        Number of synthetic scenes that are made to train on, as a set named ``synthetic``.
    validate_every, patience, least_gain
        Validation after so many steps; the run ends early after ``patience`` of them in which the
        score did not grow by ``least_gain``.
    precision
        ``fp32``, or ``bf16`` for mixed precision.
    seed
        Decides the first weights, the scenes, and every crop.
    """

    steps: int = 4000
    batch: int = 8
    crop: int = 192
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    warm_up: int = 200
    average: float = 0.998
    diameters: tuple[float, float] = (12.0, 100.0)
    usual: tuple[float, float] = (18.0, 50.0)
    inversion: float = 0.2
    original: float = 0.3
    blank: float = 0.05
    weights: dict[str, float] = field(default_factory=dict)
    scenes: int = 0
    validate_every: int = 500
    patience: int = 8
    least_gain: float = 1e-3
    precision: str = "fp32"
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "validate_every", "patience"):
            self._check_count(name, lowest=1)
        for name in ("warm_up", "scenes", "seed"):
            self._check_count(name, lowest=0)
        if not is_whole(self.crop) or self.crop < 64 or self.crop % 32:
            raise SettingsError(f"crop={self.crop!r} should be a multiple of 32 from 64 on.")
        if not is_number(self.least_gain) or self.least_gain < 0:
            raise SettingsError(f"least_gain={self.least_gain!r} should be a number from 0 on.")
        for name in ("learning_rate", "weight_decay", "average", "inversion", "original", "blank"):
            value = getattr(self, name)
            if not is_number(value) or not 0 <= value <= 1:
                raise SettingsError(f"{name}={value!r} should be a number from 0 to 1.")
        for name in ("diameters", "usual"):
            object.__setattr__(self, name, _range(name, getattr(self, name)))
        if not isinstance(self.weights, dict) or not all(
            is_number(value) and value >= 0 for value in self.weights.values()
        ):
            raise SettingsError(
                f"weights={self.weights!r} should be a number from 0 on for each set."
            )
        if self.precision not in ("fp32", "bf16"):
            raise SettingsError(f"precision={self.precision!r} should be 'fp32' or 'bf16'.")

    def check_sets(self, training: Collection[str], validation: Collection[str]) -> None:
        """Refuse weights of sets that are not there, and none for all those to train on."""
        known = {*training, *validation, SYNTHETIC}
        for name in self.weights:
            if name not in known:
                raise SettingsError(
                    f"weights has a set {name!r}, and there are {', '.join(sorted(known))}: "
                    "correct its name."
                )
        if not any(self.weights.get(name, 1) for name in training):
            raise SettingsError("All sets to train on have a weight of 0: give one of them more.")

    def learning_rate_at(self, step: int) -> float:
        """Learning rate of an update, counted from 0."""
        if step < self.warm_up:
            return self.learning_rate * (step + 1) / self.warm_up
        done = (step - self.warm_up) / max(1, self.steps - self.warm_up)
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def _range(name: str, value: Any) -> tuple[float, float]:
    if not isinstance(value, (tuple, list)) or len(value) != 2 or not all(map(is_number, value)):
        raise SettingsError(f"{name}={value!r} should be two diameters, the smaller first.")
    low, high = float(value[0]), float(value[1])
    if not 0 < low <= high:
        raise SettingsError(f"{name}={value!r} should be two diameters, the smaller first.")
    return low, high
