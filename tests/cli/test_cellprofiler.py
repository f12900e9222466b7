"""``samcell-cli cellprofiler``: what it says, its exit codes, and once all of it for real."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

PROGRAM = Path(sysconfig.get_path("scripts")) / "samcell-cli"

pytestmark = pytest.mark.usefixtures("home")


def prefer(home, folder):
    (home / ".config").mkdir()
    (home / ".config" / "CellProfilerLocal.cfg").write_text(
        f"PluginDirectoryCP4={folder}\n", encoding="utf-8"
    )


def test_install_says_where_and_what_next(invoke, plugins):
    said = invoke("cellprofiler", "install", plugins).stdout
    for what in (
        f"is installed in {plugins}",
        f"Engine: {sys.executable}",
        f'1. in CellProfiler\'s Preferences, set "CellProfiler plugins directory" to {plugins}',
        "2. restart CellProfiler",
        "Edit > Add Module > Object Processing > RunSAMCell",
        f'samcell-cli cellprofiler check "{plugins}"',
    ):
        assert what in said


def test_the_folder_of_the_preferences_need_not_be_set(invoke, home, plugins):
    prefer(home, plugins)
    said = invoke("cellprofiler", "install").stdout
    assert "1. restart CellProfiler" in said
    assert "Preferences" not in said


def test_install_again_says_so(invoke, plugins):
    invoke("cellprofiler", "install", plugins)
    assert "is installed already" in invoke("cellprofiler", "install", plugins).stdout


def test_an_update_is_told_with_both_versions_and_engines(invoke, plugins):
    invoke("cellprofiler", "install", plugins)
    path = plugins / "samcell_client" / "engine.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    values.update(version="0.0.1", python="/old/python")
    (plugins / "samcell_module" / "sizes.py").unlink()
    path.write_text(json.dumps(values), encoding="utf-8")
    said = invoke("cellprofiler", "install", plugins).stdout
    assert "(was 0.0.1) is brought up to date" in said
    assert "(was /old/python)" in said


def test_a_wrong_folder_is_an_error(invoke, plugins):
    (plugins / "pyproject.toml").write_text("")
    result = invoke("cellprofiler", "install", plugins)
    assert result.exit_code == 1
    assert "cannot be CellProfiler's folder of plugins" in result.stderr


def test_overwrite_replaces_what_is_not_ours(invoke, plugins):
    (plugins / "runsamcell.py").write_text("class RunSAMCell: pass\n")
    assert invoke("cellprofiler", "install", plugins).exit_code == 1
    assert invoke("cellprofiler", "install", plugins, "--overwrite").exit_code == 0


def test_uninstall_says_what_it_keeps(invoke, plugins):
    invoke("cellprofiler", "install", plugins)
    (plugins / "runsamcell.py").write_text("mine = 1\n")
    result = invoke("cellprofiler", "uninstall", plugins)
    assert f"is removed from {plugins}" in result.stdout
    assert "runsamcell.py was changed after it had been installed, and is kept" in result.stderr


def test_check_fails_where_the_engine_is_gone(invoke, plugins):
    invoke("cellprofiler", "install", plugins)
    path = plugins / "samcell_client" / "engine.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**values, "python": "/gone/python"}), encoding="utf-8")
    result = invoke("cellprofiler", "check", plugins)
    assert result.exit_code == 1
    assert "/gone/python" in result.stderr
    assert "samcell-cli cellprofiler install" in result.stderr
    assert "Everything works" not in result.stdout


def test_all_of_it_works_as_a_program_of_its_own(plugins, home):
    prefer(home, plugins)
    said = {}
    for name in ("install", "check", "uninstall"):
        command = [PROGRAM, "cellprofiler", name]
        said[name] = subprocess.run(
            command, capture_output=True, encoding="utf-8", check=True, env=os.environ
        ).stdout
    lines = dict(line.split(maxsplit=1) for line in said["check"].splitlines())
    assert lines["module"].endswith(str(plugins))
    assert sys.executable in lines["engine"]
    assert lines["model"].startswith("samcell-lite on ")
    assert "38 cells drawn: " in lines["image"]
    assert "Everything works." in said["check"]
    assert list(plugins.iterdir()) == []
