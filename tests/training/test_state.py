"""Where a run stands, written and read."""

import math

import pytest
import torch

import samcell_core as sc
from samcell_core.models.lite import LiteNetwork, LiteShape
from samcell_core.training.curves import HistoryRow
from samcell_core.training.state import Standing, load_weights, read_standing, save_state

STANDING = Standing(
    step=8,
    best_step=4,
    best_score=0.1 + 0.2,
    reference=1 / 3,
    without_gain=1,
    seconds=2.5,
    history=[HistoryRow(4, 0, math.inf, 1e-300, 0.5, 1e-3, 1.0)],
)
RUN = {"settings": {"steps": 8, "usual": [1.5, 2.0]}, "start": None}


@pytest.fixture
def learner(tiny_lite):
    """Two networks and an optimizer after an update."""

    def make(seed, shape=tiny_lite):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            network, averaged = LiteNetwork(shape), LiteNetwork(shape)
            network = network.to(memory_format=torch.channels_last)
            optimizer = torch.optim.AdamW(network.parameters())
            tiles = torch.randint(0, 256, (2, 64, 64), dtype=torch.uint8)
            network.outputs(tiles).distance.square().mean().backward()
            optimizer.step()
        return {"network": network.state_dict(), "averaged": averaged.state_dict()}, optimizer

    return make


@pytest.fixture
def saved(learner, tmp_path):
    save_state(tmp_path / "s.safetensors", *learner(1), STANDING, RUN)
    return tmp_path / "s.safetensors"


def moments(optimizer):
    state = optimizer.state_dict()["state"]
    return [state[number][name] for number in sorted(state) for name in sorted(state[number])]


def test_the_standing_is_read_exactly(saved):
    assert read_standing(saved) == (RUN, STANDING)


@pytest.mark.parametrize("part", ["network", "averaged"])
def test_both_networks_are_read_exactly(learner, saved, part):
    written, read = learner(1), learner(2)
    load_weights(saved, *read)
    pairs = zip(written[0][part].values(), read[0][part].values(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


def test_the_optimizer_is_read_exactly(learner, saved):
    written, read = learner(1), learner(2)
    load_weights(saved, *read)
    pairs = zip(moments(written[1]), moments(read[1]), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


def test_the_optimizer_has_its_order_of_memory_again(learner, saved):
    written, read = learner(1), learner(2)
    load_weights(saved, *read)
    strides = [[each.stride() for each in moments(one[1])] for one in (written, read)]
    assert strides[0] == strides[1]


def test_the_file_is_not_held_on_to(learner, saved):
    read = learner(2)
    load_weights(saved, *read)
    before = [value.clone() for value in moments(read[1])]
    content = saved.read_bytes()
    with saved.open("r+b") as file:
        file.write(bytes(len(content)))
    assert all(torch.equal(*pair) for pair in zip(moments(read[1]), before, strict=True))


def test_the_state_of_another_network_is_refused(learner, saved):
    with pytest.raises(sc.TrainingError, match=r"s.safetensors is damaged, or no state"):
        load_weights(saved, *learner(2, LiteShape((8, 8, 8, 8), (0, 1, 1, 1))))


def test_a_state_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(sc.TrainingError, match=r"none.safetensors is damaged, or no state"):
        read_standing(tmp_path / "none.safetensors")
