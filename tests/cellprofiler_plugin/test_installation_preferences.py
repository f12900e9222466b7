"""Where CellProfiler's preferences are read from, on each system."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from cellprofiler_plugin.installation.preferences import preferred_folder


@pytest.fixture(autouse=True)
def linux(home, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")


def write(folder, *lines):
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(["PreferencesVersion=1", *lines, "[Section]", ""])
    (folder / "CellProfilerLocal.cfg").write_text(text, encoding="utf-8")


@pytest.fixture
def registry(monkeypatch):
    """Windows, whose registry holds the values that are put into this."""
    values = {}

    class Key:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

    def open_key(_, name):
        if name != r"Software\CellProfilerLocal.cfg":
            raise FileNotFoundError
        return Key()

    def query(_, name):
        if name not in values:
            raise FileNotFoundError
        return values[name], 1

    fake = SimpleNamespace(HKEY_CURRENT_USER=None, OpenKey=open_key, QueryValueEx=query)
    monkeypatch.setitem(sys.modules, "winreg", fake)
    monkeypatch.setattr(sys, "platform", "win32")
    return values


def test_nothing_is_set_before_cellprofiler_was_opened():
    assert preferred_folder() is None


def test_linux_has_it_in_the_folder_for_settings(home):
    write(home / ".config", "PluginDirectoryCP4=/data/Plugins für Zellen")
    assert preferred_folder() == Path("/data/Plugins für Zellen")


def test_the_folder_for_settings_may_be_elsewhere(home, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "settings"))
    write(home / "settings", "PluginDirectoryCP4=/data/plugins")
    assert preferred_folder() == Path("/data/plugins")


def test_older_ones_have_it_in_the_home_folder(home):
    write(home, "PluginDirectoryCP4=/data/plugins")
    assert preferred_folder() == Path("/data/plugins")


def test_macos_has_it_in_its_library(home, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    write(home / "Library" / "Preferences", "PluginDirectoryCP4=/Users/me/plugins")
    assert preferred_folder() == Path("/Users/me/plugins")


def test_windows_has_it_in_the_registry(registry):
    registry["PluginDirectoryCP4"] = r"C:\\Users\\Jörg Müller\\plugins"
    assert str(preferred_folder()) == r"C:\Users\Jörg Müller\plugins"


def test_a_windows_share_keeps_its_two_backslashes(registry):
    registry["PluginDirectoryCP4"] = r"\\server\lab\plugins"
    assert str(preferred_folder()) == r"\\server\lab\plugins"


def test_windows_without_cellprofiler_has_nothing(registry):
    assert preferred_folder() is None


def test_the_folder_of_cellprofiler_3_counts_where_4_has_none(home):
    write(home / ".config", "PluginDirectory=/data/old")
    assert preferred_folder() == Path("/data/old")


def test_that_of_cellprofiler_4_goes_before(home):
    write(home / ".config", "PluginDirectory=/data/old", "PluginDirectoryCP4=/data/new")
    assert preferred_folder() == Path("/data/new")


def test_an_empty_value_is_none(home):
    write(home / ".config", "PluginDirectoryCP4=")
    assert preferred_folder() is None


def test_quotes_and_backslashes_are_undone(home):
    write(home / ".config", r'PluginDirectoryCP4=" /data/a \"b\" \\c"')
    assert str(preferred_folder()) == r' /data/a "b" \c'
