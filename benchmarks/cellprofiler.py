"""What CellProfiler costs beyond the engine, and what a process for each image would cost.

    python benchmarks/cellprofiler.py
    python benchmarks/cellprofiler.py --images 5 --side 512

Each drawn image goes, in turn, to the engine alone, as a script would call it; to RunSAMCell in a
CellProfiler without a window, where it has been read and the objects are kept and measured, as in
a pipeline; and, for some of them, to an engine process of its own, which is how a program in a
container is used. Prints a Markdown table of medians and of medians of the ratios: that of
RunSAMCell to the engine alone should stay below 1.15. CellProfiler's Python is CELLPROFILER_PYTHON,
or the one that `make test` has set up.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import samcell_core as sc
from samcell_core.synthetic import make_scene

ROOT = Path(__file__).parents[1]
DISTINCT = 5

IN_CELLPROFILER = """
import json, logging, sys, time
import numpy as np
from cellprofiler_core.preferences import set_headless, set_plugin_directory
set_headless()
set_plugin_directory(sys.argv[1], globally=False)
import cellprofiler_core.modules
from cellprofiler_core.image import Image, ImageSetList
from cellprofiler_core.measurement import Measurements
from cellprofiler_core.object import ObjectSet
from cellprofiler_core.pipeline import Pipeline
from cellprofiler_core.utilities.core.modules import instantiate_module
from cellprofiler_core.workspace import Workspace
logging.getLogger().setLevel(logging.ERROR)
module = instantiate_module("RunSAMCell")
module.set_module_num(1)
module.x_name.value = "Phase"
pipeline = Pipeline()
pipeline.add_module(module)

def run(path):
    pixels = np.load(path).astype(np.float32) / 255
    measurements = Measurements()
    images = ImageSetList().get_image_set(0)
    images.add("Phase", Image(pixels, scale=255.0))
    workspace = Workspace(pipeline, module, images, ObjectSet(), measurements, ImageSetList())
    start = time.perf_counter()
    module.run(workspace)
    seconds = time.perf_counter() - start
    count = workspace.object_set.get_objects("Cells").count
    measurements.close()
    return seconds, count

for path in sys.stdin:
    print(json.dumps(run(path.strip())), flush=True)
"""

ONE_IMAGE = """
import sys
import numpy as np
import samcell_core as sc
with sc.Segmenter() as segmenter:
    segmenter.segment(np.load(sys.argv[1]))
"""


class CellProfiler:
    """A CellProfiler that runs the module on one image after another."""

    def __init__(self) -> None:
        usual = ROOT / ".venv-cellprofiler/bin/python"
        python = os.environ.get("CELLPROFILER_PYTHON") or str(usual)
        self._process = subprocess.Popen(
            [python, "-c", IN_CELLPROFILER, str(ROOT / "cellprofiler_plugin")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "SAMCELL_PYTHON": sys.executable},
        )

    def run(self, path: Path) -> tuple[float, int]:
        """Seconds that the module took, and the number of cells."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(path, file=self._process.stdin, flush=True)
        for line in self._process.stdout:
            if line.startswith("["):  # CellProfiler has its own to say
                seconds, count = json.loads(line)
                return seconds, count
        raise RuntimeError("CellProfiler has ended: is CELLPROFILER_PYTHON its Python?")

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def draw(folder: Path, images: int, side: int) -> list[Path]:
    """Images in 8 bits, some of them alike."""
    scenes = [
        make_scene("phase contrast", seed=seed, shape=(side, side), diameter=40).image
        for seed in range(min(DISTINCT, images))
    ]
    paths = [folder / f"{number}.npy" for number in range(images)]
    for number, path in enumerate(paths):
        scene = scenes[number % DISTINCT].astype(np.float32)
        grey = (scene - scene.min()) / (scene.max() - scene.min()) * 255
        np.save(path, np.rint(grey).astype(np.uint8))
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=20)
    parser.add_argument("--side", type=int, default=1024)
    options = parser.parse_args()
    times: dict[str, list[float]] = {"engine": [], "module": [], "process": []}
    cells = 0
    with tempfile.TemporaryDirectory() as folder, sc.Segmenter() as segmenter:
        paths = draw(Path(folder), options.images, options.side)
        cellprofiler = CellProfiler()
        first, _ = cellprofiler.run(paths[0])
        segmenter.segment(np.load(paths[0]))
        for number, path in enumerate(paths):
            start = time.perf_counter()
            result = segmenter.segment(np.load(path))
            times["engine"].append(time.perf_counter() - start)
            seconds, count = cellprofiler.run(path)
            times["module"].append(seconds)
            assert count == result.count, "CellProfiler found other cells"
            cells += count
            if number < DISTINCT:
                start = time.perf_counter()
                subprocess.run([sys.executable, "-c", ONE_IMAGE, str(path)], check=True)
                times["process"].append(time.perf_counter() - start)
        cellprofiler.close()
    shape = f"{options.side} x {options.side}"
    print(f"{options.images} images of {shape}, {cells} cells\n")
    print("| | seconds an image | images/s | to the engine alone |\n| --- | --- | --- | --- |")
    names = {
        "engine": "engine alone",
        "module": "RunSAMCell in CellProfiler, confidence measured",
        "process": "a process for each image",
    }
    for key, name in names.items():
        seconds = statistics.median(times[key])
        ratios = [each / engine for each, engine in zip(times[key], times["engine"], strict=False)]
        ratio = statistics.median(ratios)
        print(f"| {name} | {seconds:.2f} | {1 / seconds:.2f} | {ratio:.2f} |")
    print(f"\nThe first image in CellProfiler, with the engine's start: {first:.1f} s")


if __name__ == "__main__":
    main()
