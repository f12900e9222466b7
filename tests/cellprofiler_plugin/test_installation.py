"""RunSAMCell in a folder of plugins: what is put there, what is refused, what is taken out."""

import hashlib
import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

import samcell_core as sc
from cellprofiler_plugin import installation
from cellprofiler_plugin.installation import install, uninstall
from samcell_core.errors import SamcellError

SOURCE = Path(installation.__file__).parents[1]
PLUGIN = "class RunOther(Module):\n    module_name = 'RunOther'\n"

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def installed(plugins):
    install(plugins)
    return plugins


def files_in(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def engine_json(folder):
    return json.loads((folder / "samcell_client" / "engine.json").read_text(encoding="utf-8"))


def change_record(folder, **values):
    path = folder / "samcell_client" / "engine.json"
    path.write_text(json.dumps({**engine_json(folder), **values}), encoding="utf-8")


# What is put there


def test_the_module_and_its_sub_packages_are_copied_whole(installed):
    sources = [SOURCE / "runsamcell.py"]
    for name in ("samcell_client", "samcell_module"):
        sources += [path for path in (SOURCE / name).rglob("*") if path.suffix == ".py"]
    for path in sources:
        assert (installed / path.relative_to(SOURCE)).read_bytes() == path.read_bytes()


def test_nothing_else_is_put_there(installed):
    assert {path.name for path in installed.iterdir()} == {
        "runsamcell.py",
        "samcell_client",
        "samcell_module",
    }


def test_the_engine_is_the_python_that_installed_it(installed):
    values = engine_json(installed)
    assert (values["python"], values["version"]) == (sys.executable, sc.__version__)


def test_the_installed_client_finds_that_python(installed):
    code = "import samcell_client; print(*samcell_client.find_python(), sep='|')"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=installed, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == f"{sys.executable}|engine.json"


def test_cellprofiler_has_the_module_from_there(installed, cellprofiler_python, environment):
    code = (
        "import sys; from cellprofiler_core import preferences as p; p.set_headless();"
        "p.set_plugin_directory(sys.argv[1], globally=False); import cellprofiler_core.modules;"
        "from cellprofiler_core.utilities.core import modules as m;"
        "print('from', sys.modules[m.get_module_class('RunSAMCell').__module__].__file__,"
        "m.instantiate_module('RunSAMCell').category)"
    )
    said = subprocess.run(
        [cellprofiler_python, "-c", code, installed],
        env={**environment, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert f"from {installed / 'runsamcell.py'} Object Processing" in said.stdout


def test_other_plugins_stay(plugins):
    (plugins / "runother.py").write_text(PLUGIN)
    install(plugins)
    assert (plugins / "runother.py").read_text() == PLUGIN


def test_what_is_installed_already_is_not_written_again(installed):
    before = {
        name: (installed / name).stat().st_mtime_ns for name in engine_json(installed)["files"]
    }
    done = install(installed)
    after = {name: (installed / name).stat().st_mtime_ns for name in before}
    assert (done.written, after) == ([], before)


def test_an_older_one_is_brought_up_to_date(installed):
    path = installed / "samcell_module" / "sizes.py"
    path.write_bytes(b"old = 1\n")
    obsolete = installed / "samcell_module" / "gone.py"
    obsolete.write_bytes(b"old = 1\n")
    sha256 = hashlib.sha256(b"old = 1\n").hexdigest()
    files = engine_json(installed)["files"]
    names = ("samcell_module/sizes.py", "samcell_module/gone.py")
    change_record(installed, version="0.0.1", files={**files, **dict.fromkeys(names, sha256)})
    done = install(installed)
    assert (done.before.version, done.written) == ("0.0.1", ["samcell_module/sizes.py"])
    assert not obsolete.exists()
    assert "old = 1" not in path.read_text(encoding="utf-8")


def test_another_python_takes_over_the_engine(installed):
    done = install(installed, python="/opt/other/bin/python")
    assert (done.before.python, done.now.python) == (sys.executable, "/opt/other/bin/python")
    assert engine_json(installed)["python"] == "/opt/other/bin/python"


def test_a_module_of_somebody_else_is_not_replaced_unasked(plugins):
    mine = "class RunSAMCell(Module):\n    pass\n"
    (plugins / "runsamcell.py").write_text(mine)
    with pytest.raises(SamcellError, match=r"runsamcell\.py is not what .* --overwrite"):
        install(plugins)
    assert files_in(plugins) == {"runsamcell.py"}
    assert (plugins / "runsamcell.py").read_text() == mine


def test_it_is_replaced_on_demand(plugins):
    (plugins / "runsamcell.py").write_text("class RunSAMCell(Module):\n    pass\n")
    install(plugins, overwrite=True)
    assert "samcell_module" in (plugins / "runsamcell.py").read_text(encoding="utf-8")


def test_a_file_that_was_changed_by_hand_is_not_replaced_unasked(installed):
    path = installed / "samcell_client" / "finding.py"
    path.write_text("mine = 1\n")
    with pytest.raises(SamcellError, match=r"finding\.py .* was changed since"):
        install(installed)
    assert path.read_text() == "mine = 1\n"


def test_a_missing_file_is_put_back(installed):
    (installed / "samcell_client" / "frames.py").unlink()
    assert install(installed).written == ["samcell_client/frames.py"]


# Which folder


def test_the_folder_is_the_one_of_cellprofilers_preferences(home, plugins):
    (home / ".config").mkdir()
    (home / ".config" / "CellProfilerLocal.cfg").write_text(
        f"PluginDirectoryCP4={plugins}\n", encoding="utf-8"
    )
    done = install()
    assert (done.folder.path, done.folder.preferred) == (plugins, True)


def test_where_none_is_set_it_is_a_new_one_in_the_home_folder(home):
    done = install()
    assert done.folder.path == home / "CellProfiler" / "plugins"
    assert (done.folder.path / "runsamcell.py").is_file()


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SamcellError, match=r"There is no folder .*missing: make it"):
        install(tmp_path / "missing")
    assert not (tmp_path / "missing").exists()


def test_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SamcellError, match="is a file: give a folder"):
        install(tmp_path / "file")


@pytest.mark.parametrize("name", ["setup.py", "pyproject.toml"])
def test_the_folder_of_a_project_breaks_cellprofilers_start_and_is_refused(plugins, name):
    (plugins / name).write_text("")
    with pytest.raises(SamcellError, match=f"source code of a project .{name}"):
        install(plugins)
    assert files_in(plugins) == {name}


def test_the_folder_that_it_is_copied_from_is_refused():
    with pytest.raises(SamcellError, match="where RunSAMCell is copied from"):
        install(SOURCE)


@pytest.mark.parametrize("place", ["cellprofiler", "cellprofiler/modules/plugins"])
def test_a_part_of_cellprofiler_is_refused(tmp_path, place):
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / "cellprofiler" / "__init__.py").write_text("")
    with pytest.raises(SamcellError, match="a part of CellProfiler itself"):
        install(tmp_path / place)


@pytest.mark.parametrize("inside", ["cellprofiler_core/__init__.py", "CellProfiler.exe"])
def test_where_cellprofiler_is_installed_is_refused(plugins, inside):
    (plugins / inside).parent.mkdir(exist_ok=True)
    (plugins / inside).write_text("")
    with pytest.raises(SamcellError, match="where CellProfiler itself is installed"):
        install(plugins)


def test_the_inside_of_an_application_is_refused(tmp_path):
    folder = tmp_path / "CellProfiler.app" / "Contents" / "Resources"
    folder.mkdir(parents=True)
    with pytest.raises(SamcellError, match=r"lies inside CellProfiler\.app"):
        install(folder)


def test_a_folder_of_scripts_is_refused(plugins):
    (plugins / "analyse.py").write_text("print('results')\n")
    with pytest.raises(SamcellError, match=r"files that are not plugins .analyse\.py"):
        install(plugins)


def test_a_link_in_the_place_of_a_sub_package_is_refused(plugins, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (plugins / "samcell_client").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(SamcellError, match="samcell_client is a link or a file"):
        install(plugins)
    assert files_in(tmp_path / "elsewhere") == set()


def test_a_folder_that_cannot_be_written_to_is_told(plugins, monkeypatch):
    @contextmanager
    def refused(path):
        raise PermissionError(13, "Permission denied")
        yield

    monkeypatch.setattr("cellprofiler_plugin.installation.placing.replacing", refused)
    with pytest.raises(SamcellError, match=r"cannot be written to .Permission denied.: give"):
        install(plugins)


# What is taken out


def test_uninstall_leaves_the_folder_as_it_was(plugins):
    (plugins / "runother.py").write_text(PLUGIN)
    install(plugins)
    uninstall(plugins)
    assert [path.name for path in plugins.rglob("*")] == ["runother.py"]


def test_uninstall_takes_what_python_has_compiled_along(installed):
    command = [sys.executable, "-m", "compileall", "-q", "."]
    subprocess.run(command, cwd=installed, check=True)
    assert any(installed.rglob("*.pyc"))
    uninstall(installed)
    assert list(installed.iterdir()) == []


def test_uninstall_keeps_what_was_changed_or_added(installed):
    changed = installed / "runsamcell.py"
    changed.write_text("mine = 1\n")
    added = installed / "samcell_client" / "notes.txt"
    added.write_text("mine")
    done = uninstall(installed)
    assert done.kept == ["runsamcell.py"]
    assert files_in(installed) == {"runsamcell.py", "samcell_client/notes.txt"}


def test_uninstall_is_refused_where_nothing_was_installed(plugins):
    with pytest.raises(SamcellError, match=r"There is no RunSAMCell in .* that samcell-cli has"):
        uninstall(plugins)


def test_uninstall_never_leads_elsewhere(installed, tmp_path):
    outside = tmp_path / "precious.txt"
    outside.write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    names = ("../precious.txt", str(outside), "samcell_client/../../precious.txt")
    change_record(installed, files=dict.fromkeys(names, empty))
    uninstall(installed)
    assert outside.exists()


def test_a_damaged_record_is_told(installed):
    (installed / "samcell_client" / "engine.json").write_text("{")
    with pytest.raises(SamcellError, match=r"engine\.json is damaged: delete it"):
        uninstall(installed)


def test_a_damaged_record_is_replaced_on_demand(installed):
    (installed / "samcell_client" / "engine.json").write_text("{")
    install(installed, overwrite=True)
    assert engine_json(installed)["python"] == sys.executable
