"""A run that was interrupted ends as one that was not."""

import errno
import os
from pathlib import Path

import pytest
from interrupted_runs import Killed, check_equal, history, stop_at

import samcell_core as sc
from samcell_core.models.loading import read_lite
from samcell_core.training import TrainingSettings, train

SETTINGS = TrainingSettings(
    steps=12,
    batch=2,
    crop=64,
    learning_rate=0.02,
    average=0.5,
    warm_up=2,
    usual=(15.0, 25.0),
    diameters=(15.0, 25.0),
    inversion=0.0,
    original=0.0,
    validate_every=4,
    seed=0,
)


@pytest.fixture(scope="module")
def start(example, tiny_lite):
    """Train, or go on, in a folder."""
    training = {"discs": [example(seed, f"discs/{seed}") for seed in range(3)]}
    validation = {"discs": [example(9, "discs/9")]}

    def run(folder, settings=SETTINGS, **options):
        options = {"shape": tiny_lite, "name": "resumed", **options}
        return train(training, validation, folder, settings, **options)

    return run


@pytest.fixture(scope="module")
def uninterrupted(start, tmp_path_factory):
    """The folder of a run that was never stopped."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    start(folder)
    return folder


def test_the_same_run_twice_ends_the_same(start, uninterrupted, tmp_path):
    start(tmp_path)
    check_equal(tmp_path, uninterrupted)


def test_the_best_of_that_run_comes_after_the_first_validation(uninterrupted):
    scores = [float(row["score"]) for row in history(uninterrupted)]
    assert scores[0] < scores[1]  # else the tests below would prove nothing of the second


@pytest.mark.parametrize("step", [1, 4, 6])
def test_stopped_after_a_step_it_ends_as_if_it_was_not(start, uninterrupted, tmp_path, step):
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
        ("best.safetensors", 2, "after"),
        ("history.csv", 2, "after"),
        ("state.safetensors", 3, "before"),
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


def test_half_a_file_that_a_kill_left_does_no_harm(start, uninterrupted, tmp_path):
    for name in ("best", "state"):
        (tmp_path / f".{name}.safetensors.part").write_bytes(b"half")
    start(tmp_path)
    check_equal(tmp_path, uninterrupted)
    assert not list(tmp_path.glob(".*.part"))


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


@pytest.mark.parametrize(("name", "number"), [("best.safetensors", 2), ("state.safetensors", 1)])
def test_with_the_disk_full_the_last_good_files_stay_whole(
    start, uninterrupted, tmp_path, monkeypatch, name, number
):
    original, seen = os.fsync, []
    kept = []

    def full(file):
        # The state is saved once before the first update.
        order = ["state", "best", "state", "best", "state"]
        seen.append(order[len(seen)] == name.partition(".")[0])
        if seen[-1] and sum(seen) == number + (name[0] == "s"):
            kept.extend(path.read_bytes() for path in sorted(tmp_path.glob("*.safetensors")))
            raise OSError(errno.ENOSPC, "No space left on device")
        original(file)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(sc.TrainingError, match=rf"{name} .*No space left.*still whole"):
            start(tmp_path)
    assert [path.read_bytes() for path in sorted(tmp_path.glob("*.safetensors"))] == kept
    assert not list(tmp_path.glob(".*.part"))
    start(tmp_path)
    check_equal(tmp_path, uninterrupted)


def test_a_file_locked_for_a_moment_is_waited_for(start, uninterrupted, tmp_path, monkeypatch):
    original, refusals = Path.replace, [PermissionError()] * 2

    def locked(self, target):
        if refusals and Path(target).name == "state.safetensors":
            raise refusals.pop()
        original(self, target)

    monkeypatch.setattr(Path, "replace", locked)
    monkeypatch.setattr("samcell_core.files._PATIENCE", 5.0)  # as on Windows
    start(tmp_path)
    check_equal(tmp_path, uninterrupted)


def test_a_locked_file_for_people_does_not_end_the_run(start, uninterrupted, tmp_path, replacing):
    replacing("history.csv", 2, before=PermissionError(errno.EACCES, "Permission denied"))
    start(tmp_path)
    check_equal(tmp_path, uninterrupted)


@pytest.mark.parametrize("name", ["history.csv", "curves.png", "discs.png"])
def test_a_locked_file_for_people_is_reported(start, tmp_path, replacing, name):
    replacing(name, 2, before=PermissionError(errno.EACCES, "Permission denied"))
    notes = []
    start(tmp_path, report=lambda said: notes.extend((said.step, note) for note in said.notes))
    assert [(step, name in note) for step, note in notes] == [(8, True)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"settings": {"learning_rate": 0.01, "seed": 4}}, "values of learning_rate, seed:"),
        ({"settings": {"steps": 16}}, "values of steps:"),
        ({"shape": sc.models.lite.LiteShape((8, 8, 12, 16), (0, 1, 1, 1))}, "values of network:"),
        ({"training": 3}, "values of training images:"),
        ({"validation": 8}, "values of validation images:"),
        ({"start": True}, "values of start:"),
    ],
)
def test_another_run_in_the_folder_is_refused_and_what_differs_named(
    uninterrupted, example, tiny_lite, changes, message
):
    settings = TrainingSettings.from_dict({**SETTINGS.to_dict(), **changes.get("settings", {})})
    count, seed = changes.get("training", 0), changes.get("validation", 9)
    training = {"discs": [example(each + count, f"discs/{each}") for each in range(3)]}
    validation = {"discs": [example(seed, "discs/9")]}
    start = read_lite(uninterrupted / "best.safetensors")[0] if "start" in changes else None
    with pytest.raises(sc.TrainingError, match=message):
        train(
            training,
            validation,
            uninterrupted,
            settings,
            shape=changes.get("shape", tiny_lite),
            start=start,
        )


def test_a_run_stopped_before_its_first_validation_may_be_changed(start, uninterrupted, tmp_path):
    other = TrainingSettings.from_dict({**SETTINGS.to_dict(), "seed": 4})
    with pytest.raises(Killed):
        start(tmp_path, other, report=stop_at(2))
    start(tmp_path)
    check_equal(tmp_path, uninterrupted)


def test_results_without_a_run_are_not_written_over(start, tmp_path):
    (tmp_path / "history.csv").write_text("mine")
    with pytest.raises(sc.TrainingError, match=r"holds history.csv, and no run that could go on"):
        start(tmp_path)


def test_a_run_whose_best_network_is_gone_is_refused(start, tmp_path):
    with pytest.raises(Killed):
        start(tmp_path, report=stop_at(6))
    (tmp_path / "best.safetensors").unlink()
    with pytest.raises(sc.TrainingError, match=r"best.safetensors is gone"):
        start(tmp_path)


@pytest.mark.parametrize("content", [b"", b"nonsense", "half", "checkpoint"])
def test_a_damaged_state_is_refused(start, uninterrupted, tmp_path, content):
    state = (uninterrupted / "state.safetensors").read_bytes()
    if content == "half":
        content = state[: len(state) // 2]
    if content == "checkpoint":
        content = (uninterrupted / "best.safetensors").read_bytes()
    (tmp_path / "state.safetensors").write_bytes(content)
    with pytest.raises(sc.TrainingError, match=r"state.safetensors is damaged, or no state"):
        start(tmp_path)
