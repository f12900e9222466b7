"""What is said where there is no ImageJ to connect to; no Java is started here."""

import sys

import pytest

import imagej_bridge as ib
import samcell_core as sc


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch):
    for name in ("SAMCELL_FIJI", "IJ_JAR"):
        monkeypatch.delenv(name, raising=False)


def test_without_scyjava_the_error_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "scyjava", None)
    with pytest.raises(sc.SamcellError, match=r'run pip install "samcell-suite\[fiji\]"'):
        ib.connect()


def test_without_pyimagej_the_error_names_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "imagej", None)
    (tmp_path / "Fiji.app" / "jars").mkdir(parents=True)
    for where in (tmp_path / "Fiji.app", "sc.fiji:fiji", "2.14.0"):
        with pytest.raises(sc.SamcellError, match="run pip install pyimagej"):
            ib.connect(where)


@pytest.mark.parametrize("variable", ["SAMCELL_FIJI", "IJ_JAR"])
def test_the_environment_names_an_imagej(monkeypatch, tmp_path, variable):
    monkeypatch.setenv(variable, str(tmp_path / "nowhere.jar"))
    with pytest.raises(sc.SamcellError, match=r"nowhere\.jar does not exist"):
        ib.connect()


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(sc.SamcellError, match=r"nowhere\.jar does not exist: give a Fiji folder"):
        ib.connect(tmp_path / "nowhere.jar")


def test_a_name_that_begins_like_a_home_folder_is_no_other_error():
    with pytest.raises(sc.SamcellError, match=r"~ij\.jar does not exist"):
        ib.connect("~ij.jar")


def test_a_folder_without_imagej_is_refused(tmp_path):
    with pytest.raises(sc.SamcellError, match="is no ImageJ: give a Fiji folder"):
        ib.connect(tmp_path)


def test_a_machine_without_java_is_told_to_install_it(monkeypatch, tmp_path):
    import jpype

    def not_found():
        raise jpype.JVMNotFoundException("No JVM shared library file was found")

    monkeypatch.setattr(jpype, "getDefaultJVMPath", not_found)
    (tmp_path / "ij.jar").touch()
    with pytest.raises(sc.SamcellError, match="There is no Java on this machine: install one"):
        ib.connect(tmp_path / "ij.jar")


def test_a_window_without_a_screen_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    (tmp_path / "ij.jar").touch()
    with pytest.raises(sc.SamcellError, match="needs a screen, and this process has none"):
        ib.connect(tmp_path / "ij.jar", window=True)
