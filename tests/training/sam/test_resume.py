"""A run of the SAM-based network that was interrupted ends as one that was not."""

import errno

import pytest
from interrupted_runs import Killed, check_equal, history, stop_at

import samcell_core as sc
from samcell_core.training.sam import SamcellShape, SamTrainingSettings, train_sam


@pytest.fixture(scope="module")
def settings(short):
    return short(trained="lora and decoder", patience=2, epochs=3)


@pytest.fixture(scope="module")
def start(example, tiny_sam, settings):
    """Train, or go on, in a folder."""
    training = {"discs": [example(seed, f"discs/{seed}") for seed in range(3)]}
    validation = {"discs": [example(9, "discs/9")]}

    def run(folder, changes=None, **options):
        chosen = SamTrainingSettings.from_dict({**settings.to_dict(), **(changes or {})})
        options = {"shape": tiny_sam, "name": "resumed", "device": "cpu", **options}
        return train_sam(training, validation, folder, chosen, **options)

    return run


@pytest.fixture(scope="module")
def uninterrupted(start, tmp_path_factory):
    """The folder of a run that was never stopped."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    start(folder)
    return folder


def test_the_best_of_that_run_comes_after_the_first_epoch(uninterrupted):
    losses = [float(row["validation_loss"]) for row in history(uninterrupted)]
    assert losses[1] < losses[0]  # else the tests below would prove nothing of the second


def test_the_same_run_twice_ends_the_same(start, uninterrupted, tmp_path):
    start(tmp_path)
    check_equal(tmp_path, uninterrupted)


@pytest.mark.parametrize("step", [1, 2, 5, 6])
def test_stopped_after_an_update_it_ends_as_if_it_was_not(start, uninterrupted, tmp_path, step):
    with pytest.raises(Killed):
        start(tmp_path, report=stop_at(step))
    start(tmp_path)
    check_equal(tmp_path, uninterrupted)


@pytest.mark.parametrize(
    ("name", "number", "place"),
    [
        ("state.safetensors", 1, "before"),
        ("best.safetensors", 1, "after"),
        ("best.safetensors", 2, "before"),
        ("history.csv", 2, "after"),
        ("state.safetensors", 3, "before"),
        ("best.safetensors", 4, "after"),
    ],
)
def test_killed_while_saving_it_ends_as_if_it_was_not(
    start, uninterrupted, tmp_path, replacing, monkeypatch, name, number, place
):
    replacing(name, number, **{place: Killed()})
    with pytest.raises(Killed):
        start(tmp_path)
    monkeypatch.undo()
    start(tmp_path)
    check_equal(tmp_path, uninterrupted)


def test_with_the_disk_full_the_last_good_checkpoint_stays_whole(
    start, uninterrupted, tmp_path, monkeypatch
):
    with pytest.raises(Killed):
        start(tmp_path, report=stop_at(2))
    kept = [path.read_bytes() for path in sorted(tmp_path.glob("*.safetensors"))]

    def full(file):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(sc.TrainingError, match=r"No space left.*still whole"):
            start(tmp_path)
    assert [path.read_bytes() for path in sorted(tmp_path.glob("*.safetensors"))] == kept
    start(tmp_path)
    check_equal(tmp_path, uninterrupted)


def test_a_finished_run_returns_at_once(start, uninterrupted):
    before = {path: path.stat().st_mtime_ns for path in uninterrupted.iterdir()}
    steps = []
    start(uninterrupted, report=steps.append)
    assert (steps, {path: path.stat().st_mtime_ns for path in uninterrupted.iterdir()}) == (
        [],
        before,
    )


def test_a_finished_run_returns_what_it_did_before(start, tmp_path):
    assert start(tmp_path) == start(tmp_path)


def test_a_run_may_go_on_with_less_memory(start, tmp_path):
    with pytest.raises(Killed):
        start(tmp_path, report=stop_at(3))
    result = start(tmp_path, {"at_once": 1, "checkpointing": False})
    assert result.epochs == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learning_rate": 0.01, "seed": 4}, "values of learning_rate, seed:"),
        ({"trained": "all"}, "values of trained:"),
        ({"epochs": 9}, "values of epochs:"),
    ],
)
def test_another_run_in_the_folder_is_refused_and_what_differs_named(
    start, uninterrupted, changes, message
):
    with pytest.raises(sc.TrainingError, match=message):
        start(uninterrupted, changes)


def test_a_run_of_another_network_in_the_folder_is_refused(start, uninterrupted, tiny_sam):
    other = SamcellShape(**{**tiny_sam.__dict__, "depth": 1, "global_blocks": (0,)})
    with pytest.raises(sc.TrainingError, match="values of network:"):
        start(uninterrupted, shape=other)


def test_a_best_network_that_was_replaced_is_refused(start, tmp_path):
    with pytest.raises(Killed):
        start(tmp_path, report=stop_at(6))
    (tmp_path / "best.safetensors").write_bytes(b"other")
    with pytest.raises(sc.TrainingError, match=r"best.safetensors was replaced"):
        start(tmp_path)
