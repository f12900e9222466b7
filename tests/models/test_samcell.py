"""The fast forward pass against Meta's own, part by part."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils._python_dispatch import TorchDispatchMode

import samcell_core as sc
from samcell_core.models.sam_encoder import GLOBAL_ATTENTIONS, encode
from samcell_core.models.samcell import SamcellNetwork
from samcell_core.models.upsample import enlarge

MEAN = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
STD = torch.tensor([0.229, 0.224, 0.225])[:, None, None]


def slow_maps(network, tiles):
    """The published forward pass, by Meta's own modules: RGB, one image at a time, all masks."""
    maps = []
    for tile in tiles.numpy():
        size = network.shape.image_size
        large = np.asarray(Image.fromarray(tile).resize((size, size), Image.Resampling.BILINEAR))
        pixels = (torch.from_numpy(large.copy()).float() / 255 - MEAN) / STD
        embedding = network.image_encoder(pixels[None])
        sparse, dense = network.prompt_encoder(points=None, boxes=None, masks=None)
        masks, _ = network.mask_decoder(
            image_embeddings=embedding,
            image_pe=network.prompt_encoder.get_dense_pe(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=True,
        )
        maps.append(torch.sigmoid(masks[0, :1]))
    return torch.nn.functional.interpolate(torch.stack(maps), size=256, mode="bilinear")[:, 0]


@pytest.fixture(scope="module")
def tiles():
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (2, 256, 256), dtype=torch.uint8, generator=generator)


SHAPES = {
    "padded windows": {"window": 7, "global_blocks": (1,)},
    "windows that fit": {"window": 8, "global_blocks": (0, 2)},
    "one window larger than the image": {"window": 36, "global_blocks": ()},
    "only global": {"window": 0, "global_blocks": (0, 1, 2)},
}


@pytest.fixture(scope="module", params=SHAPES)
def network(request):
    shape = sc.SamcellShape(
        width=48,
        depth=3,
        heads=3,
        mlp_width=100,
        image_size=1024,
        patch=32,
        **SHAPES[request.param],
    )
    network = sc.random_model(shape).network
    generator = torch.Generator().manual_seed(5)
    for tensor in network.state_dict().values():
        if tensor.ndim == 1:
            tensor.add_(torch.randn(tensor.shape, generator=generator) * 0.1)
    return network


@pytest.mark.parametrize("attention", GLOBAL_ATTENTIONS)
def test_distance_maps_are_those_of_metas_modules(network, tiles, attention):
    network.attention = attention
    with torch.inference_mode():
        ours, theirs = network(tiles), slow_maps(network, tiles)
    assert float(theirs.std()) > 0.1  # a map that says something
    torch.testing.assert_close(ours, theirs, atol=5e-5, rtol=0)


def test_slices_of_the_work_do_not_change_the_result(network, tiles, monkeypatch):
    grey = enlarge(tiles, 4)[:, None].float()
    with torch.inference_mode():
        whole = encode(network.image_encoder, grey)
        monkeypatch.setattr("samcell_core.models.sam_encoder._SLICE_CPU", 2**17)
        torch.testing.assert_close(encode(network.image_encoder, grey), whole, atol=1e-4, rtol=0)


def test_gradients_flow_through_the_fast_path(network, tiles):
    trained = SamcellNetwork(network.shape)
    trained.load_state_dict(network.state_dict())
    ours, theirs = ({}, {})
    for forward, gradients in ((trained, ours), (lambda t: slow_maps(trained, t), theirs)):
        trained.zero_grad()
        forward(tiles[:1]).square().mean().backward()
        gradients.update(
            {n: p.grad.clone() for n, p in trained.named_parameters() if p.grad is not None}
        )
    largest = max(float(gradient.abs().max()) for gradient in theirs.values())
    for name, gradient in ours.items():
        torch.testing.assert_close(gradient, theirs[name], atol=1e-3 * largest, rtol=1e-2)
    assert "image_encoder.blocks.0.attn.rel_pos_h" in ours


@pytest.mark.parametrize(("precision", "tolerance"), [("bf16", 0.2), ("fp16", 0.03)])
def test_lower_precision_stays_close(tiny_model, tiles, precision, tolerance):
    from samcell_core.devices import PRECISIONS

    lower = tiny_model.on(torch.device("cpu"), PRECISIONS[precision])
    with torch.inference_mode():
        difference = (lower(tiles) - tiny_model.network(tiles)).abs()
    assert 0 < float(difference.max()) <= tolerance
    assert float(difference.mean()) <= tolerance / 10


def test_lower_precision_leaves_the_loaded_model_as_it_was(tiny_model):
    before = {name: tensor.dtype for name, tensor in tiny_model.network.state_dict().items()}
    tiny_model.on(torch.device("cpu"), torch.bfloat16)
    after = {name: tensor.dtype for name, tensor in tiny_model.network.state_dict().items()}
    assert set(before.values()) == set(after.values()) == {torch.float32}


@pytest.mark.parametrize("factor", [1, 2, 4, 8])
def test_enlarging_is_pillows_to_the_bit(tiles, factor):
    side = 256 * factor
    pillow = Image.fromarray(tiles[0].numpy()).resize((side, side), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(enlarge(tiles, factor)[0].numpy(), np.asarray(pillow))


class NoFloat64(TorchDispatchMode):
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, (tuple, list)) else [result]:
            assert not isinstance(tensor, torch.Tensor) or tensor.dtype != torch.float64, function
        return result


def test_nothing_is_computed_in_float64_which_apple_gpus_lack(tiny_model, tiles):
    with torch.inference_mode(), NoFloat64():
        tiny_model.network(tiles)


def test_random_weights_are_the_same_for_the_same_seed(tiny_shape):
    one, two = (sc.random_model(tiny_shape, seed=3).network.state_dict() for _ in range(2))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_metas_package_and_torchvision_stay_out_of_the_process():
    code = (
        "import sys, samcell_core as sc; sc.random_model(sc.SamcellShape(width=32, depth=1, "
        "heads=1, mlp_width=32, global_blocks=(0,), image_size=256)); "
        "assert not any(n.split('.')[0] in ('segment_anything', 'torchvision', 'transformers') "
        "for n in sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
