"""What a training takes, before it is begun: memory and time, from updates that are really made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from samcell_core.devices import choose_device
from samcell_core.errors import SettingsError, TrainingError
from samcell_core.models.sam_encoder import run_block
from samcell_core.models.samcell import SamcellNetwork, SamcellShape
from samcell_core.training.sam.crops import Crops
from samcell_core.training.sam.learner import SamLearner, less_memory
from samcell_core.training.sam.settings import SamTrainingSettings
from samcell_core.training.sam.starting import new_network
from samcell_core.training.shortage import memory_watched
from samcell_core.training.trial import kept_for_slopes, memory_on, seconds_for

__all__ = ["Estimate", "check_memory", "estimate"]

_FLOAT = 4
# Numbers of full precision for each one that is trained: its slope, and AdamW's two means.
_FOR_LEARNING = 3
# While a block's slopes are computed, there are temporary results of about the size of those kept.
_TEMPORARY = 1.5
# What torch takes for itself, in bytes: measured on CPUs; of an NVIDIA GPU, its context.
_FOR_ITSELF = {"cpu": 120e6, "mps": 120e6, "cuda": 500e6}
_LONG = 5.0  # seconds after which a second try tells nothing new


@dataclass(frozen=True)
class Estimate:
    """What a training takes.

    Attributes
    ----------
    device
        Where it would run.
    memory
        Bytes it needs there: measured on an NVIDIA GPU; elsewhere weights, slopes and the
        optimizer's means are counted, and what is kept for the slopes is measured: within a tenth
        of what the process then took on Linux.
    available
        Bytes there are there; infinite where the system does not tell.
    updates
        Of an epoch.
    seconds_per_epoch
        Training, and the validation loss.
    parameters, trained
        Numbers that the network has, and that are trained.
    advice
        Which setting to change where memory will not suffice; empty where it does.
    """

    device: str
    memory: int
    available: float
    updates: int
    seconds_per_epoch: float
    parameters: int
    trained: int
    advice: str


def estimate(
    settings: SamTrainingSettings,
    shape: SamcellShape | None,
    images: int,
    *,
    validation_crops: int = 0,
    device: str = "auto",
) -> Estimate:
    """Find out what a training takes, from one or two small updates of a new network.

    Parameters
    ----------
    settings
        How it is to be trained.
    shape
        Size of the network; SAM ViT-B where not given.
    images
        Number of images to train on.
    validation_crops
        Number of crops to validate on, as `count_validation_crops` gives it.
    device
        Where.

    Raises
    ------
    TrainingError
        Memory does not suffice even for one crop with these settings.
    """
    if images < 1:
        raise SettingsError(f"images={images} should be the number of images to train on.")
    place = choose_device(device)
    learner = SamLearner(
        new_network(shape or SamcellShape(), tile=settings.tile, seed=settings.seed),
        settings,
        place,
    )
    check_memory(learner, settings, place)
    at_once = min(settings.at_once, settings.batch, images)
    crops = Crops(
        image=torch.zeros((at_once, settings.tile, settings.tile), dtype=torch.uint8),
        distance=torch.zeros((at_once, settings.tile, settings.tile)),
        names=("a crop to try",) * at_once,
    )
    if place.type == "cuda":
        torch.cuda.reset_peak_memory_stats(place)
    update = seconds_for(lambda: learner.update(crops, 0, 1), place)
    if update < _LONG:  # the first one takes longer than those to come
        update = seconds_for(lambda: learner.update(crops, 0, 1), place)
    optimizer = seconds_for(learner.optimizer.step, place)
    validation = seconds_for(lambda: learner.loss([crops]), place) if validation_crops else 0.0
    if place.type == "cuda":
        memory = torch.cuda.max_memory_reserved(place)
    else:
        with memory_watched(place, less_memory(settings)):
            memory = _fixed(learner.network) + _kept(learner, crops.image.to(place), settings)
    memory += round(_FOR_ITSELF[place.type])
    updates = settings.updates_in(images)
    parts = -(-images // at_once)
    available = memory_on(place)
    return Estimate(
        device=str(place),
        memory=memory,
        available=available,
        updates=updates,
        seconds_per_epoch=parts * max(update - optimizer, 0.0)
        + updates * optimizer
        + -(-validation_crops // at_once) * validation,
        parameters=sum(each.numel() for each in learner.network.parameters()),
        trained=_trained(learner.network),
        advice=less_memory(settings) if memory > available else "",
    )


def check_memory(learner: SamLearner, settings: SamTrainingSettings, device: torch.device) -> None:
    """Refuse what can never fit: weights, slopes and the optimizer's means alone are too much."""
    needed, available = _fixed(learner.network), memory_on(device)
    if needed > available:
        raise TrainingError(
            f"Training this network takes at least {needed / 2**30:.1f} GB, and {device} has "
            f"{available / 2**30:.1f} GB: {less_memory(settings, fixed=True)}."
        )


def _trained(network: SamcellNetwork) -> int:
    return sum(each.numel() for each in network.parameters() if each.requires_grad)


def _fixed(network: SamcellNetwork) -> int:
    """Bytes of the weights and of what learning keeps for each, however large a batch is."""
    weights = sum(each.numel() for each in network.parameters())
    return _FLOAT * (weights + _FOR_LEARNING * _trained(network))


def _kept(learner: SamLearner, tiles: Tensor, settings: SamTrainingSettings) -> int:
    """Bytes that are kept between a part's forward pass and its slopes, and while they come."""
    network = learner.network
    kept = kept_for_slopes(lambda: learner.maps(tiles), network)
    if not (settings.checkpointing and settings.trains_encoder):
        return round(kept * _TEMPORARY)
    shape = network.shape
    side = shape.image_size // shape.patch
    tokens = torch.zeros(
        (len(tiles), side, side, shape.width), device=tiles.device, requires_grad=True
    )
    kinds = {block.window_size: block for block in network.image_encoder.blocks}.values()
    again = [
        kept_for_slopes(partial(run_block, block, tokens, network.attention), network)
        for block in kinds
    ]
    return kept + round(max(again, default=0) * _TEMPORARY)
