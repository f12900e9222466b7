"""Adapters: they begin with nothing, change only themselves, and merge exactly."""

import pytest
import torch

from samcell_core.training.sam.lora import add_adapters, merged


@pytest.fixture
def tiles():
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (2, 128, 128), dtype=torch.uint8, generator=generator)


@pytest.fixture
def adapted(network):
    """A network with adapters that do something."""
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    adapters = add_adapters(network, ("qkv", "proj", "lin1", "lin2"), rank=4, alpha=8.0, seed=1)
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for adapter in adapters:
            adapter.up.normal_(generator=generator)
    return network, adapters, before


def test_a_new_adapter_changes_nothing(network, tiles):
    with torch.no_grad():
        before = network(tiles)
        add_adapters(network, ("qkv", "lin2"), rank=4, alpha=8.0, seed=1)
        assert torch.equal(network(tiles), before)


def test_each_block_has_an_adapter_for_each_target(network):
    assert len(add_adapters(network, ("qkv", "lin1"), rank=2, alpha=2.0, seed=1)) == 4


def test_merged_weights_are_the_sum_to_the_bit(adapted):
    network, adapters, before = adapted
    name = "image_encoder.blocks.0.attn.qkv.weight"
    wanted = before[name] + 2.0 * (adapters[0].up @ adapters[0].down)
    assert torch.equal(merged(network).state_dict()[name], wanted)


def test_the_merged_network_gives_the_same_map_to_the_bit(adapted, tiles):
    network, _, _ = adapted
    with torch.no_grad():
        assert torch.equal(merged(network)(tiles), network(tiles))


def test_the_adapters_of_that_test_do_something(adapted, tiles, tiny_sam):
    network, _, before = adapted
    plain = merged(network)
    with torch.no_grad():
        changed = plain(tiles)
        plain.load_state_dict(before)
        assert float((changed - plain(tiles)).abs().max()) > 0.01


def test_the_merged_network_has_plain_tensors_alone(adapted):
    network, _, before = adapted
    assert merged(network).state_dict().keys() == before.keys()


def test_merging_leaves_the_network_as_it_is(adapted, tiles):
    network, _, _ = adapted
    with torch.no_grad():
        before = network(tiles)
        for tensor in merged(network).state_dict().values():
            tensor.zero_()
        assert torch.equal(network(tiles), before)


def test_adapters_compute_in_full_precision_under_mixed_precision(adapted):
    network, _, _ = adapted
    layer = network.image_encoder.blocks[0].attn.qkv
    weight = layer.weight
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(layer.weight, weight)
