"""Which images train and which validate."""

from pathlib import Path

import numpy as np
import pytest

import samcell_core as sc
from samcell_core.training import split_by_group
from samcell_core.training.pairs import Pair


def made_up(**sizes):
    """Pairs of sets with groups of given sizes; there are no files."""
    return [
        Pair(Path(f"{name}/{group}/{number}.png"), Path("labels"), name, f"{name}{group}")
        for name, groups in sizes.items()
        for group, size in enumerate(groups)
        for number in range(size)
    ]


def test_no_group_is_on_both_sides():
    training, validation = split_by_group(made_up(a=[5, 3, 8, 2, 9], b=[4] * 6))
    assert {pair.group for pair in training} & {pair.group for pair in validation} == set()


def test_every_pair_is_on_one_side():
    pairs = made_up(a=[5, 3, 8], b=[1])
    training, validation = split_by_group(pairs)
    assert sorted(map(repr, training + validation)) == sorted(map(repr, pairs))


@pytest.mark.parametrize("seed", range(5))
def test_each_set_gives_about_its_fraction(seed):
    _, validation = split_by_group(made_up(a=[2] * 50, b=[3] * 20), fraction=0.2, seed=seed)
    counts = [sum(pair.set == name for pair in validation) for name in "ab"]
    np.testing.assert_allclose(counts, [20, 12], atol=2)


def test_a_set_of_two_groups_gives_one_however_small_the_fraction():
    _, validation = split_by_group(made_up(a=[10, 2]), fraction=0.01)
    assert {pair.group for pair in validation} == {"a1"}


def test_a_set_of_two_groups_keeps_one_however_large_the_fraction():
    training, _ = split_by_group(made_up(a=[5, 5]), fraction=0.99)
    assert len(training) == 5


def test_the_split_does_not_depend_on_the_order():
    pairs = made_up(a=[3] * 10, b=[2] * 9)
    assert split_by_group(pairs) == split_by_group(pairs[::-1])


def test_the_split_of_a_set_does_not_depend_on_other_sets():
    alone = split_by_group(made_up(a=[3] * 10))[1]
    together = split_by_group(made_up(a=[3] * 10, b=[2] * 9))[1]
    assert [pair for pair in together if pair.set == "a"] == alone


def test_another_seed_gives_another_split():
    pairs = made_up(a=[1] * 100)
    assert split_by_group(pairs, seed=0)[1] != split_by_group(pairs, seed=1)[1]


def test_a_set_of_one_group_is_split_by_image_with_a_note():
    notes = []
    _, validation = split_by_group(made_up(a=[5, 5], b=[10]), fraction=0.2, note=notes.append)
    assert sum(pair.set == "b" for pair in validation) == 2
    assert ["'b'" in note for note in notes] == [True]


def test_a_set_of_one_image_is_trained_on():
    notes = []
    training, _ = split_by_group(made_up(a=[5, 5], b=[1]), note=notes.append)
    assert (sum(pair.set == "b" for pair in training), notes) == (1, [])


def test_images_of_one_name_are_split_by_image_all_the_same():
    pairs = [Pair(Path(f"{n}/image.png"), Path(f"{n}/mask.png"), "a", "all") for n in range(10)]
    assert len(split_by_group(pairs, fraction=0.3)[1]) == 3


@pytest.mark.parametrize("left_out", ["b", ("b",)])
def test_a_set_left_out_is_only_validated_on(left_out):
    training, validation = split_by_group(made_up(a=[5], b=[3, 4]), left_out=left_out)
    assert {pair.set for pair in training} == {"a"}
    assert sum(pair.set == "b" for pair in validation) == 7


def test_an_unknown_set_to_leave_out_is_refused():
    with pytest.raises(sc.SettingsError, match="no set 'c' to leave out: known are a, b"):
        split_by_group(made_up(a=[5], b=[5]), left_out=["c"])


@pytest.mark.parametrize("fraction", [-0.1, 1.0, float("nan")])
def test_a_fraction_outside_its_range_is_refused(fraction):
    with pytest.raises(sc.SettingsError, match="fraction="):
        split_by_group(made_up(a=[5, 5]), fraction=fraction)


@pytest.mark.parametrize(
    ("sizes", "options", "message"),
    [
        ({}, {}, "nothing to train on"),
        ({"a": [5]}, {"left_out": ["a"]}, "nothing to train on"),
        ({"a": [1]}, {}, "nothing to validate on"),
        ({"a": [1], "b": [1]}, {}, "nothing to validate on"),
        ({"a": [5, 5]}, {"fraction": 0}, "nothing to validate on"),
    ],
)
def test_a_split_that_leaves_one_side_empty_is_refused(sizes, options, message):
    with pytest.raises(sc.TrainingError, match=message):
        split_by_group(made_up(**sizes), **options)
