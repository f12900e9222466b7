"""Batches of crops: each follows from the seed and its number alone, so that a run can resume."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from torch import Tensor

from samcell_core.training.augment import augment, empty_field
from samcell_core.training.examples import Crop, Examples, choose, look, random_view
from samcell_core.training.prefetch import made_ahead
from samcell_core.training.settings import SYNTHETIC, TrainingSettings

__all__ = ["Batch", "make_batch", "prefetched"]

# Share of unchanged crops of drawn scenes, beside that of real images: nobody has their microscope,
# but clean images are to be seen, too.
_DRAWN = 0.5


@dataclass(frozen=True, eq=False)
class Batch:
    """Crops as tensors, batch x height x width, and the names of the images they come from."""

    image: Tensor
    distance: Tensor
    weight: Tensor
    size: Tensor
    names: tuple[str, ...]

    def to(self, device: torch.device) -> Batch:
        """Return the same batch on a device."""
        return Batch(
            self.image.to(device),
            self.distance.to(device),
            self.weight.to(device),
            self.size.to(device),
            self.names,
        )


def make_batch(
    examples: Examples,
    settings: TrainingSettings,
    number: int,
    *,
    changed: bool = True,
) -> Batch:
    """Batch of a number; ``changed=False`` leaves the grey values as they are."""
    rng = np.random.default_rng((settings.seed, number, 20_080))
    weights = {name: settings.weights.get(name, 1.0) for name in examples}
    crops: list[Crop] = []
    names: list[str] = []
    for _ in range(settings.batch):
        example = choose(rng, examples, weights)
        view = random_view(rng, example, settings.crop, settings.diameters, settings.usual)
        crop = look(example, view, settings.crop)
        if changed:
            drawn = example.set == SYNTHETIC
            crop = _changed(rng, crop, settings, settings.original * (_DRAWN if drawn else 1))
        crops.append(crop)
        names.append(example.name)
    grey = np.rint(np.stack([crop.image for crop in crops]) * 255).astype(np.uint8)
    return Batch(
        image=torch.from_numpy(grey),
        distance=torch.from_numpy(np.stack([crop.distance for crop in crops])),
        weight=torch.from_numpy(np.stack([crop.weight for crop in crops])),
        size=torch.from_numpy(np.stack([crop.size for crop in crops])),
        names=tuple(names),
    )


def _changed(
    rng: np.random.Generator, crop: Crop, settings: TrainingSettings, original: float
) -> Crop:
    """As another microscope would have shown it, or as it is, or an empty field instead."""
    if rng.random() < settings.blank:
        crop = _blank(rng, settings.crop)
    # No number is drawn for a share of 0: recipes without it give the crops they always gave.
    elif original and rng.random() < original:
        negative = rng.random() < settings.inversion
        return replace(crop, image=1 - crop.image if negative else crop.image)
    return replace(crop, image=augment(rng, crop.image, inversion=settings.inversion))


def _blank(rng: np.random.Generator, side: int) -> Crop:
    nothing = np.zeros((side, side), np.float32)
    return Crop(
        image=empty_field(rng, side),
        distance=nothing,
        weight=np.ones_like(nothing),
        size=nothing[::8, ::8],
    )


def prefetched(
    examples: Examples, settings: TrainingSettings, start: int
) -> Generator[Batch, None, None]:
    """Batches from a number on to the last, made in the background."""
    return made_ahead(partial(make_batch, examples, settings), range(start, settings.steps))
