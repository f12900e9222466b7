"""The check-up finds what is broken, and says what to do about it."""

import importlib
import re
import shutil
from types import SimpleNamespace

import pytest
import torch

from samcell_core.checkup import BROKEN, NOTE, OK, check_up
from samcell_core.checkup.installation import (
    check_formats,
    check_packages,
    check_python,
    check_torch,
)
from samcell_core.checkup.network import check_device, check_model, check_speed
from samcell_core.checkup.programs import find_imagej
from samcell_core.checkup.storage import check_cache, check_memory
from samcell_core.checkup.surroundings import check_variables


@pytest.fixture
def without(monkeypatch):
    """Let a package fail to be imported."""

    def remove(name):
        real = importlib.import_module

        def import_module(wanted, *others):
            if wanted == name:
                raise OSError("a library of the system\nis missing")
            return real(wanted, *others)

        monkeypatch.setattr(importlib, "import_module", import_module)

    return remove


def test_a_whole_installation_has_nothing_broken(tiny_checkpoint):
    findings = list(check_up(model=str(tiny_checkpoint), device="cpu", seconds=0))
    assert [finding for finding in findings if finding.status == BROKEN] == []


def test_everything_that_is_not_well_comes_with_advice(tiny_checkpoint):
    findings = check_up(model=str(tiny_checkpoint), device="cpu", seconds=0)
    assert [each for each in findings if each.status == NOTE and not each.advice] == []


def test_an_old_python_is_broken():
    assert check_python((3, 9)).status == BROKEN


def test_a_python_that_is_not_tested_is_a_note():
    assert check_python((3, 99)).status == NOTE


def test_a_package_that_cannot_be_imported_is_broken_with_its_reason_in_a_line(without):
    without("imagecodecs")
    broken = [finding for finding in check_packages() if finding.status == BROKEN]
    assert [finding.found for finding in broken] == [
        "cannot be imported: a library of the system is missing"
    ]


def test_without_torch_the_other_checks_go_on(without):
    without("torch")
    subjects = {finding.subject: finding.status for finding in check_up()}
    assert subjects["PyTorch"] == BROKEN
    assert "memory" in subjects
    assert "device" not in subjects


def test_an_nvidia_driver_that_torch_does_not_use_is_a_note(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(torch.version, "cuda", None)
    finding = check_torch()
    assert finding.status == NOTE
    assert "build with CUDA" in finding.advice


def test_a_device_that_is_not_there_is_broken(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert check_device("cuda", "auto").status == BROKEN


def test_the_device_and_precision_that_would_be_chosen_are_told():
    assert re.fullmatch(r"cpu, \d+ cores, fp32", check_device("cpu", "fp32").found)


def test_a_model_that_is_not_there_is_broken_and_nothing_is_downloaded(tmp_path, monkeypatch):
    monkeypatch.setenv("SAMCELL_HOME", str(tmp_path))
    finding = check_model("samcell-generalist")
    assert finding.status == BROKEN
    assert finding.advice == "samcell-cli models download samcell-generalist"
    assert list(tmp_path.iterdir()) == []


def test_a_misspelt_model_is_broken_with_the_nearest_one():
    assert "'samcell-generalist'" in check_model("samcell-generalst").found


def test_the_speed_is_measured(tiny_checkpoint):
    finding = check_speed(
        str(tiny_checkpoint), device="cpu", precision="fp32", threads=1, seconds=0.2
    )
    assert finding.status == OK
    assert float(finding.found.split()[0]) > 0


def test_a_model_that_cannot_be_read_has_no_speed(tmp_path):
    (tmp_path / "damaged.pt").write_bytes(b"nothing")
    finding = check_speed(
        str(tmp_path / "damaged.pt"), device="cpu", precision="fp32", threads=1, seconds=0.2
    )
    assert finding.status == BROKEN


def test_little_memory_is_a_note(monkeypatch):
    monkeypatch.setattr("samcell_core.checkup.storage.memory_size", lambda: 2e9)
    assert check_memory().status == NOTE


def test_little_disk_is_a_note(monkeypatch, tmp_path):
    monkeypatch.setenv("SAMCELL_HOME", str(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1e9))
    *_, disk = check_cache()
    assert (disk.status, disk.found) == (NOTE, "1.0 GB where models lie")


def test_a_folder_of_models_that_cannot_be_written_is_a_note(monkeypatch, tmp_path):
    monkeypatch.setenv("SAMCELL_HOME", str(tmp_path))
    monkeypatch.setattr("os.access", lambda *_: False)
    (finding,) = check_cache()
    assert finding.status == NOTE
    assert "SAMCELL_HOME" in finding.advice


def test_formats_that_are_not_there_name_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "samcell-suite[formats]" in check_formats().advice


def test_fiji_is_found_in_the_folder_of_the_user(monkeypatch, tmp_path):
    (tmp_path / "Downloads" / "Fiji.app" / "jars").mkdir(parents=True)
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path)
    assert find_imagej() == str(tmp_path / "Downloads" / "Fiji.app")


def test_a_misspelt_variable_is_a_note_with_the_nearest_one(monkeypatch):
    monkeypatch.setenv("SAMCELL_HOMES", "/x")
    (finding,) = (
        each for each in check_variables({"SAMCELL_HOME": ""}) if each.subject == "SAMCELL_HOMES"
    )
    assert (finding.status, finding.advice) == (NOTE, "did you mean SAMCELL_HOME?")
