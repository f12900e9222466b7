"""What a training is said to take."""

import pytest

import samcell_core as sc
from samcell_core.training.sam import estimate


@pytest.fixture
def tried(tiny_sam, short):
    def run(images=20, validation_crops=0, **changes):
        return estimate(
            short(**changes), tiny_sam, images, validation_crops=validation_crops, device="cpu"
        )

    return run


def test_the_updates_of_an_epoch_are_counted(tried):
    assert tried(images=21).updates == 11


def test_an_epoch_takes_time(tried):
    assert tried().seconds_per_epoch > 0


def test_more_crops_at_once_take_more_memory(tried):
    one, two, four = (tried(batch=8, at_once=count).memory for count in (1, 2, 4))
    assert four - two == pytest.approx(2 * (two - one), rel=0.1)


def test_checkpointing_takes_less_memory(tried):
    assert tried(checkpointing=True).memory < tried(checkpointing=False).memory


@pytest.mark.parametrize("trained", ["decoder", "lora"])
def test_a_part_takes_less_memory_than_the_whole(tried, trained):
    assert tried(trained=trained).memory < tried().memory


def test_what_is_trained_is_counted(tried):
    whole, adapters = tried(), tried(trained="lora", lora_rank=2, lora_targets=("qkv",))
    # Two blocks, whose layer has 16 inputs and 48 outputs.
    assert adapters.trained == 2 * 2 * (16 + 48) == adapters.parameters - whole.parameters


def test_memory_that_suffices_needs_no_advice(tried):
    assert tried().advice == ""


def test_too_little_memory_comes_with_advice(tried, monkeypatch):
    needed = tried().memory
    monkeypatch.setattr("samcell_core.training.trial.memory_size", lambda: 0.9 * needed)
    assert tried().advice == "set at_once=1 instead of 2"


def test_no_images_are_refused(tried):
    with pytest.raises(sc.SettingsError, match="images=0 should be"):
        tried(images=0)
