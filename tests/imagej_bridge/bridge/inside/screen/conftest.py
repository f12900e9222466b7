"""A real ImageJ on a screen that nobody sees, emptied after each test."""

import numpy as np
import pytest

import imagej_bridge as ib
import samcell_core as sc
from imagej_bridge.fiji.build import find_ij_jar


@pytest.fixture(scope="session")
def jar():
    return str(find_ij_jar())


@pytest.fixture(scope="session")
def connection(jar, tmp_path_factory):
    import scyjava

    # ImageJ keeps preferences there, which are not to be those of whoever runs the tests.
    scyjava.config.add_option(f"-Duser.home={tmp_path_factory.mktemp('home')}")
    with ib.connect(jar) as made:
        yield made


@pytest.fixture(scope="session")
def java(connection):
    """Classes of ImageJ by name, to ask it what it holds."""
    import scyjava

    return scyjava.jimport


@pytest.fixture(autouse=True)
def emptied(java):
    yield
    java("ij.macro.Interpreter")().run("setBatchMode(false);")
    windows = java("ij.WindowManager")
    for number in windows.getIDList() or ():
        image = windows.getImage(number)
        image.changes = False
        image.close()
    manager = java("ij.plugin.frame.RoiManager").getInstance()
    if manager is not None:
        manager.reset()
    for title in ("Results", "Cells"):
        table = java("ij.measure.ResultsTable").getResultsTable(title)
        if table is not None:
            table.reset()


@pytest.fixture
def spots():
    """Three round spots in 8 bits, which the model `brightness` takes for cells."""
    rows, columns = np.mgrid[:60, :80]
    image = np.zeros((60, 80), np.uint8)
    for row, column in ((15, 15), (30, 40), (45, 65)):
        distance = np.hypot(rows - row, columns - column)
        image = np.maximum(image, np.clip(250 - 20 * distance, 0, 255).astype(np.uint8))
    return image


@pytest.fixture
def model(brightness):
    with sc.Segmenter(brightness(), device="cpu", precision="fp32", threads=1) as segmenter:
        yield segmenter
