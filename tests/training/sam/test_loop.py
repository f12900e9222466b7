"""How a run of the SAM-based network goes, ends, and what it refuses."""

import csv
import errno
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from torch.nn import functional

import samcell_core as sc
from samcell_core.training.sam import SamTrainingSettings, new_network, train_sam
from samcell_core.training.sam.crops import validation_batch
from samcell_core.training.sam.learner import SamLearner


@pytest.fixture
def start(example, tiny_sam, tmp_path):
    """Train shortly in a folder."""

    def run(settings, training=None, validation=None, **options):
        options = {"shape": tiny_sam, "device": "cpu", **options}
        training = (
            {"discs": [example(n, f"discs/{n}") for n in range(3)]}
            if training is None
            else training
        )
        validation = {"discs": [example(9, "discs/9")]} if validation is None else validation
        return train_sam(training, validation, tmp_path / "run", settings, **options)

    return run


def header(path):
    with safe_open(path, framework="pt") as file:
        return json.loads(file.metadata()["samcell"])


def history(folder):
    with (folder / "history.csv").open(encoding="utf-8", newline="") as stream:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(stream)]


def test_a_run_leaves_what_it_promises(start, short, tmp_path):
    start(short())
    left = {path.relative_to(tmp_path / "run").as_posix() for path in tmp_path.rglob("*.*")}
    assert left == {
        "best.safetensors",
        "state.safetensors",
        "history.csv",
        "curves.png",
        "samples/discs.png",
    }


def test_the_checkpoint_segments(start, short):
    with sc.Segmenter(start(short()).best, device="cpu", precision="fp32") as segmenter:
        assert segmenter.segment(np.zeros((70, 90), np.uint8)).labels.shape == (70, 90)


def test_the_checkpoint_takes_tiles_of_the_size_it_was_trained_on(start, short):
    assert sc.load_model(start(short()).best).tile == 128


def test_the_checkpoint_says_how_it_was_trained(start, short):
    settings = short(trained="lora", lora_targets=["qkv"])
    said = header(start(settings, name="mine", licence="CC0").best)
    assert (said["name"], said["licence"], said["peak"], said["fill"]) == (
        "mine",
        "CC0",
        0.47,
        0.09,
    )
    assert SamTrainingSettings.from_dict(said["training"]["settings"]) == settings


def test_the_checkpoint_says_how_good_it_is(start, short):
    result = start(short())
    said = header(result.best)["training"]
    assert (said["epoch"], said["validation loss"]) == (result.epoch, result.loss)
    assert said["scores"] == dict(result.validation.by_set)


def test_the_best_is_that_of_the_lowest_validation_loss(start, short, tmp_path):
    result = start(short(epochs=4))
    losses = [row["validation_loss"] for row in history(tmp_path / "run")]
    assert (result.loss, result.epoch) == (min(losses), losses.index(min(losses)) + 1)


def test_the_checkpoint_gives_the_loss_it_was_kept_for(start, short, example):
    settings = short(trained="lora and decoder")
    result = start(settings)
    crops = validation_batch([example(9, "discs/9")], settings, 0)
    with torch.inference_mode():
        maps = sc.load_model(result.best).network(crops.image)
    assert float(functional.mse_loss(maps, crops.distance)) == pytest.approx(result.loss, rel=1e-4)


def test_the_end_is_told_in_a_line(start, short):
    result = start(short())
    assert str(result) == (
        f"best at epoch {result.epoch}, validation {result.loss:.4f}, all epochs done"
    )


def test_a_run_without_gain_ends_by_patience(start, short):
    result = start(short(epochs=20, patience=2, least_gain=0.9))
    assert (result.reason, result.epochs) == ("stopped by patience", 3)


def test_each_update_is_reported(start, short):
    reports = []
    start(short(), report=reports.append)
    assert [(each.step, each.steps, each.epoch, each.epochs) for each in reports] == [
        (1, 6, 1, 3),
        (2, 6, 1, 3),
        (3, 6, 2, 3),
        (4, 6, 2, 3),
        (5, 6, 3, 3),
        (6, 6, 3, 3),
    ]


def test_losses_are_reported_at_the_end_of_an_epoch(start, short):
    reports = []
    start(short(), report=reports.append)
    assert [each.row.epoch if each.row else None for each in reports] == [None, 1, None, 2, None, 3]


def test_whole_images_are_scored_as_often_as_asked(start, short):
    reports = []
    start(short(score_every=2), report=reports.append)
    assert [each.epoch for each in reports if each.validation is not None] == [2]


def test_the_score_in_the_history_is_that_of_the_checkpoint(start, short, tmp_path):
    result = start(short(score_every=1))
    row = history(tmp_path / "run")[result.epoch - 1]
    assert row["score"] == result.validation.score


def test_a_warm_up_longer_than_the_run_is_pointed_out(start, short):
    reports = []
    start(short(warm_up=250), report=reports.append)
    assert [("lower warm_up" in "".join(each.notes)) for each in reports] == [True] + [False] * 5


def test_a_set_that_is_only_validated_on_counts(start, short, example):
    sets = {"discs": [example(9, "discs/9")], "others": [example(8, "others/8")]}
    assert set(start(short(), validation=sets).validation.by_set) == {"discs", "others"}


def test_a_run_starts_from_a_checkpoint(start, short, tiny_sam, tmp_path):
    first = start(short()).best
    kept = first.rename(tmp_path / "first.safetensors")
    for path in (tmp_path / "run").glob("*.*"):
        path.unlink()
    again = start(short(epochs=1, learning_rate=0.0), start=kept, shape=None)
    one, other = (sc.load_model(path).network.state_dict() for path in (kept, again.best))
    assert all(torch.equal(tensor, other[name]) for name, tensor in one.items())


def test_training_leaves_the_random_numbers_of_others_alone(start, short):
    before = torch.get_rng_state()
    start(short(trained="lora"))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ({"training": {}}, "no image to train on"),
        ({"training": {"discs": []}}, "no image to train on"),
        ({"validation": {}}, "no image to validate on"),
    ],
)
def test_a_run_without_images_is_refused(start, short, sets, message):
    with pytest.raises(sc.TrainingError, match=message):
        start(short(), **sets)


def test_a_device_that_is_not_known_is_refused(start, short):
    with pytest.raises(sc.SettingsError, match="device='cuda:0,cuda:1' is not known"):
        start(short(), device="cuda:0,cuda:1")


def test_weights_that_are_no_numbers_end_the_run_by_naming_the_images(start, short, tiny_sam):
    network = new_network(tiny_sam, tile=128)
    torch.nn.init.constant_(network.image_encoder.neck[3].bias, float("nan"))
    with pytest.raises(
        sc.TrainingError, match=r"The loss was nan at update 1, with crops of discs/"
    ):
        start(short(), start=network)


def test_a_validation_loss_that_is_no_number_ends_the_run(start, short, monkeypatch):
    monkeypatch.setattr(SamLearner, "loss", lambda *_: float("nan"))
    with pytest.raises(sc.TrainingError, match="validation loss was nan after epoch 1: lower"):
        start(short())


def test_a_folder_that_cannot_be_made_is_named(start, short, tmp_path):
    (tmp_path / "run").touch()
    with pytest.raises(sc.TrainingError, match=r"run cannot be used for the run"):
        start(short())


def test_a_folder_that_may_not_be_written_to_is_named(start, short, monkeypatch):
    def refused(self, target):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "replace", refused)
    message = r"state.safetensors could not be written \(Read-only file system\)"
    with pytest.raises(sc.TrainingError, match=message):
        start(short())


def test_a_network_larger_than_the_memory_is_refused_before_it_is_trained(
    start, short, monkeypatch
):
    monkeypatch.setattr("samcell_core.training.trial.memory_size", lambda: 1e5)
    with pytest.raises(
        sc.TrainingError, match=r"at least .* GB, .*: set trained='lora and decoder'"
    ):
        start(short())
