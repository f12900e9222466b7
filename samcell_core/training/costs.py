"""What a run would take, of either network: memory and time, from updates that are really made."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import torch

from samcell_core.datasets import Survey
from samcell_core.devices import label_of
from samcell_core.models.lite_file import LiteHeader
from samcell_core.models.samcell import SamcellShape
from samcell_core.terminal import duration
from samcell_core.training.batches import make_batch
from samcell_core.training.data_report import memory_of_images
from samcell_core.training.examples import Example
from samcell_core.training.learner import Learner, network_to_train
from samcell_core.training.loading import load
from samcell_core.training.loss import loss_of
from samcell_core.training.plan import Plan
from samcell_core.training.sam import SamTrainingSettings, count_validation_crops, estimate
from samcell_core.training.settings import TrainingSettings
from samcell_core.training.shortage import memory_watched
from samcell_core.training.trial import kept_for_slopes, memory_on, seconds_for
from samcell_core.training.validation import validate

__all__ = ["Cost", "cost_of", "less_memory", "size"]

_FLOAT = 4
# Copies of each weight: itself, its slope, AdamW's two means, the running average.
_FOR_LEARNING = 5
# While slopes are computed, there are temporary results of about the size of those kept.
_TEMPORARY = 1.5


@dataclass(frozen=True)
class Cost:
    """What a run would take.

    Attributes
    ----------
    network
        What is trained, in words.
    device
        Where.
    parameters, trained
        Numbers that the network has, and that are trained.
    updates, seconds_per_epoch
        Of an epoch, in which as many crops are seen as there are images.
    epochs, seconds
        Altogether, at most.
    memory, available
        Bytes needed on the device, and there; infinite where the system does not tell.
    images
        Bytes of the computer's memory that the images take.
    advice
        What to change where memory does not suffice; empty where it does.
    """

    network: str
    device: str
    parameters: int
    trained: int
    updates: int
    seconds_per_epoch: float
    epochs: float
    seconds: float
    memory: float
    available: float
    images: float
    advice: str

    def to_text(self) -> str:
        """All of it in lines."""
        there = f" of {size(self.available)}" if np.isfinite(self.available) else ""
        updates = f"{self.updates} update{'' if self.updates == 1 else 's'}"
        return (
            f"Network: {self.network}, {self.parameters:,} numbers, of which {self.trained:,} are "
            f"trained, on {self.device}.\n"
            f"Time: about {duration(self.seconds_per_epoch)} an epoch of {updates}; about "
            f"{duration(self.seconds)} for {self.epochs:.4g} epochs, less where patience ends it.\n"
            f"Memory: about {size(self.memory)}{there}, and {size(self.images)} of this computer's "
            "for the images."
        )


def cost_of(plan: Plan, survey: Survey) -> Cost:
    """Find out what a run would take, by one or two updates where it would run.

    Raises
    ------
    TrainingError
        Memory does not suffice even for one crop.
    """
    settings = plan.recipe.settings
    images = memory_of_images(survey, plan)
    if isinstance(settings, SamTrainingSettings):
        return _cost_of_sam(plan, settings, survey, images)
    return _cost_of_lite(plan, settings, images)


def _cost_of_sam(plan: Plan, settings: SamTrainingSettings, survey: Survey, images: float) -> Cost:
    shape = plan.shape if isinstance(plan.shape, SamcellShape) else SamcellShape()
    count = len(plan.training) + plan.recipe.scenes
    found = estimate(
        settings,
        shape,
        count,
        validation_crops=count_validation_crops(_stand_ins(plan, survey), settings),
        device=str(plan.device),
    )
    return Cost(
        network=shape.name,
        device=_named(plan.device),
        parameters=found.parameters,
        trained=found.trained,
        updates=found.updates,
        seconds_per_epoch=found.seconds_per_epoch,
        epochs=settings.epochs,
        seconds=found.seconds_per_epoch * settings.epochs,
        memory=found.memory,
        available=found.available,
        images=images,
        advice=found.advice,
    )


def _stand_ins(plan: Plan, survey: Survey) -> list[Example]:
    """Examples to validate on that have nothing but their size, which takes no memory."""
    held = {pair.image for pair in plan.validation}
    side = plan.recipe.side
    sizes = [
        (side, side) if plan.recipe.fit else (image.height, image.width)
        for image in survey.images
        if image.image in held
    ]
    nothing = np.zeros((), np.int32)
    none, cut = np.zeros(1, np.float32), np.zeros(1, np.bool_)
    return [Example("", "", (), np.broadcast_to(nothing, size), none, cut, 1.0) for size in sizes]


def _cost_of_lite(plan: Plan, settings: TrainingSettings, images: float) -> Cost:
    """The cost of the small network, from the first image."""
    shape, device = plan.shape, plan.device
    assert not isinstance(shape, SamcellShape)
    start = plan.start.lite[0] if plan.start is not None and plan.start.lite else None
    network = network_to_train(shape, start, settings)
    parameters = sum(each.numel() for each in network.parameters())
    examples = load(plan.validation[:1], plan.recipe)
    settings = dataclasses.replace(settings, weights={})
    with memory_watched(device, less_memory(settings)):
        learner = Learner(network, settings, device)
        batch = make_batch(examples, settings, 0).to(device)
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        seconds_for(lambda: learner.update(batch, 0), device)
        update = seconds_for(lambda: learner.update(batch, 1), device)
        making = seconds_for(lambda: make_batch(examples, settings, 1), device)
        header = LiteHeader(name="", shape=network.shape, diameter=plan.recipe.diameter)
        validation = seconds_for(
            lambda: validate(learner.averaged, examples, header, device=str(device)), device
        )
        if device.type == "cuda":
            memory = float(torch.cuda.max_memory_allocated(device))
        else:
            kept = kept_for_slopes(
                lambda: loss_of(learner.network.outputs(batch.image), batch), learner.network
            )
            memory = parameters * _FLOAT * _FOR_LEARNING + _TEMPORARY * kept
    # Crops are made meanwhile, by two threads; a processor has to do both.
    step = update + making if device.type == "cpu" else max(update, making / 2)
    count = len(plan.training) + plan.recipe.scenes
    updates = -(-count // settings.batch)
    validations = -(-settings.steps // settings.validate_every)
    available = memory_on(device)
    return Cost(
        network="samcell-lite",
        device=_named(device),
        parameters=parameters,
        trained=parameters,
        updates=updates,
        seconds_per_epoch=updates * step,
        epochs=settings.steps * settings.batch / count,
        seconds=settings.steps * step + validations * validation * len(plan.validation),
        memory=memory,
        available=available,
        images=images,
        advice=less_memory(settings) if memory > available else "",
    )


def less_memory(settings: TrainingSettings) -> str:
    """The next setting of the small network to change where memory does not suffice."""
    if settings.batch > 2:
        return f"set batch={settings.batch // 2} instead of {settings.batch}"
    return "take a machine with more memory, and close other programs"


def size(count: float) -> str:
    """A number of bytes for people."""
    return f"{count / 2**30:.1f} GB" if count >= 2**30 else f"{max(1, round(count / 2**20))} MB"


def _named(device: torch.device) -> str:
    return f"{device} ({label_of(device)})" if device.type == "cuda" else str(device)
