"""A stand-in for PyImageJ, which starts a real ImageJ without a screen, as PyImageJ does."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import imagej_bridge as ib
from imagej_bridge.fiji.build import find_ij_jar


@pytest.fixture(scope="session")
def started():
    """What `imagej.init` was called with."""
    return []


@pytest.fixture(scope="session")
def fiji(tmp_path_factory):
    folder = tmp_path_factory.mktemp("a place") / "Fiji.app"
    (folder / "jars").mkdir(parents=True)
    (folder / "jars" / "ij.jar").symlink_to(find_ij_jar())
    return folder


@pytest.fixture(scope="session")
def connection(fiji, started):
    import scyjava

    def init(folder, mode):
        started.append((folder, mode))
        scyjava.config.add_option("-Djava.awt.headless=true")
        scyjava.config.add_classpath(str(Path(folder) / "jars" / "ij.jar"))
        scyjava.start_jvm()
        py = SimpleNamespace(to_imageplus=lambda data: data, to_img=lambda array: array)
        return SimpleNamespace(py=py, IJ=scyjava.jimport("ij.IJ"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "imagej", SimpleNamespace(init=init))
        with ib.connect(fiji) as made:
            yield made
