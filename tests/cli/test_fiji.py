"""``samcell-cli fiji``: the command in folders of Fiji, and out of them again."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from imagej_bridge.fiji import JAR
from imagej_bridge.fiji.build import find_ij_jar
from samcell_cli.main import cli

RECORD = "SAMCell_engine.json"


@pytest.fixture
def fiji(tmp_path) -> Path:
    return make_fiji(tmp_path / "Fiji ä 日" / "Fiji.app")


def make_fiji(folder: Path) -> Path:
    (folder / "jars").mkdir(parents=True)
    (folder / "plugins").mkdir()
    (folder / "jars" / "ij-1.53t.jar").write_bytes(b"")
    return folder


def call(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, ["fiji", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_install_puts_the_jar_into_the_plugins(fiji):
    code, out, _ = call("install", fiji)
    assert code == 0
    assert (fiji / "plugins" / JAR.name).read_bytes() == JAR.read_bytes()
    assert f'samcell-cli fiji check "{fiji}"' in out


def test_install_writes_which_python_is_the_engine(fiji):
    call("install", fiji)
    record = json.loads((fiji / "plugins" / RECORD).read_text(encoding="utf-8"))
    assert record["python"] == sys.executable


@pytest.mark.parametrize("part", ["plugins", "..", "."])
def test_fiji_is_found_from_folders_around(fiji, part):
    assert call("install", fiji / part)[0] == 0
    assert (fiji / "plugins" / JAR.name).exists()


def test_a_bare_imagej_will_do(tmp_path):
    (tmp_path / "plugins").mkdir()
    (tmp_path / "ij.jar").write_bytes(b"")
    assert call("install", tmp_path)[0] == 0


def test_a_folder_that_is_no_fiji_is_refused(tmp_path):
    code, _, err = call("install", tmp_path)
    assert code == 1
    assert "is no Fiji or ImageJ" in err


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    assert "There is no folder" in call("install", tmp_path / "nowhere")[2]


def test_several_installations_know_nothing_of_each_other(fiji, tmp_path):
    other = make_fiji(tmp_path / "other")
    call("install", fiji)
    call("install", other)
    call("uninstall", other)
    assert (fiji / "plugins" / JAR.name).exists()
    assert not (other / "plugins" / JAR.name).exists()


def test_a_jar_of_somebody_else_is_not_replaced(fiji):
    (fiji / "plugins" / JAR.name).write_bytes(b"mine")
    code, _, err = call("install", fiji)
    assert code == 1
    assert "--overwrite" in err
    assert (fiji / "plugins" / JAR.name).read_bytes() == b"mine"


def test_a_jar_of_somebody_else_is_replaced_on_demand(fiji):
    (fiji / "plugins" / JAR.name).write_bytes(b"mine")
    assert call("install", fiji, "--overwrite")[0] == 0
    assert (fiji / "plugins" / JAR.name).read_bytes() == JAR.read_bytes()


def test_installing_again_is_no_failure(fiji):
    call("install", fiji)
    assert call("install", fiji)[0] == 0


def test_a_second_copy_of_the_command_is_named(fiji):
    (fiji / "plugins" / "SAMCell_-1.0.jar").write_bytes(b"")
    assert "SAMCell_-1.0.jar is another copy" in call("install", fiji)[2]


def test_uninstall_leaves_the_folder_as_it_was(fiji):
    (fiji / "plugins" / "Other_.jar").write_bytes(b"")
    call("install", fiji)
    assert call("uninstall", fiji)[0] == 0
    assert [path.name for path in (fiji / "plugins").iterdir()] == ["Other_.jar"]


def test_uninstall_keeps_a_jar_that_was_changed(fiji):
    call("install", fiji)
    (fiji / "plugins" / JAR.name).write_bytes(b"changed")
    assert "is kept" in call("uninstall", fiji)[2]
    assert (fiji / "plugins" / JAR.name).read_bytes() == b"changed"


def test_uninstall_where_nothing_is_installed_is_refused(fiji):
    assert "There is no SAMCell in" in call("uninstall", fiji)[2]


def test_check_where_nothing_is_installed_is_refused(fiji):
    assert "SAMCell is not installed in" in call("check", fiji)[2]


def test_check_finds_that_the_python_has_gone(fiji):
    call("install", fiji)
    record = fiji / "plugins" / RECORD
    values = json.loads(record.read_text(encoding="utf-8"))
    record.write_text(json.dumps({**values, "python": str(fiji / "python")}), encoding="utf-8")
    code, _, err = call("check", fiji)
    assert code == 1
    assert "is not there any more" in err


def test_check_finds_that_the_jar_was_changed(fiji):
    call("install", fiji)
    (fiji / "plugins" / JAR.name).write_bytes(b"changed")
    code, _, err = call("check", fiji)
    assert code == 1
    assert "was changed since it was installed" in err


def test_a_damaged_record_is_named(fiji):
    call("install", fiji)
    (fiji / "plugins" / RECORD).write_text("{", encoding="utf-8")
    assert "is damaged" in call("check", fiji)[2]


def test_check_sends_an_image_through_jar_and_engine(fiji, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    shutil.copy(find_ij_jar(), fiji / "jars" / "ij-1.53t.jar")
    call("install", fiji)
    code, out, err = call("check", fiji)
    assert (code, err) == (0, "")
    assert "discs of 16 found by samcell-lite" in out
    assert out.endswith("Everything works.\n")
