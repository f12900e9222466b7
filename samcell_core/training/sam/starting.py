"""What a training starts from: weights of SAM, of SAMCell, or new ones."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from torch import nn

from samcell_core.errors import ModelError, SettingsError, TrainingError
from samcell_core.models.loading import read_samcell
from samcell_core.models.recognise import samcell_shape
from samcell_core.models.registry import find_entry, find_model
from samcell_core.models.samcell import SamcellNetwork, SamcellShape
from samcell_core.training.sam.settings import SamTrainingSettings

__all__ = ["Start", "new_network", "read_start", "starting_network"]

Start = str | Path | SamcellNetwork
"""A checkpoint file, the name of a model, or a network."""

_NARROW = 0.02


def read_start(
    source: str | Path,
    *,
    offline: bool | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> SamcellNetwork:
    """Network of Meta's SAM file, of Hugging Face's, or of a SAMCell checkpoint.

    Parameters
    ----------
    source
        A file, a folder that holds one, or the name of a model, which is downloaded if need be.
    offline, progress
        Of the download: see `load_model`.

    Raises
    ------
    ModelError
        There is none, it cannot be read, or it is of another network.
    """
    entry = find_entry(os.fspath(source))
    if entry is not None and not entry.url:  # the small network, which is built in
        raise ModelError(
            f"{entry.name} is another network: start from a checkpoint of SAM or SAMCell."
        )
    path, _ = find_model(source, offline=offline, progress=progress)
    return read_samcell(path)[0]


def starting_network(
    shape: SamcellShape | None, start: Start | None, settings: SamTrainingSettings
) -> SamcellNetwork:
    """Network to train: a copy of what it starts from, or a new one.

    Raises
    ------
    SettingsError
        The shape is none, or its input no multiple of the tile.
    TrainingError
        It is not the shape of what to start from.
    ModelError
        What to start from cannot be read.
    """
    if start is None:
        return new_network(shape or SamcellShape(), tile=settings.tile, seed=settings.seed)
    network = copy.deepcopy(start) if isinstance(start, SamcellNetwork) else read_start(start)
    if shape not in (None, network.shape):
        raise TrainingError(
            f"The network to start from is {network.shape}, and {shape} is asked for: leave out "
            "one of them."
        )
    _check_tile(network.shape, settings.tile)
    network.tile = settings.tile
    return network


def new_network(shape: SamcellShape, *, tile: int = 256, seed: int = 0) -> SamcellNetwork:
    """Network of a size with first weights as usual for its kind; the seed decides them.

    Linear layers of the encoder are Xavier's without bias, positions narrow around 0; the decoder
    is as torch makes it.
    """
    _check_tile(shape, tile)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            if shape.width % shape.heads:
                raise ValueError("its width is no multiple of its heads")
            network = SamcellNetwork(shape, tile=tile)
        except (AssertionError, ValueError, RuntimeError, ZeroDivisionError, TypeError) as error:
            raise SettingsError(f"{shape} is no network: {error or 'its sizes do not fit'}.") from (
                error
            )
        _check_readable(network, shape)
        for name, module in network.image_encoder.named_modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
            elif name.endswith(".attn"):
                nn.init.trunc_normal_(module.rel_pos_h, std=_NARROW)
                nn.init.trunc_normal_(module.rel_pos_w, std=_NARROW)
        nn.init.trunc_normal_(network.image_encoder.pos_embed, std=_NARROW)
    return network


def _check_readable(network: SamcellNetwork, shape: SamcellShape) -> None:
    """A checkpoint holds tensors alone, from which the shape has to be told again."""
    told = asdict(samcell_shape(network.state_dict(), "it"))
    for name, value in asdict(shape).items():
        without_windows = name == "window" and len(shape.global_blocks) == shape.depth
        if told[name] != value and not without_windows:
            raise SettingsError(
                f"{name}={value} cannot be told from the weights of such a network, which would be "
                f"read with {name}={told[name]}: give that."
            )


def _check_tile(shape: SamcellShape, tile: int) -> None:
    if shape.image_size % tile:
        raise SettingsError(
            f"tile={tile} does not fit a network for images of {shape.image_size} pixels, which "
            "should be a multiple of it: give another tile."
        )
