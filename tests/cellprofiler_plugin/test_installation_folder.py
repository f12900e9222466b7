"""Which folder the plugins are put in."""

from pathlib import Path

import pytest

from cellprofiler_plugin.installation import plugins_folder


@pytest.mark.usefixtures("home")
def test_a_folder_whose_name_begins_like_a_home_folder_is_taken_as_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert plugins_folder(Path("~plugins")).path == tmp_path / "~plugins"
