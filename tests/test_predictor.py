import numpy as np
import pytest
import torch

import samcell_core as sc
from samcell_core.predictor import Predictor

CPU = torch.device("cpu")


@pytest.fixture
def numbered():
    """Tiles that can be told apart by their grey value."""
    return [np.full((256, 256), number, np.uint8) for number in range(11)]


@pytest.fixture
def predictor(brightness):
    made = []

    def make(threads=1, **options):
        made.append(Predictor(brightness(**options), CPU, "fp32", threads))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("batch", [1, 4, 16])
def test_maps_come_in_the_order_of_the_tiles(predictor, numbered, threads, batch):
    maps = predictor(threads).maps(numbered, batch=batch)
    assert [round(float(each.mean()) * 255) for each in maps] == list(range(11))


def test_every_batch_has_the_same_shape(predictor, numbered):
    runner = predictor()
    list(runner.maps(numbered, batch=4))
    assert runner._network.batches == [4, 4, 4]


def test_tiles_are_taken_only_as_they_are_needed(predictor):
    taken = []

    def endless():
        number = 0
        while True:
            taken.append(number)
            yield np.zeros((256, 256), np.uint8)
            number += 1

    next(predictor(threads=2).maps(endless()))
    assert len(taken) <= 4


def test_no_tiles_give_no_maps(predictor):
    assert list(predictor().maps([])) == []


def test_too_little_memory_halves_the_batch_and_goes_on(predictor, numbered):
    runner, notes = predictor(most=3), []
    maps = list(runner.maps(numbered, batch=8, note=notes.append))
    assert [round(float(each.mean()) * 255) for each in maps] == list(range(11))
    assert set(runner._network.batches) == {2}
    assert notes == ["Not enough memory on cpu for 8 tiles at once: went on with 2."]


def test_a_batch_that_fits_brings_no_note_of_an_earlier_one(predictor, numbered):
    runner, notes = predictor(most=3), []
    list(runner.maps(numbered, batch=8))
    list(runner.maps(numbered, batch=2, note=notes.append))
    assert notes == []


def test_too_little_memory_for_one_tile_is_an_error(predictor, numbered):
    with pytest.raises(sc.DeviceError, match="Not enough memory on cpu for one tile"):
        list(predictor(most=0).maps(numbered, batch=2))


def test_other_errors_of_a_network_are_not_hidden(predictor, numbered):
    runner = predictor()
    runner._network.forward = lambda tiles: tiles.reshape(7)
    with pytest.raises(RuntimeError):
        list(runner.maps(numbered))


def test_values_that_are_not_numbers_are_an_error(predictor, numbered):
    runner = predictor()
    runner._network.forward = lambda tiles: tiles.float() / 0
    with pytest.raises(sc.DeviceError, match="precision='fp32'"):
        list(runner.maps(numbered))


def test_torchs_own_thread_setting_is_left_alone(predictor):
    before = torch.get_num_threads()
    predictor(threads=3)
    assert torch.get_num_threads() == before


def test_torchs_thread_setting_survives_many_starts_at_once(predictor):
    from concurrent.futures import ThreadPoolExecutor

    before = torch.get_num_threads()
    with ThreadPoolExecutor(6) as callers:
        list(callers.map(predictor, [2] * 12))
        seen = set(callers.map(lambda _: torch.get_num_threads(), range(6)))
    assert (torch.get_num_threads(), seen) == (before, {before})


def test_each_batch_is_computed_with_one_thread(predictor, numbered):
    runner, seen = predictor(threads=2), []
    runner._network.forward = lambda tiles: seen.append(torch.get_num_threads()) or tiles.float()
    list(runner.maps(numbered))
    assert set(seen) == {1}
