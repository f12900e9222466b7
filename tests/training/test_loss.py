"""What the loss counts, and what it leaves out."""

import torch

from samcell_core.models.lite import LiteOutputs
from samcell_core.training.batches import Batch
from samcell_core.training.loss import loss_of


def loss(*, told, size):
    """Loss where the network tells a size everywhere, and this is the truth everywhere."""
    plane = torch.zeros(1, 32, 32)
    cells = torch.full((1, 4, 4), float(size))
    outputs = LiteOutputs(plane, torch.zeros_like(cells), torch.full_like(cells, float(told)))
    return loss_of(outputs, Batch(plane, plane, torch.ones_like(plane), cells, ("one",))).item()


def test_a_wrong_size_costs():
    assert loss(told=3, size=5) > loss(told=5, size=5)


def test_where_the_size_is_not_known_no_size_costs():
    assert loss(told=3, size=-1) == loss(told=5, size=-1)


def test_a_cell_of_unknown_size_is_a_cell():
    assert loss(told=5, size=-1) == loss(told=5, size=5)
