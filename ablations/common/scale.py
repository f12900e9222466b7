"""The two sizes of an ablation: minutes on a CPU, or the paper's on a GPU."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from samcell_core.training.sam import SamcellShape, SamTrainingSettings

__all__ = ["LARGE", "SMALL", "Scale", "tiny_sam"]


@dataclass(frozen=True)
class Scale:
    """How much is done.

    Attributes
    ----------
    shape
        The network.
    settings
        How it is trained on all images; see `settings_for`.
    training, validation, test
        Drawn images, over all kinds.
    side, diameter, crowding
        Of drawn images: their sides and cells in pixels, and the part that cells cover.
    seeds
        Trainings of each variant.
    """

    shape: SamcellShape
    settings: SamTrainingSettings
    training: int
    validation: int
    test: int
    side: int
    diameter: float
    crowding: float
    seeds: int

    def settings_for(
        self, images: int, *, of: int, seed: int, **changes: Any
    ) -> SamTrainingSettings:
        """Settings with as many updates on some images as the epochs make on all of them."""
        base = dataclasses.replace(self.settings, **changes)
        updates = base.epochs * base.updates_in(of)
        epochs = max(1, round(updates / base.updates_in(images)))
        # A run too short for the whole warm-up would never learn at its full rate.
        warm_up = min(base.warm_up, updates // 4)
        return dataclasses.replace(base, epochs=epochs, warm_up=warm_up, seed=seed)


def tiny_sam(*, width: int = 48, depth: int = 2, image_size: int = 256) -> SamcellShape:
    """A SAM that learns something within a quarter of a minute on a CPU."""
    return SamcellShape(
        width=width,
        depth=depth,
        heads=width // 16,
        mlp_width=2 * width,
        global_blocks=tuple(range(1, depth, 2)),
        window=8,
        image_size=image_size,
        channels=32,
        decoder_mlp_width=64,
        quality_width=16,
        mask_channels=8,
    )


SMALL = Scale(
    shape=tiny_sam(),
    settings=SamTrainingSettings(
        epochs=16,
        batch=4,
        at_once=4,
        learning_rate=0.003,
        tile=128,
        patience=10_000,
        checkpointing=False,
        inversion=0.0,
        precision="fp32",
    ),
    training=32,
    validation=6,
    test=9,
    side=256,
    diameter=32,
    crowding=0.45,
    seeds=3,
)

LARGE = Scale(
    shape=SamcellShape(),
    settings=SamTrainingSettings(),
    training=240,
    validation=24,
    test=36,
    side=512,
    diameter=32,
    crowding=0.45,
    seeds=3,
)
