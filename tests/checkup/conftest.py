"""A small model as a file."""

import pytest
import torch

import samcell_core as sc


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory, tiny_shape):
    path = tmp_path_factory.mktemp("model") / "tiny.pt"
    torch.save(sc.random_model(tiny_shape).network.state_dict(), path)
    return path
