"""A SAM that trains in a second, and settings of short runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from samcell_core.models.samcell import SamcellNetwork
from samcell_core.training.sam import SamcellShape, SamTrainingSettings, new_network

TILE = 128


@pytest.fixture(scope="session")
def tiny_sam() -> SamcellShape:
    """Shape of a network that trains in a second, for tiles of 128 pixels."""
    return SamcellShape(
        width=16,
        depth=2,
        heads=2,
        mlp_width=32,
        global_blocks=(1,),
        window=3,
        image_size=TILE,
        patch=16,
        channels=32,
        decoder_mlp_width=32,
        quality_width=16,
        mask_channels=8,
    )


@pytest.fixture
def network(tiny_sam) -> SamcellNetwork:
    """A network, whose maps are not all of one grey."""
    made = new_network(tiny_sam, tile=TILE, seed=1)
    with torch.no_grad():
        made.mask_decoder.output_hypernetworks_mlps[1].layers[2].weight.mul_(20)
    return made


@pytest.fixture(scope="session")
def short() -> Callable[..., SamTrainingSettings]:
    """Settings of a short run."""

    def make(**changes: object) -> SamTrainingSettings:
        values = {
            "epochs": 3,
            "batch": 2,
            "at_once": 2,
            "tile": TILE,
            "learning_rate": 0.005,
            "warm_up": 2,
            "least_gain": 0.0,
            "inversion": 0.0,
            "precision": "fp32",
            "seed": 3,
        }
        return SamTrainingSettings.from_dict({**values, **changes})

    return make
