"""Finding the engine, starting it, and saying why it does not start."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from samcell_client import Engine, EngineError, find_python
from samcell_client.environment import clean_environment


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """A computer on which no engine is to be found."""
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.delenv("SAMCELL_PYTHON", raising=False)
    monkeypatch.setattr("samcell_client.finding.__file__", str(empty / "finding.py"))
    return empty


@pytest.fixture
def program(tmp_path):
    """Make programs that stand for a Python, out of lines of shell."""

    def make(*lines, name="my python"):
        path = tmp_path / name
        path.write_text("#!/bin/sh\n" + "\n".join(lines) + "\n", encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    return make


def refusal(python, **limits):
    with pytest.raises(EngineError) as caught, Engine(python, **limits) as engine:
        engine.hello  # noqa: B018
    assert "\n" not in caught.value.message
    return caught.value


def test_the_python_that_is_given_is_taken(nowhere):
    assert find_python(f' "{sys.executable}" ') == (sys.executable, "given")


def test_the_folder_of_an_environment_may_be_given(tmp_path):
    python = tmp_path / "environment" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    # Not where the link leads: that Python would know nothing of the environment.
    assert find_python(str(tmp_path / "environment")) == (str(python), "given")


def test_the_name_of_a_python_is_looked_up(nowhere, program):
    path = program(name="python9")
    shutil.move(path, nowhere / "python9")
    assert find_python("python9") == (str(nowhere / "python9"), "given")


def test_a_python_that_is_not_there_is_refused(nowhere):
    with pytest.raises(EngineError, match=r"'/no/python'.* samcell-cli cellprofiler install"):
        find_python("/no/python")


def test_a_folder_without_a_python_is_refused(nowhere):
    with pytest.raises(EngineError) as refused:
        find_python(str(nowhere))
    assert refused.value.kind == "missing"


def test_what_was_installed_comes_before_the_environment(nowhere, program, monkeypatch):
    installed, other = program(name="installed"), program(name="other")
    (nowhere / "engine.json").write_text(json.dumps({"python": installed}), encoding="utf-8")
    monkeypatch.setenv("SAMCELL_PYTHON", other)
    assert find_python() == (installed, "engine.json")


def test_the_environment_comes_before_the_path(nowhere, program, monkeypatch):
    shutil.move(program(name="samcell-cli"), nowhere)
    monkeypatch.setenv("SAMCELL_PYTHON", sys.executable)
    assert find_python() == (sys.executable, "SAMCELL_PYTHON")


def test_the_command_on_the_path_is_taken_at_last(nowhere, program):
    shutil.move(program(name="samcell-cli"), nowhere)
    assert find_python() == (str(nowhere / "samcell-cli"), "PATH")


def test_a_computer_without_an_engine_is_told_what_to_type(nowhere):
    with pytest.raises(EngineError, match="samcell-cli cellprofiler install") as refused:
        find_python()
    assert refused.value.kind == "missing"


def test_an_installed_python_that_has_gone_is_named(nowhere):
    (nowhere / "engine.json").write_text('{"python": "/gone/python"}', encoding="utf-8")
    with pytest.raises(EngineError, match=r"/gone/python, which engine\.json names, is not there"):
        find_python()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"python":', "\xff"])
def test_a_damaged_file_is_named(nowhere, text):
    (nowhere / "engine.json").write_text(text, encoding="latin-1")
    with pytest.raises(EngineError, match=r"damaged file .*engine\.json"):
        find_python()


def test_the_engine_runs_without_what_belongs_to_this_python(monkeypatch):
    for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "__PYVENV_LAUNCHER__", "_MEIPASS2"):
        monkeypatch.setenv(name, "/ours")
    monkeypatch.setenv("SAMCELL_HOME", "/models")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/users")
    kept = clean_environment()
    assert [name for name, value in kept.items() if value == "/ours"] == []
    assert (kept["SAMCELL_HOME"], kept["LD_LIBRARY_PATH"]) == ("/models", "/users")


@pytest.mark.parametrize("name", ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"])
def test_a_frozen_program_gives_back_the_users_libraries(monkeypatch, name):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv(name, "/frozen")
    assert name not in clean_environment()
    monkeypatch.setenv(f"{name}_ORIG", "/users")
    assert clean_environment()[name] == "/users"
    assert f"{name}_ORIG" not in clean_environment()


def test_the_environment_of_the_engine_is_the_clean_one(program, monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", "/ours")
    told = tmp_path / "told"
    refusal(program(f'env > "{told}"', "exit 1"))
    assert "PYTHONPATH" not in told.read_text()


def test_the_current_folder_is_not_searched_for_packages(tmp_path, monkeypatch):
    (tmp_path / "samcell_core.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.chdir(tmp_path)
    with Engine(sys.executable) as engine:
        assert engine.hello["protocol"] == 1


def test_the_command_starts_the_engine(program):
    command = program(f'exec "{sys.executable}" -m samcell_cli "$@"', name="samcell-cli")
    # What belongs to this Python is not handed on: where its packages lie has to be told anew.
    paths = os.pathsep.join(path for path in sys.path if path)
    Path(command).write_text(
        Path(command).read_text().replace("exec", f'export PYTHONPATH="{paths}"\nexec')
    )
    with Engine(command) as engine:
        assert engine.hello["protocol"] == 1


def test_packages_of_the_user_are_looked_at_where_there_is_no_engine_without_them(program):
    python = program(
        'case "$1" in -I) echo "No module named \'samcell_core\'" >&2; exit 1;; esac',
        f'exec "{sys.executable}" "$@"',
    )
    with Engine(python) as engine:
        assert engine.hello["protocol"] == 1


def test_greetings_of_other_programs_are_skipped(program):
    python = program("echo Welcome to SAMC SAMCELL", f'exec "{sys.executable}" "$@"')
    with Engine(python) as engine:
        assert engine.hello["protocol"] == 1


def test_noise_on_standard_error_does_no_harm(program):
    python = program("head -c 3000000 /dev/zero >&2", f'exec "{sys.executable}" "$@"')
    with Engine(python) as engine:
        assert engine.hello["protocol"] == 1


def test_what_is_no_program_is_refused(tmp_path):
    file = tmp_path / "python.txt"
    file.write_text("no program")
    error = refusal(str(file))
    assert error.kind == "missing"
    assert str(file) in error.message


def test_a_python_without_the_engine_is_told_how_to_get_it(program):
    # Without its packages.
    python = program(f'exec "{sys.executable}" -S "$@"')
    error = refusal(python)
    assert error.kind == "start"
    assert f'"{python}" -m pip install' in error.message
    assert "samcell_core" in error.stderr_tail


def test_the_last_words_of_an_engine_that_fails_are_told(program):
    error = refusal(program("echo 'ImportError: DLL load failed' >&2", "exit 1"))
    assert error.kind == "start"
    assert "(ImportError: DLL load failed)" in error.message


def test_a_program_that_sends_rubbish_is_refused(program):
    error = refusal(program("exec yes"))
    assert error.kind == "start"
    assert "where a frame should begin" in error.message


def test_a_program_that_never_answers_is_given_up(program):
    error = refusal(program("exec sleep 60"), start_limit=0.5)
    assert error.kind == "start"
    assert "did not answer within 0.5 seconds" in error.message


REPLIES = """
import json, struct, sys, time
def reply(**fields):
    text = json.dumps(fields).encode()
    sys.stdout.buffer.write(struct.pack("<8sIQ", b"SAMCELL1", len(text), 0) + text)
    sys.stdout.flush()
"""


def test_an_engine_of_another_protocol_says_what_to_do(program, tmp_path):
    file = tmp_path / "other.py"
    file.write_text(
        REPLIES + "reply(id=1, type='error', kind='protocol', message='Install the same version.')"
    )
    error = refusal(program(f'exec "{sys.executable}" "{file}"'))
    assert (error.kind, error.message) == ("protocol", "Install the same version.")


def test_an_engine_that_does_not_heed_a_cancel_is_ended(program, tmp_path):
    file = tmp_path / "deaf.py"
    file.write_text(REPLIES + "reply(id=1, type='result')\ntime.sleep(60)")
    python = program(f'exec "{sys.executable}" "{file}"')
    with (
        Engine(python, cancel_limit=0.2) as engine,
        pytest.raises(EngineError, match="had to be ended") as refused,
    ):
        engine.request("models", {}, {}, cancelled=lambda: True)
    assert refused.value.kind == "cancelled"
