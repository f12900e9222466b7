"""Updates of the SAM-based network."""

import copy

import pytest
import torch
from torch.nn import functional

import samcell_core as sc
from samcell_core.training.sam.crops import Crops
from samcell_core.training.sam.learner import SamLearner

CPU = torch.device("cpu")
MEAN = torch.tensor([123.675, 116.28, 103.53])[:, None, None]
STD = torch.tensor([58.395, 57.12, 57.375])[:, None, None]


@pytest.fixture
def crops():
    """Eight crops of random pixels and maps."""
    generator = torch.Generator().manual_seed(1)
    return Crops(
        image=torch.randint(0, 256, (8, 128, 128), dtype=torch.uint8, generator=generator),
        distance=torch.rand((8, 128, 128), generator=generator),
        names=tuple(f"discs/{number}" for number in range(8)),
    )


@pytest.fixture
def learner(network, short):
    """A learner of a copy of the network."""

    def make(**changes):
        settings = short(**{"batch": 8, "at_once": 8, "learning_rate": 1e-3, **changes})
        return SamLearner(copy.deepcopy(network), settings, CPU)

    return make


def by_metas_modules(network, tiles):
    """The maps by Meta's own modules: RGB, one image at a time, all masks."""
    maps = []
    for tile in tiles:
        pixels = (tile.float().expand(3, -1, -1) - MEAN) / STD
        sparse, dense = network.prompt_encoder(points=None, boxes=None, masks=None)
        masks, _ = network.mask_decoder(
            image_embeddings=network.image_encoder(pixels[None]),
            image_pe=network.prompt_encoder.get_dense_pe(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=True,
        )
        maps.append(torch.sigmoid(masks[0, :1]))
    return functional.interpolate(torch.stack(maps), size=128, mode="bilinear")[:, 0]


def slopes(network):
    return {n: each.grad.clone() for n, each in network.named_parameters() if each.grad is not None}


@pytest.mark.parametrize("checkpointing", [False, True])
def test_slopes_are_those_of_metas_modules(learner, network, crops, checkpointing):
    trained = learner(checkpointing=checkpointing)
    functional.mse_loss(trained.maps(crops.image), crops.distance).backward()
    functional.mse_loss(by_metas_modules(network, crops.image), crops.distance).backward()
    ours, theirs = slopes(trained.network), slopes(network)
    assert "image_encoder.blocks.0.attn.rel_pos_h" in ours
    for name, slope in ours.items():
        largest = float(theirs[name].abs().max())
        torch.testing.assert_close(slope, theirs[name], atol=1e-3 * largest + 1e-9, rtol=1e-3)


def test_the_map_in_training_is_that_in_use(learner, network, crops):
    with torch.inference_mode():
        used = network.eval()(crops.image)
    assert float(used.std()) > 0.01
    torch.testing.assert_close(learner().maps(crops.image).detach(), used, atol=1e-5, rtol=0)


def test_checkpointing_gives_the_same_slopes_to_the_bit(learner, crops):
    found = []
    for checkpointing in (False, True):
        trained = learner(checkpointing=checkpointing)
        functional.mse_loss(trained.maps(crops.image), crops.distance).backward()
        found.append(slopes(trained.network))
    assert all(torch.equal(slope, found[1][name]) for name, slope in found[0].items())


@pytest.mark.parametrize("at_once", [1, 3])
def test_a_batch_in_parts_gives_the_same_slopes(learner, crops, at_once):
    whole, parts = learner(), learner(at_once=at_once)
    for each in (whole, parts):
        each.update(crops, 0, 10)
    theirs = slopes(whole.network)
    for name, slope in slopes(parts.network).items():
        torch.testing.assert_close(
            slope, theirs[name], atol=1e-5 * float(theirs[name].abs().max()) + 1e-9, rtol=1e-3
        )


def test_a_batch_in_parts_gives_the_same_loss(learner, crops):
    assert learner(at_once=3).update(crops, 0, 10) == pytest.approx(
        learner().update(crops, 0, 10), rel=1e-5
    )


def test_a_batch_in_parts_gives_the_same_update(learner, crops):
    whole, parts = learner(), learner(at_once=1)
    before = whole.plain().state_dict()
    for each in (whole, parts):
        for step in range(2):
            each.update(crops, 2 + step, 10)
    moved, theirs = (
        torch.cat([(each[n] - before[n]).flatten() for n in before])
        for each in (whole.plain().state_dict(), parts.plain().state_dict())
    )
    assert float((moved - theirs).norm() / moved.norm()) < 0.01


def test_the_loss_is_the_squared_error_at_the_size_of_the_crops(learner, crops):
    trained = learner(at_once=3)
    with torch.no_grad():
        wanted = functional.mse_loss(trained.network(crops.image), crops.distance)
    assert trained.loss([crops]) == pytest.approx(float(wanted), rel=1e-5)


def test_mixed_precision_stays_close(learner, crops):
    full, mixed = learner(), learner(precision="bf16")
    assert mixed.update(crops, 0, 10) == pytest.approx(full.update(crops, 0, 10), rel=0.05)


def test_mixed_precision_leaves_the_weights_in_full_precision(learner, crops):
    mixed = learner(precision="bf16", trained="lora and decoder")
    mixed.update(crops, 0, 10)
    assert {each.dtype for each in mixed.network.parameters()} == {torch.float32}


PARTS = {
    "all": ("image_encoder.", "mask_decoder."),
    "decoder": ("mask_decoder.",),
    "lora": (),
    "lora and decoder": ("mask_decoder.",),
}


def changed(learner, network):
    """Names of plain tensors that an update changed, adapters aside."""
    before = network.state_dict()
    now = {
        name.replace("parametrizations.weight.original", "weight"): tensor
        for name, tensor in learner.network.state_dict().items()
    }
    return [name for name in before if not torch.equal(before[name], now[name])]


@pytest.mark.parametrize("trained", PARTS)
def test_frozen_parts_stay_as_they_were_to_the_bit(learner, network, crops, trained):
    one = learner(trained=trained)
    for step in range(3):
        one.update(crops, step, 10)
    assert all(name.startswith(PARTS[trained]) for name in changed(one, network))


@pytest.mark.parametrize("trained", ["all", "decoder", "lora and decoder"])
def test_all_that_is_trained_changes(learner, network, crops, trained):
    one = learner(trained=trained)
    for step in range(3):
        one.update(crops, step, 10)
    wanted = [name for name, each in network.named_parameters() if name.startswith(PARTS[trained])]
    unused = ("iou_prediction_head", "mlps.0", "mlps.2", "mlps.3", "k_proj.bias")
    left = set(wanted) - set(changed(one, network))
    assert all(any(word in name for word in unused) for name in left)


def test_adapters_change_nothing_but_themselves(learner, network, crops):
    one = learner(trained="lora", lora_targets=("qkv",))
    for step in range(3):
        one.update(crops, step, 10)
    assert changed(one, network) == []


def test_merged_adapters_change_the_weights_of_their_targets_alone(learner, network, crops):
    one = learner(trained="lora", lora_targets=("proj", "lin1"))
    for step in range(3):
        one.update(crops, step, 10)
    before, now = network.state_dict(), one.plain().state_dict()
    blocks = [f"image_encoder.blocks.{number}." for number in range(2)]
    assert [name for name in before if not torch.equal(before[name], now[name])] == [
        f"{block}{layer}.weight" for block in blocks for layer in ("attn.proj", "mlp.lin1")
    ]


def test_a_loss_that_is_no_number_names_its_images(learner, crops):
    crops.distance[5, 3, 3] = float("nan")
    message = r"The loss was nan at update 1, with crops of discs/5: look at these images"
    with pytest.raises(sc.TrainingError, match=message):
        learner(at_once=1).update(crops, 0, 10)


def test_a_slope_that_is_no_number_names_the_images(learner, crops):
    one = learner()
    for each in one.network.parameters():
        if each.requires_grad:
            each.register_hook(lambda slope: slope * float("inf"))
            break
    with pytest.raises(
        sc.TrainingError, match=r"slope of the loss was (nan|inf).* of discs/0, discs/1,"
    ):
        one.update(crops, 0, 10)


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"at_once": 8}, "set at_once=4 instead of 8"),
        ({"at_once": 1, "checkpointing": False}, "set checkpointing=True"),
        ({"at_once": 1}, "set trained='lora and decoder', or 'decoder'"),
        ({"at_once": 1, "trained": "lora"}, "set trained='decoder'"),
        ({"at_once": 1, "trained": "decoder", "checkpointing": False}, "take a smaller network"),
    ],
)
def test_too_little_memory_names_the_setting_to_change(learner, crops, changes, advice):
    one = learner(**changes)

    def full(tiles):
        raise torch.OutOfMemoryError("CUDA out of memory.")

    one.network.embeddings = full
    with pytest.raises(sc.TrainingError, match=f"Not enough memory on cpu to train: {advice}"):
        one.update(crops, 0, 10)


def test_another_error_of_torch_is_not_taken_for_that(learner, crops):
    one = learner()

    def broken(tiles):
        raise RuntimeError("shapes do not fit")

    one.network.embeddings = broken
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        one.update(crops, 0, 10)
