"""What a training can start from, and what is refused."""

import pytest
import torch
from safetensors.torch import save_file

import samcell_core as sc
from samcell_core.models.lite import LiteNetwork
from samcell_core.models.lite_file import LiteHeader, lite_bytes
from samcell_core.models.naming import to_hugging_face_names
from samcell_core.models.samcell_file import SamcellHeader, samcell_bytes
from samcell_core.training.sam import SamcellShape, SamTrainingSettings, new_network, read_start
from samcell_core.training.sam.starting import starting_network

COPY = "prompt_encoder.shared_embedding.positional_embedding"


@pytest.fixture(scope="module")
def shape():
    return SamcellShape(
        width=16,
        depth=2,
        heads=2,
        mlp_width=32,
        global_blocks=(1,),
        window=3,
        image_size=256,
        patch=32,
        channels=32,
        decoder_mlp_width=32,
    )


@pytest.fixture(scope="module")
def state(shape):
    return new_network(shape, seed=1).state_dict()


def files(state, folder):
    """The checkpoints that people have."""
    face = {name: tensor.clone() for name, tensor in to_hugging_face_names(state).items()}
    fewer = {name: tensor for name, tensor in face.items() if name != COPY}
    constants = {"pixel_mean": torch.ones(3, 1, 1), "pixel_std": torch.ones(3, 1, 1)}
    return {
        "Meta's": (lambda p: torch.save(dict(state), p), "sam_vit_t.pth"),
        "Meta's with its constants": (lambda p: torch.save(state | constants, p), "sam.pth"),
        "Hugging Face's": (lambda p: torch.save(face, p), "pytorch_model.bin"),
        "Hugging Face's, saved by it": (lambda p: save_file(fewer, p), "model.safetensors"),
        "SAMCell's": (lambda p: torch.save(face, p), "samcell-cyto.pt"),
        "one of a training": (
            lambda p: p.write_bytes(samcell_bytes(state, SamcellHeader(name="mine"))),
            "best.safetensors",
        ),
    }


@pytest.mark.parametrize("kind", files({}, None))
def test_every_kind_of_checkpoint_gives_the_same_network(state, tmp_path, kind):
    write, name = files(state, tmp_path)[kind]
    write(tmp_path / name)
    read = read_start(tmp_path / name).state_dict()
    assert read.keys() == state.keys()
    assert all(torch.equal(read[each], tensor) for each, tensor in state.items())


def refused(start, *words, error=sc.ModelError, shape=None, **settings):
    with pytest.raises(error) as refusal:
        starting_network(shape, start, SamTrainingSettings(**settings))
    message = str(refusal.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_the_small_network_is_refused_by_its_name():
    refused("samcell-lite", "samcell-lite is another network")


def test_a_file_of_the_small_network_is_refused(tmp_path, tiny_lite):
    path = tmp_path / "mine.safetensors"
    network = LiteNetwork(tiny_lite)
    path.write_bytes(lite_bytes(network, LiteHeader(name="mine", shape=tiny_lite)))
    refused(path, "mine.safetensors is a samcell-lite, another network")


def test_weights_of_cellpose_are_refused(tmp_path):
    torch.save({"W2": torch.ones(3)}, tmp_path / "cpsam.pt")
    refused(tmp_path / "cpsam.pt", "cpsam.pt holds Cellpose-SAM weights")


def test_something_else_is_refused(tmp_path):
    torch.save({"conv.weight": torch.ones(3)}, tmp_path / "other.pt")
    refused(tmp_path / "other.pt", "other.pt is not a SAMCell or SAM checkpoint", "conv.weight")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    refused(tmp_path / "none.pth", "none.pth")


def test_another_shape_than_that_of_the_start_is_refused(shape, state, tmp_path):
    torch.save(dict(state), tmp_path / "sam.pth")
    refused(
        tmp_path / "sam.pth",
        "leave out one of them",
        error=sc.TrainingError,
        shape=SamcellShape(width=32),
    )


def test_a_tile_that_does_not_fit_is_refused(state, tmp_path):
    torch.save(dict(state), tmp_path / "sam.pth")
    refused(tmp_path / "sam.pth", "tile=192", error=sc.SettingsError, tile=192)


def test_a_network_to_start_from_is_left_as_it_is(shape):
    network = new_network(shape, seed=1)
    with torch.no_grad():
        for tensor in starting_network(None, network, SamTrainingSettings()).parameters():
            tensor.zero_()
    before = new_network(shape, seed=1).state_dict()
    assert all(torch.equal(each, before[name]) for name, each in network.state_dict().items())


def test_the_seed_decides_new_weights(shape):
    one, other, another = (new_network(shape, seed=seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(tensor, other[name]) for name, tensor in one.items())
    name = "image_encoder.blocks.0.attn.qkv.weight"
    assert not torch.equal(one[name], another[name])


def test_new_weights_leave_the_random_numbers_of_others_alone(shape):
    before = torch.get_rng_state()
    new_network(shape, seed=1)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"width": 0}, "is no network"),
        ({"decoder_heads": 7}, "is no network"),
        ({"heads": 3}, "is no network: its width is no multiple of its heads"),
        ({"decoder_heads": 4}, "decoder_heads=4 cannot be told .* read with decoder_heads=8"),
        ({"image_size": 300}, "tile=256 does not fit"),
        ({"patch": 0}, "is no network"),
    ],
)
def test_a_shape_that_makes_no_network_is_refused(shape, changes, message):
    values = {name: getattr(shape, name) for name in shape.__dataclass_fields__}
    with pytest.raises(sc.SettingsError, match=message):
        new_network(SamcellShape(**values | changes))
