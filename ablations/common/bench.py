"""What an ablation works with: its scale, images and trainings; and the comparison of variants."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from common.choices import Choices
from common.images import Images, draw_images, own_images
from common.results import Result
from common.scale import LARGE, SMALL, Scale
from common.scoring import score_sets
from common.trainings import Trained, Trainings
from samcell_core.models.loading import load_model, samcell_model
from samcell_core.models.samcell import SamcellNetwork, SamcellShape
from samcell_core.segmentation import ModelInfo
from samcell_core.training.sam import SamTrainingSettings, read_start

__all__ = ["Bench", "Variant", "compare"]


@dataclass(frozen=True, eq=False)
class Variant:
    """One of the things compared.

    Attributes
    ----------
    name
        For the table.
    shape, start
        The network, new or with the weights that it starts from.
    changes
        Settings of the training that differ.
    sets
        Sets trained on; all where not given.
    untrained
        Whether it is scored as it starts.
    """

    name: str
    shape: SamcellShape
    start: SamcellNetwork | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    sets: tuple[str, ...] = ()
    untrained: bool = False


class Bench:
    """All that an ablation needs.

    Parameters
    ----------
    choices
        What the user chose.
    kinds
        Kinds of images to draw.
    small
        What is done on the small scale.
    """

    def __init__(self, choices: Choices, kinds: Sequence[str], small: Scale = SMALL) -> None:
        scale = LARGE if choices.large else small
        if choices.epochs is not None:
            settings = dataclasses.replace(scale.settings, epochs=choices.epochs)
            scale = dataclasses.replace(scale, settings=settings)
        if choices.images is not None:
            # What is held out becomes less with it, so that a trial stays one.
            changed = {
                name: max(1, min(getattr(scale, name), choices.images))
                for name in ("validation", "test")
            }
            scale = dataclasses.replace(scale, training=choices.images, **changed)
        self.choices, self.scale = choices, scale
        self.seeds = range(choices.seeds or scale.seeds)
        self.trainings = Trainings(choices.out / "trainings", choices.device)
        self._kinds = kinds

    @cached_property
    def images(self) -> Images:
        """What is learnt from and tested on."""
        if self.choices.data:
            return own_images(self.choices.out, self.choices.data)
        return self.drawn(self._kinds)

    def drawn(self, kinds: Sequence[str]) -> Images:
        """Drawn images of some kinds, as many as the scale has."""
        return draw_images(self.choices.out / "scenes", kinds, self.scale)

    @cached_property
    def start(self) -> SamcellNetwork | None:
        """The weights to start from, if some were given."""
        return read_start(self.choices.starts[0]) if self.choices.starts else None

    @property
    def shape(self) -> SamcellShape:
        """Of the network."""
        return self.scale.shape if self.start is None else self.start.shape

    def variant(self, name: str, *, sets: Sequence[str] = (), **changes: Any) -> Variant:
        """Variant of the usual network."""
        return Variant(name, self.shape, self.start, changes, tuple(sets))

    def settings(
        self, images: Images, seed: int = 0, *, sets: Sequence[str] = (), **changes: Any
    ) -> SamTrainingSettings:
        """Settings of a training on some sets, which makes as many updates as one on all."""
        return self.scale.settings_for(images.count(sets), of=images.count(), seed=seed, **changes)

    def train(self, variant: Variant, seed: int, images: Images | None = None) -> Trained:
        """Train a variant, or find it where that was done."""
        images = images or self.images
        settings = self.settings(images, seed, sets=variant.sets, **variant.changes)
        return self.trainings.train(
            f"{variant.name}, seed {seed}",
            images.of(variant.sets) if variant.sets else images,
            settings,
            shape=variant.shape,
            start=variant.start,
        )


def compare(bench: Bench, variants: Sequence[Variant]) -> list[Result]:
    """Train all variants from all seeds, and score each on every set."""
    return [each for variant in variants for each in _results(bench, variant)]


def _results(bench: Bench, variant: Variant) -> Iterator[Result]:
    device = bench.choices.device
    if variant.untrained and variant.start is not None:
        network = copy.deepcopy(variant.start)
        model = samcell_model(network, ModelInfo(variant.name, variant.shape.name))
        for name, score in score_sets(model, bench.images.test, device).items():
            yield Result(variant.name, name, 0, score, 0.0, 0)
        return
    for seed in bench.seeds:
        trained = bench.train(variant, seed)
        model = load_model(Path(trained.checkpoint))
        for name, score in score_sets(model, bench.images.test, device).items():
            yield Result(variant.name, name, seed, score, trained.seconds, trained.parameters)
