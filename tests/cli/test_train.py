"""``samcell-cli train``: the training core, called with the same options."""

import re

import pytest

from samcell_cli.train import command
from samcell_core.datasets import KINDS
from samcell_core.training import __main__ as training
from samcell_core.training.recipe import NETWORKS


@pytest.fixture
def given(monkeypatch):
    """What the training core is called with."""
    calls = []
    monkeypatch.setattr(training, "main", lambda arguments: calls.append(arguments) or 0)
    return calls


def test_the_options_are_those_of_the_training_core(capsys):
    with pytest.raises(SystemExit):
        training.main(["--help"])
    theirs = set(re.findall(r"--[a-z-]+", capsys.readouterr().out.split("examples:")[0]))
    ours = {name for option in command.params for name in option.opts if name.startswith("--")}
    assert ours == theirs - {"--help"}


def test_options_reach_the_training_core(invoke, given, tmp_path):
    invoke(
        *("train", tmp_path, "-o", tmp_path / "run", "--steps", "5", "--seed", "3"),
        *("--images", "{name}.tif", "--labels", "-{name}.tif"),
        *("--left-out", "one", "--left-out", "two"),
    )
    assert sorted(given[0][1:]) == [
        "--images={name}.tif",
        "--labels=-{name}.tif",
        "--left-out=one",
        "--left-out=two",
        f"--out={tmp_path / 'run'}",
        "--seed=3",
        "--steps=5",
    ]


def test_switches_reach_the_training_core(invoke, given, tmp_path):
    invoke("train", tmp_path, "--dry-run", "--skip-unlabelled", "-q")
    assert sorted(given[0][1:]) == ["--dry-run", "--quiet", "--skip-unlabelled"]


def test_the_kinds_are_those_of_the_data_sets():
    (kind,) = (option for option in command.params if option.name == "kind")
    assert tuple(kind.type.choices) == KINDS


def test_the_networks_are_those_of_the_recipes():
    (network,) = (option for option in command.params if option.name == "network")
    assert tuple(network.type.choices) == NETWORKS


def test_what_is_not_given_is_left_to_the_training_core(invoke, given, tmp_path):
    invoke("train", tmp_path, "-o", tmp_path / "run")
    assert given == [[str(tmp_path), f"--out={tmp_path / 'run'}"]]


def test_its_exit_code_is_ours(invoke, monkeypatch, tmp_path):
    monkeypatch.setattr(training, "main", lambda _: 130)
    assert invoke("train", tmp_path, "-o", tmp_path / "run").exit_code == 130


def test_a_folder_without_images_is_an_error_in_one_sentence(invoke, tmp_path):
    result = invoke("train", tmp_path, "-o", tmp_path / "run")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


def test_one_pattern_without_the_other_is_refused(invoke, tmp_path):
    assert invoke("train", tmp_path, "-o", tmp_path / "run", "--images", "x").exit_code == 2
