"""``samcell-cli doctor``: what is there, what is not, and what to do."""

import importlib
import json

import pytest

from samcell_cli.doctor import VARIABLES


@pytest.fixture
def checkpoint(tmp_path):
    """A file in place of a checkpoint; the tests' model is read from it."""
    path = tmp_path / "model.pt"
    path.touch()
    return path


@pytest.fixture
def doctor(invoke, checkpoint):
    def call(*options):
        return invoke("doctor", "--model", checkpoint, "--device", "cpu", *options)

    return call


def test_a_whole_installation_is_well(doctor):
    result = doctor("--seconds", "0.1")
    assert result.exit_code == 0
    assert result.stdout.endswith("Everything that is needed works.\n")
    assert "tiles/s" in result.stdout


def test_findings_are_there_for_programs(doctor):
    findings = json.loads(doctor("--seconds", "0", "--json").stdout)
    assert {"subject", "status", "found", "advice"} == set(findings[0])
    assert "speed" not in {finding["subject"] for finding in findings}


def test_what_is_broken_is_the_exit_code(doctor, monkeypatch):
    real = importlib.import_module

    def import_module(name, *others):
        if name == "imagecodecs":
            raise ImportError("no such file")
        return real(name, *others)

    monkeypatch.setattr(importlib, "import_module", import_module)
    result = doctor("--seconds", "0")
    assert result.exit_code == 1
    assert result.stdout.endswith("Broken: imagecodecs.\n")


def test_a_model_that_does_not_exist_is_broken(invoke):
    result = invoke("doctor", "--model", "nonsense", "--device", "cpu", "--seconds", "0")
    assert result.exit_code == 1
    assert "There is no model, file or folder 'nonsense'" in result.stdout


def test_variables_that_are_set_are_told(doctor, monkeypatch):
    monkeypatch.setenv("SAMCELL_OFFLINE", "1")
    assert "SAMCELL_OFFLINE" in doctor("--seconds", "0").stdout


def test_the_variables_are_those_that_the_list_of_commands_explains(invoke):
    text = invoke("--help").stdout
    for name, meaning in VARIABLES.items():
        assert name in text
        assert meaning in text
