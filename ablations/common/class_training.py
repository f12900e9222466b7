"""The same training for each way to say where the cells are: network, crops, updates, optimizer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save
from torch import Tensor, nn

from common.bench import Bench
from common.class_targets import Target, prepared
from common.results import Result
from common.trainings import Progress, Trained, finish, finished
from samcell_core.devices import choose_device
from samcell_core.engine import Segmenter
from samcell_core.errors import TrainingError
from samcell_core.metrics import evaluate
from samcell_core.models.loading import Model
from samcell_core.models.samcell import SamcellNetwork
from samcell_core.segmentation import ModelInfo
from samcell_core.training.identity import identity
from samcell_core.training.prefetch import made_ahead
from samcell_core.training.sam import SamTrainingSettings
from samcell_core.training.sam.crops import training_batch
from samcell_core.training.sam.learner import less_memory
from samcell_core.training.sam.parts import prepare
from samcell_core.training.sam.starting import starting_network
from samcell_core.training.shortage import memory_watched
from samcell_core.training.whole import write_whole
from samcell_core.tuning import Score

__all__ = ["train_and_score"]


def train_and_score(bench: Bench, target: Target) -> list[Result]:
    """Train a new network from each seed, and score it on every set."""
    results = []
    for seed in bench.seeds:
        settings = bench.settings(bench.images, seed)
        trained, network = _trained(bench, target, settings)
        for name, score in _scores(bench, target, network).items():
            results.append(
                Result(target.name, name, seed, score, trained.seconds, trained.parameters)
            )
    return results


def _trained(
    bench: Bench, target: Target, settings: SamTrainingSettings
) -> tuple[Trained, SamcellNetwork]:
    """Train, or read what was trained before; an interrupted training begins anew."""
    network = starting_network(bench.shape, bench.start, settings)
    decided = identity(
        settings.to_dict(),
        asdict(bench.shape),
        bench.start,
        bench.images.training,
        bench.images.validation,
        target=target.name,
    )
    place = bench.trainings.place(**decided)
    name, file = f"{target.name}, seed {settings.seed}", place / "network.safetensors"
    _prepare(network, settings, target)
    done = finished(place)
    if done is None or not file.exists():
        place.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        with memory_watched(choose_device(bench.choices.device), less_memory(settings)):
            _train(network, bench, target, settings, Progress(name))
        seconds = time.monotonic() - began
        tensors = {key: each.cpu().contiguous() for key, each in network.state_dict().items()}
        write_whole(file, save(tensors))
        parameters = sum(each.numel() for each in network.parameters() if each.requires_grad)
        done = finish(place, name, seconds, parameters)
    network.load_state_dict(load_file(file))
    return Trained(file, **done), network


def _prepare(network: SamcellNetwork, settings: SamTrainingSettings, target: Target) -> None:
    prepare(network, settings)
    network.attention, network.checkpointing = "product", settings.checkpointing
    for mask in target.masks:
        network.mask_decoder.output_hypernetworks_mlps[mask].requires_grad_(True)


def _train(
    network: SamcellNetwork,
    bench: Bench,
    target: Target,
    settings: SamTrainingSettings,
    progress: Progress,
) -> None:
    """Learn for a number of updates; the last network is the result, of whatever target."""
    device = choose_device(bench.choices.device)
    network.to(device).train()
    examples = [e for each in bench.images.training.values() for e in prepared(each, target)]
    optimizer = torch.optim.AdamW(
        [each for each in network.parameters() if each.requires_grad],
        betas=settings.betas,
        weight_decay=settings.weight_decay,
    )
    steps = settings.epochs * settings.updates_in(len(examples))
    make = partial(training_batch, examples, settings)
    with closing(made_ahead(make, range(steps))) as batches:
        for step, batch in enumerate(batches):
            for group in optimizer.param_groups:
                group["lr"] = settings.learning_rate_at(step, steps)
            optimizer.zero_grad(set_to_none=True)
            for part in batch.split(settings.at_once):
                logits = _logits(network, part.image.to(device), target.masks)
                loss = target.loss(logits, part.distance.to(device))
                if not torch.isfinite(loss):
                    raise TrainingError(
                        f"The loss of {target.name!r} was {float(loss)} at update {step + 1}: give "
                        "other images or --start."
                    )
                (loss * len(part) / len(batch)).backward()
            optimizer.step()
            epoch = 1 + step // settings.updates_in(len(examples))
            progress.tell(epoch, settings.epochs, float(loss))
    network.cpu().eval()


def _logits(network: SamcellNetwork, tiles: Tensor, masks: Sequence[int]) -> Tensor:
    """Logits of some masks of the decoder, batch x masks x tile x tile."""
    encoder, decoder, prompt = (
        network.embeddings(tiles),
        network.mask_decoder,
        network.prompt_encoder,
    )
    batch, channels, rows, columns = encoder.shape
    tokens = torch.cat([decoder.iou_token.weight, decoder.mask_tokens.weight])
    queries, keys = decoder.transformer(
        encoder + prompt.no_mask_embed.weight.view(1, channels, 1, 1),
        prompt.pe_layer((rows, columns)).expand(batch, -1, -1, -1),
        tokens.expand(batch, -1, -1),
    )
    upscaled = decoder.output_upscaling(keys.transpose(1, 2).reshape(encoder.shape))
    weights = torch.stack(
        [decoder.output_hypernetworks_mlps[mask](queries[:, 1 + mask]) for mask in masks], dim=1
    )
    logits = torch.einsum("bmc,bchw->bmhw", weights, upscaled)
    size = (network.tile, network.tile)
    return nn.functional.interpolate(logits, size=size, mode="bilinear", align_corners=False)


class _OneMap(nn.Module):
    """One of the maps of a network, as the engine takes it."""

    def __init__(self, network: SamcellNetwork, target: Target, number: int) -> None:
        super().__init__()
        self.network, self._target, self._number = network, target, number

    def forward(self, tiles: Tensor) -> Tensor:
        logits = _logits(self.network, tiles, self._target.masks)
        return self._target.shown(logits)[:, self._number]


def _scores(bench: Bench, target: Target, network: SamcellNetwork) -> dict[str, Score]:
    """Mean scores of each set."""
    network.eval().requires_grad_(False)
    segmenters = [
        Segmenter(
            Model(
                _OneMap(network, target, number),
                ModelInfo(target.name, network.shape.name),
                tile=network.tile,
            ),
            device=bench.choices.device,
            precision="fp32",
        )
        for number in range(2 if len(target.masks) > 1 else 1)
    ]
    scores = {}
    for name, examples in bench.images.test.items():
        each = []
        for example in examples:
            maps = [_map(segmenter, example.image) for segmenter in segmenters]
            each.append(Score.of(evaluate(target.cells(maps), example.labels).detection))
        scores[name] = Score.mean(each)
    for segmenter in segmenters:
        segmenter.close()
    return scores


def _map(segmenter: Segmenter, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    predicted = segmenter.predict(image)
    assert predicted is not None
    return predicted
