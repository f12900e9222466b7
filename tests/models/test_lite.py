"""The small network, and its file."""

import copy
import json

import pytest
import torch
from safetensors.torch import load_file, save_file

import samcell_core as sc
from samcell_core.models.lite import LiteNetwork, LiteShape
from samcell_core.models.lite_file import LiteHeader, lite_bytes, read_lite_header
from samcell_core.models.loading import read_lite

TINY = LiteShape(widths=(8, 8, 12, 12), depths=(0, 1, 1, 1))


@pytest.fixture(scope="module")
def network():
    """A tiny network whose normalisations have seen something."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        made = LiteNetwork(TINY)
        for module in made.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.3)
                module.running_var.uniform_(0.3, 3)
                torch.nn.init.uniform_(module.weight, 0.5, 2)
                torch.nn.init.normal_(module.bias, 0, 0.3)
    return made.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def tiles():
    generator = torch.Generator().manual_seed(2)
    return torch.randint(0, 256, (2, 64, 96), dtype=torch.uint8, generator=generator)


@pytest.fixture
def checkpoint(network, tmp_path):
    header = LiteHeader(name="tiny", shape=TINY, peak=0.4, fill=0.1, diameter=30.0, licence="CC0")
    path = tmp_path / "tiny.safetensors"
    path.write_bytes(lite_bytes(network, header))
    return path


@pytest.fixture
def changed(checkpoint):
    """The checkpoint with a changed header, or other tensors."""

    def write(text=None, tensors=None, **values):
        header = {
            "network": "lite",
            "shape": TINY.to_dict(),
            "name": "tiny",
            "peak": 0.4,
            "fill": 0.1,
            **values,
        }
        tensors = load_file(checkpoint) if tensors is None else tensors
        said = json.dumps(header) if text is None else text
        save_file(tensors, checkpoint, {"samcell": said})
        return checkpoint

    return write


def test_the_usual_network_has_at_most_5_million_parameters():
    assert sum(each.numel() for each in LiteNetwork().parameters()) <= 5_000_000


def test_the_usual_network_takes_at_most_10_megabytes():
    network = LiteNetwork()
    header = LiteHeader(name="usual", shape=network.shape)
    assert len(lite_bytes(network, header, half=True)) <= 10_000_000


def test_the_map_lies_between_0_and_1(network, tiles):
    distance = network(tiles)
    assert 0 <= float(distance.min()) < float(distance.max()) <= 1


def test_the_map_has_the_shape_of_the_tiles(network, tiles):
    assert network(tiles).shape == tiles.shape


def test_a_folded_network_gives_the_same_map(network, tiles):
    folded = copy.deepcopy(network).folded()
    torch.testing.assert_close(folded(tiles), network(tiles), atol=1e-4, rtol=0)


def test_a_folded_network_has_no_normalisations(network):
    folded = copy.deepcopy(network).folded()
    assert not any(isinstance(each, torch.nn.BatchNorm2d) for each in folded.modules())


def test_sizes_alone_are_those_of_all_outputs(network, tiles):
    outputs, sizes = network.outputs(tiles), network.sizes(tiles)
    torch.testing.assert_close(sizes[:, 0], torch.sigmoid(outputs.presence))
    torch.testing.assert_close(sizes[:, 1], torch.exp2(outputs.size))


def test_sizes_are_told_at_an_eighth(network, tiles):
    assert network.sizes(tiles).shape == (2, 2, 8, 12)


def test_tiles_of_one_value_give_numbers(network):
    assert bool(network(torch.zeros((1, 64, 64), dtype=torch.uint8)).isfinite().all())


def test_a_checkpoint_is_loaded_as_a_model(checkpoint, network, tiles):
    model = sc.load_model(checkpoint)
    torch.testing.assert_close(model.network(tiles), network(tiles), atol=1e-4, rtol=0)


def test_a_model_knows_what_its_header_says(checkpoint):
    info = sc.load_model(checkpoint).info
    assert (info.name, info.peak, info.fill, info.diameter, info.licence) == (
        "tiny",
        0.4,
        0.1,
        30.0,
        "CC0",
    )


def test_training_goes_on_from_the_exact_weights(checkpoint, network):
    read, _ = read_lite(checkpoint)
    weights = zip(read.parameters(), network.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in weights)


def test_half_precision_changes_the_map_little(network, tiles, tmp_path):
    header = LiteHeader(name="half", shape=TINY)
    (tmp_path / "half.safetensors").write_bytes(lite_bytes(network, header, half=True))
    halved = sc.load_model(tmp_path / "half.safetensors").network
    torch.testing.assert_close(halved(tiles), network(tiles), atol=0.01, rtol=0)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"text": "{"}, "damaged"),
        ({"text": "[]"}, "damaged"),
        ({"text": "{}"}, "damaged"),
        ({"network": "other"}, "network 'other', which this version does not know"),
        ({"peak": 2.0}, "damaged"),
        ({"fill": "low"}, "damaged"),
        ({"peak": None}, "damaged"),
        ({"diameter": -1}, "damaged"),
        ({"shape": None}, "damaged"),
        ({"shape": {"widths": [8, 8, 12, 12]}}, "damaged"),
        ({"shape": {"widths": 8, "depths": 1}}, "damaged"),
        ({"shape": {"widths": [8], "depths": [0]}}, "do not belong together"),
        ({"shape": {"widths": [8, 8, 8, 8], "depths": [0]}}, "do not belong together"),
        ({"shape": {"widths": [8, 8, 8, 10**9], "depths": [0] * 4}}, "not whole numbers"),
        ({"shape": {"widths": [8, 8, 8, 0], "depths": [0] * 4}}, "out of range"),
        ({"shape": {"widths": [8.5, 8, 8, 8], "depths": [0] * 4}}, "not whole numbers"),
        ({"shape": {"widths": [4096] * 4, "depths": [20] * 4}}, "too large"),
        ({"shape": {"widths": [8, 8, 12, 16], "depths": [0, 1, 1, 1]}}, "does not fit"),
        ({"shape": {"widths": [8] * 5, "depths": [0] * 5}}, "missing"),
        ({"tensors": {"a": torch.zeros(3)}}, "incomplete"),
    ],
)
def test_a_damaged_checkpoint_is_refused_by_its_name(changed, values, message):
    with pytest.raises(sc.ModelError, match=rf"tiny\.safetensors.*{message}"):
        sc.load_model(changed(**values))


def test_a_checkpoint_cut_short_is_refused(checkpoint):
    content = checkpoint.read_bytes()
    checkpoint.write_bytes(content[: len(content) // 2])
    with pytest.raises(sc.ModelError, match=r"tiny\.safetensors"):
        sc.load_model(checkpoint)


def test_weights_that_are_no_numbers_are_refused(network, checkpoint):
    broken = copy.deepcopy(network)
    broken.to_size.bias.fill_(float("nan"))
    checkpoint.write_bytes(lite_bytes(broken, LiteHeader(name="broken", shape=TINY)))
    with pytest.raises(sc.ModelError, match="not numbers"):
        sc.load_model(checkpoint)


def test_another_file_has_no_header(tmp_path):
    save_file({"a": torch.zeros(3)}, tmp_path / "a.safetensors")
    assert read_lite_header(tmp_path / "a.safetensors") is None


def test_a_file_of_another_network_cannot_be_trained_on(tmp_path):
    save_file({"a": torch.zeros(3)}, tmp_path / "a.safetensors")
    with pytest.raises(sc.ModelError, match="not a checkpoint of samcell-lite"):
        read_lite(tmp_path / "a.safetensors")
