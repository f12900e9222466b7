"""Which folder is a Fiji."""

from pathlib import Path

from imagej_bridge.fiji import find_fiji


def test_a_folder_whose_name_begins_like_a_home_folder_is_taken_as_it_is(tmp_path, monkeypatch):
    for name in ("jars", "plugins"):
        (tmp_path / "~Fiji" / name).mkdir(parents=True)
    (tmp_path / "~Fiji" / "jars" / "ij-1.54f.jar").touch()
    monkeypatch.chdir(tmp_path)
    assert find_fiji(Path("~Fiji")).path == tmp_path / "~Fiji"
