"""What a batch depends on."""

from contextlib import closing

import numpy as np
import pytest
import torch

from samcell_core.training import make_scenes
from samcell_core.training.batches import make_batch, prefetched

CASES = (True, False)


@pytest.fixture
def examples(example):
    return {
        "discs": [example(1, "discs/1.png"), example(2, "discs/2.png")],
        "others": [example(3, "others/1.png")],
    }


def content(batch):
    tensors = (batch.image, batch.distance, batch.weight, batch.size)
    return batch.names, *(each.numpy().tobytes() for each in tensors)


def test_the_same_seed_and_number_give_the_same_batch(examples, quick):
    first, second = (content(make_batch(examples, quick(), 7)) for _ in range(2))
    assert first == second


def test_another_number_gives_another_batch(examples, quick):
    assert content(make_batch(examples, quick(), 7)) != content(make_batch(examples, quick(), 8))


def test_another_seed_gives_another_batch(examples, quick):
    one, other = (content(make_batch(examples, quick(seed=seed), 7)) for seed in (1, 2))
    assert one != other


def test_batches_made_ahead_are_those_made_alone(examples, quick):
    with closing(prefetched(examples, quick(), 2)) as batches:
        ahead = [content(batch) for batch in batches]
    assert ahead == [content(make_batch(examples, quick(), number)) for number in range(2, 6)]


def test_a_batch_has_the_shape_asked_for(examples, quick):
    batch = make_batch(examples, quick(batch=3, crop=96), 0)
    assert batch.image.shape == batch.distance.shape == batch.weight.shape == (3, 96, 96)


def test_sizes_are_told_at_an_eighth(examples, quick):
    assert make_batch(examples, quick(batch=3, crop=96), 0).size.shape == (3, 12, 12)


def test_grey_values_have_8_bits(examples, quick):
    assert make_batch(examples, quick(), 0).image.dtype == torch.uint8


def test_a_set_of_weight_0_is_never_drawn(examples, quick):
    settings = quick(weights={"discs": 0.0})
    drawn = {name for n in range(20) for name in make_batch(examples, settings, n).names}
    assert drawn == {"others/1.png"}


def test_sets_are_drawn_by_their_weights_not_their_sizes(examples, quick):
    settings = quick(weights={"discs": 1.0, "others": 3.0}, batch=8)
    names = [name for n in range(40) for name in make_batch(examples, settings, n).names]
    assert np.mean([name.startswith("others") for name in names]) == pytest.approx(0.75, abs=0.1)


def shown(examples, settings, *, changed=True):
    return make_batch(examples, settings, 4, changed=changed).image


def test_an_original_crop_keeps_its_grey_values(example, quick):
    real = {"discs": [example()]}
    settings = quick(batch=1, blank=0.0, inversion=0.0, original=1.0)
    assert torch.equal(shown(real, settings), shown(real, settings, changed=False))


def test_an_original_crop_may_be_a_negative(example, quick):
    real = {"discs": [example()]}
    settings = quick(batch=1, blank=0.0, inversion=1.0, original=1.0)
    assert torch.equal(shown(real, settings), 255 - shown(real, settings, changed=False))


def test_the_share_of_original_crops_is_the_one_asked_for(example, quick):
    real = {"discs": [example()]}
    settings = quick(batch=1, blank=0.0, inversion=0.0, original=0.3)
    same = [
        torch.equal(*(make_batch(real, settings, n, changed=each).image for each in CASES))
        for n in range(200)
    ]
    assert np.mean(same) == pytest.approx(0.3, abs=0.1)


def test_of_drawn_scenes_half_as_many_crops_are_original(quick):
    (scene,) = make_scenes(1, seed=3)
    settings = quick(batch=1, blank=0.0, inversion=0.0, original=1.0)
    same = [
        torch.equal(
            *(make_batch({"synthetic": [scene]}, settings, n, changed=each).image for each in CASES)
        )
        for n in range(100)
    ]
    assert np.mean(same) == pytest.approx(0.5, abs=0.15)
