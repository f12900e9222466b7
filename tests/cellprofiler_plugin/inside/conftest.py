"""CellProfiler as its tests set it up: modules loaded from our folder, workspaces by hand."""

import logging
import sys
from pathlib import Path

import numpy as np
import pytest
from cellprofiler_core.image import Image, ImageSetList
from cellprofiler_core.measurement import Measurements
from cellprofiler_core.object import ObjectSet
from cellprofiler_core.pipeline import Pipeline
from cellprofiler_core.preferences import set_headless, set_plugin_directory
from cellprofiler_core.workspace import Workspace

PLUGIN = Path(__file__).parents[3] / "cellprofiler_plugin"
PHASE = Path(__file__).parents[3] / "examples/cellprofiler/count_and_measure/images/A01_1.png"

set_headless()
set_plugin_directory(str(PLUGIN), globally=False)

import cellprofiler_core.modules  # noqa: E402, F401 - fills the list of modules, ours too
from cellprofiler_core.utilities.core.modules import instantiate_module  # noqa: E402

logging.getLogger().setLevel(logging.ERROR)


def discs(*circles, shape=(200, 200), noise=2):
    """Bright cells, (row, column, diameter) each, on a dark ground, as 8 bits."""
    rows, columns = np.indices(shape)
    pixels = np.random.default_rng(1).normal(20, noise, shape)
    for row, column, diameter in circles:
        distance = np.hypot(rows - row, columns - column) - diameter / 2
        pixels += 150 / (1 + np.exp(np.clip(distance * 1.5, -50, 50)))
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


def from_file(pixels, scale=255, **more):
    """An image as CellProfiler loads it: 32-bit floats, divided by a scale that it tells."""
    return Image(pixels.astype(np.float32) / scale, scale=float(scale), **more)


@pytest.fixture
def module():
    module = instantiate_module("RunSAMCell")
    module.set_module_num(1)
    module.x_name.value = "Phase"
    # Where objects of a given size are to be found; looking for the size is the engine's matter.
    module.scaling.value = "From the diameter of the cells"
    module.diameter.value = 30
    return module


@pytest.fixture
def workspace(module):
    """Function of an image (or 8-bit pixels) that gives the workspace that RunSAMCell runs in."""
    made = []

    def make(image):
        image = image if isinstance(image, Image) else from_file(image)
        pipeline = Pipeline()
        pipeline.add_module(module)
        measurements = Measurements()
        made.append(measurements)
        images = ImageSetList().get_image_set(0)
        images.add("Phase", image)
        return Workspace(pipeline, module, images, ObjectSet(), measurements, ImageSetList())

    yield make
    for measurements in made:
        measurements.close()


@pytest.fixture
def run(module, workspace):
    """Function that runs the module on an image, and gives the workspace."""

    def run_module(image):
        made = workspace(image)
        module.run(made)
        return made

    return run_module


@pytest.fixture(scope="session")
def engines():
    """The part of the plugin that keeps the engines, as CellProfiler has imported it."""
    return sys.modules["samcell_module.engines"]
