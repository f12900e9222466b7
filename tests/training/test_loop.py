"""How a run goes, ends, and what it refuses."""

import json

import numpy as np
import pytest
import torch
from safetensors import safe_open

import samcell_core as sc
from samcell_core.models.lite import LiteNetwork, LiteShape
from samcell_core.models.loading import read_lite
from samcell_core.training import TrainingSettings, make_example, train


@pytest.fixture
def start(example, tiny_lite, tmp_path):
    """Train shortly in a folder."""

    def run(settings, training=None, validation=None, **options):
        options = {"shape": tiny_lite, **options}
        training = {"discs": [example(1, "discs/1.png")]} if training is None else training
        validation = {"discs": [example(9, "discs/9.png")]} if validation is None else validation
        return train(training, validation, tmp_path / "run", settings, **options)

    return run


def header(path):
    with safe_open(path, framework="pt") as file:
        return json.loads(file.metadata()["samcell"])


def test_a_run_leaves_what_it_promises(start, quick, tmp_path):
    start(quick())
    left = {path.relative_to(tmp_path / "run").as_posix() for path in tmp_path.rglob("*.*")}
    assert left == {
        "best.safetensors",
        "state.safetensors",
        "history.csv",
        "curves.png",
        "samples/discs.png",
    }


def test_the_checkpoint_segments(start, quick):
    model = sc.load_model(start(quick()).best)
    with sc.Segmenter(model, device="cpu", precision="fp32") as segmenter:
        assert segmenter.segment(np.zeros((70, 90), np.uint8)).labels.shape == (70, 90)


def test_the_checkpoint_says_how_it_was_trained(start, quick):
    said = header(start(quick(), name="mine", licence="CC0").best)
    assert (said["name"], said["licence"]) == ("mine", "CC0")
    assert TrainingSettings.from_dict(said["training"]["settings"]) == quick()


def test_the_checkpoint_says_how_good_it_is(start, quick):
    result = start(quick())
    said = header(result.best)["training"]
    assert (said["step"], said["scores"]["discs"]) == (result.best_step, result.score)


def test_a_checkpoint_without_a_name_has_that_of_the_folder(start, quick):
    assert header(start(quick()).best)["name"] == "run"


def test_every_step_is_reported(start, quick):
    reports = []
    start(quick(), report=reports.append)
    assert [report.step for report in reports] == [1, 2, 3, 4, 5, 6]


def test_validations_are_reported_with_the_steps(start, quick):
    reports = []
    start(quick(validate_every=4), report=reports.append)
    assert [report.step for report in reports if report.validation is not None] == [4, 6]


def test_a_run_ends_when_all_steps_are_done(start, quick):
    assert start(quick()).reason == "all steps done"


def test_a_run_without_gain_ends_by_patience(start, quick):
    reports = []
    result = start(quick(steps=20, patience=2, least_gain=0.99), report=reports.append)
    assert (reports[-1].step, "patience" in result.reason) == (6, True)


def test_a_run_ended_by_patience_returns_at_once(start, quick):
    settings = quick(steps=20, patience=1, least_gain=0.99)
    first, reports = start(settings), []
    assert (start(settings, report=reports.append), reports) == (first, [])


def test_a_network_that_finds_nothing_is_validated(start, quick):
    assert start(quick(steps=2, learning_rate=0.0)).score >= 0


def test_a_set_that_is_only_validated_on_counts(start, quick, example):
    reports = []
    sets = {"discs": [example(9, "discs/9.png")], "others": [example(8, "others/8.png")]}
    start(quick(), validation=sets, report=reports.append)
    assert set(reports[-1].validation.by_set) == {"discs", "others"}


def test_a_validation_of_sets_that_are_never_drawn_works(start, quick, example):
    sets = {"others": [example(8, "others/8.png")]}
    settings = quick(weights={"others": 0.0})
    assert start(settings, validation=sets).reason == "all steps done"


def test_a_set_with_an_odd_name_has_a_sample(start, quick, example, tmp_path):
    start(quick(), validation={"a/b:c": [example(8, "a/b:c/8.png")]})
    assert (tmp_path / "run" / "samples" / "a%2Fb%3Ac.png").exists()


def test_mixed_precision_trains(start, quick):
    assert start(quick(precision="bf16")).reason == "all steps done"


def test_training_leaves_the_random_numbers_of_others_alone(start, quick):
    before = torch.get_rng_state()
    start(quick())
    assert torch.equal(torch.get_rng_state(), before)


def test_a_network_to_start_from_is_left_as_it_is(start, quick, tiny_lite):
    network = LiteNetwork(tiny_lite)
    before = {name: each.clone() for name, each in network.state_dict().items()}
    start(quick(), start=network)
    assert all(torch.equal(each, before[name]) for name, each in network.state_dict().items())


def test_a_network_is_trained_on_from_where_it_was(start, quick, tiny_lite):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = LiteNetwork(tiny_lite)
    result = start(quick(steps=1, learning_rate=0.0), start=network, shape=None)
    trained, _ = read_lite(result.best)
    weights = zip(network.parameters(), trained.parameters(), strict=True)
    assert all(torch.allclose(one, other) for one, other in weights)


def test_a_network_of_another_shape_than_asked_for_is_refused(start, quick):
    other = LiteNetwork(LiteShape((8, 8, 8, 8), (0, 0, 0, 0)))
    with pytest.raises(sc.TrainingError, match=r"to start from has .*8, 8, 8, 8"):
        start(quick(), start=other)


def test_a_network_made_ready_for_running_is_refused(start, quick, tiny_lite):
    with pytest.raises(sc.TrainingError, match="take the one that read_lite gives"):
        start(quick(), start=LiteNetwork(tiny_lite).eval().folded())


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ({"training": {}}, "no image to train on"),
        ({"training": {"discs": []}}, "no image to train on"),
        ({"validation": {}}, "no image to validate on"),
    ],
)
def test_a_run_without_images_is_refused(start, quick, sets, message):
    with pytest.raises(sc.TrainingError, match=message):
        start(quick(), **sets)


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({"weights": {"dics": 2.0}}, {}, "weights has a set 'dics', and there are discs"),
        ({"weights": {"discs": 0.0}}, {}, "weight of 0"),
        ({"crop": 96}, {"shape": LiteShape((8,) * 6, (0,) * 6)}, "multiple of 64"),
        ({"batch": 1}, {"shape": LiteShape((8,) * 6, (0,) * 6)}, "larger multiple of 64"),
        ({}, {"shape": LiteShape((8, 8), (0, 0))}, "is no network"),
        ({}, {"device": "tpu"}, "device='tpu'"),
    ],
)
def test_settings_that_do_not_fit_are_refused(start, quick, changes, options, message):
    with pytest.raises(sc.SettingsError, match=message):
        start(quick(**changes), **options)


def test_a_loss_that_is_no_number_names_the_images(start, quick, tiny_lite):
    network = LiteNetwork(tiny_lite)
    torch.nn.init.constant_(network.to_distance.bias, float("nan"))
    message = r"The loss was nan at step 1, with crops of discs/1\.png: look at"
    with pytest.raises(sc.TrainingError, match=message):
        start(quick(), start=network)


def test_a_slope_that_is_no_number_names_the_images(start, quick, tiny_lite):
    network = LiteNetwork(tiny_lite)
    with torch.no_grad():
        network.stem.convolve.weight.mul_(1e25)
    message = r"The slope of the loss was nan at step 1, with crops of discs/1\.png: look at"
    with pytest.raises(sc.TrainingError, match=message):
        start(quick(), start=network)


def test_a_network_that_is_no_number_when_validated_says_so(start, quick, tiny_lite):
    network = LiteNetwork(tiny_lite)
    network.stem.norm.running_mean.fill_(float("nan"))
    with pytest.raises(sc.TrainingError, match="no numbers at step 2"):
        start(quick(), start=network)


def test_a_folder_that_cannot_be_made_is_named(example, quick, tiny_lite, tmp_path):
    (tmp_path / "file").touch()
    images = {"discs": [example()]}
    with pytest.raises(sc.TrainingError, match=r"file.*cannot be used for the run"):
        train(images, images, tmp_path / "file", quick(), shape=tiny_lite)


def test_an_image_of_one_cell_without_background_trains(start, quick):
    grey = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    full = make_example(grey, np.ones((64, 64), int), name="full/1", set_name="full")
    assert start(quick(), training={"full": [full]}).reason == "all steps done"


def test_an_image_of_one_pixel_cells_trains(start, quick):
    labels = np.zeros((64, 64), int)
    labels[::8, ::8] = np.arange(1, 65).reshape(8, 8)
    dots = make_example(labels.astype(np.uint8), labels, name="dots/1", set_name="dots")
    assert start(quick(), training={"dots": [dots]}).reason == "all steps done"
