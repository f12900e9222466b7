"""What `check` finds out about an installation that does not work. That one works: tests/cli."""

import json
import sys

import pytest

from cellprofiler_plugin.installation import install, try_out
from samcell_core.errors import SamcellError

NO_ENGINE = "#!/bin/sh\necho \"ModuleNotFoundError: No module named 'samcell_core'\" >&2\nexit 1\n"


@pytest.fixture(autouse=True)
def no_other_engine(home, monkeypatch):
    monkeypatch.delenv("SAMCELL_PYTHON", raising=False)


@pytest.fixture
def python(tmp_path):
    """A program that is no engine, but quickly so."""
    path = tmp_path / "python"
    path.write_text(NO_ENGINE)
    path.chmod(0o755)
    return path


@pytest.fixture
def plugins(plugins, python):
    install(plugins, python=str(python))
    return plugins


def test_nothing_installed_is_told(tmp_path):
    with pytest.raises(
        SamcellError, match=r"not installed in .*: samcell-cli cellprofiler install"
    ):
        try_out(tmp_path)


def test_a_python_without_the_engine_is_told(plugins, python):
    [problem] = try_out(plugins).problems
    assert str(python) in problem
    assert "the Python that SAMCell is installed in" in problem


def test_a_python_that_is_gone_is_told_even_where_another_would_do(plugins, python, monkeypatch):
    monkeypatch.setenv("SAMCELL_PYTHON", sys.executable)
    python.unlink()
    [problem] = try_out(plugins).problems
    assert problem == (
        f"{python}, the Python that the engine was installed with, is not there any more: "
        "samcell-cli cellprofiler install."
    )


def test_a_missing_file_is_told(plugins):
    (plugins / "samcell_module" / "sizes.py").unlink()
    assert any("samcell_module/sizes.py is missing" in each for each in try_out(plugins).problems)


def test_a_module_that_is_no_python_is_told(plugins):
    (plugins / "runsamcell.py").write_text("class RunSAMCell(\n")
    assert any("not a Python file any more" in each for each in try_out(plugins).problems)


def test_a_client_that_does_not_load_is_told(plugins):
    (plugins / "samcell_client" / "__init__.py").write_text("from .nowhere import Engine\n")
    [problem] = try_out(plugins).problems
    assert "samcell_client does not work (ModuleNotFoundError" in problem
    assert problem.endswith("samcell-cli cellprofiler install --overwrite.")


def test_the_client_is_the_installed_one(plugins):
    (plugins / "samcell_client" / "__init__.py").write_text("raise RuntimeError('it is me')\n")
    assert any("RuntimeError: it is me" in each for each in try_out(plugins).problems)


def test_a_changed_file_is_worth_a_note(plugins):
    path = plugins / "samcell_module" / "sizes.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    [note] = try_out(plugins).notes
    assert "samcell_module/sizes.py was changed" in note


def test_another_version_is_worth_a_note(plugins):
    path = plugins / "samcell_client" / "engine.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"0.', '"9.'), encoding="utf-8")
    assert any("The module is of 9." in each for each in try_out(plugins).notes)


def test_a_folder_that_has_become_wrong_is_told(plugins):
    (plugins / "setup.py").write_text("")
    assert any("source code of a project" in each for each in try_out(plugins).problems)


def test_a_file_that_is_no_plugin_is_worth_a_note(plugins):
    (plugins / "analyse.py").write_text("")
    assert any("analyse.py is not a plugin" in each for each in try_out(plugins).notes)


def test_another_folder_in_the_preferences_is_worth_a_note(plugins, home):
    (home / ".config").mkdir()
    (home / ".config" / "CellProfilerLocal.cfg").write_text("PluginDirectoryCP4=/data/others\n")
    assert any("name another folder of plugins, /data/others" in n for n in try_out(plugins).notes)


def test_a_trial_leaves_nothing_loaded(plugins):
    before = set(sys.modules)
    try_out(plugins)
    assert [name for name in set(sys.modules) - before if "samcell_client" in name] == []


def test_the_record_is_not_changed(plugins, python):
    try_out(plugins)
    path = plugins / "samcell_client" / "engine.json"
    assert json.loads(path.read_text(encoding="utf-8"))["python"] == str(python)
