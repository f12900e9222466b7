"""What is done to crops so that they look like those of other microscopes."""

import numpy as np
import pytest

from samcell_core.training.augment import augment

SEEDS = range(60)


@pytest.fixture(scope="module")
def grey():
    """A smooth image of 0..1 with a few cells."""
    y, x = np.mgrid[:64, :80]
    return (0.5 + 0.4 * np.sin(x / 7) * np.cos(y / 9)).astype(np.float32)


def changed(grey, seed, **options):
    return augment(np.random.default_rng(seed), grey, **options)


def test_the_shape_stays(grey):
    assert {changed(grey, seed).shape for seed in SEEDS} == {grey.shape}


def test_values_stay_between_0_and_1(grey):
    results = np.stack([changed(grey, seed) for seed in SEEDS])
    assert results.min() >= 0
    assert results.max() <= 1


def test_values_are_steps_of_8_bits(grey):
    results = np.stack([changed(grey, seed) for seed in SEEDS]) * 255
    np.testing.assert_allclose(results, np.rint(results), atol=1e-4)


def test_the_same_seed_does_the_same(grey):
    first, second = (np.stack([changed(grey, seed) for seed in SEEDS]) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_every_seed_does_something_else(grey):
    assert len({changed(grey, seed).tobytes() for seed in SEEDS}) == len(SEEDS)


def test_the_image_given_is_left_as_it_is(grey):
    before = grey.copy()
    for seed in SEEDS:
        changed(grey, seed)
    np.testing.assert_array_equal(grey, before)


def test_an_inverted_image_is_dark_where_the_other_is_bright(grey):
    agreement = [
        np.corrcoef(*(changed(grey, seed, inversion=each).ravel() for each in (0.0, 1.0)))[0, 1]
        for seed in SEEDS
    ]
    assert np.median(agreement) < -0.8


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_images_of_one_value_come_through(value):
    flat = np.full((64, 64), value, np.float32)
    assert all(np.isfinite(changed(flat, seed)).all() for seed in SEEDS)
