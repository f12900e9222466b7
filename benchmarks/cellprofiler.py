"""What CellProfiler costs beyond the engine, and what a process for each image would cost.

    python benchmarks/cellprofiler.py
    python benchmarks/cellprofiler.py --images 5 --side 512

Each drawn image goes, in turn, to the engine alone, as a script would call it; to RunSAMCell in a
CellProfiler without a window, where it has been read and the objects are kept and measured, as in
a pipeline; and, for some of them, to an engine process of its own, which is how a program in a
container is used. Prints a Markdown table of medians, and of medians of the ratios, of seconds and
of processor time (of all processes and threads, which other programs disturb less): that of
RunSAMCell to the engine alone should stay below 1.15. CellProfiler's Python is CELLPROFILER_PYTHON,
or the one that `make test` has set up.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

import samcell_core as sc
from samcell_core.synthetic import make_scene

ROOT = Path(__file__).parents[1]
DISTINCT = 5

IN_CELLPROFILER = """
import json, logging, sys, time
import numpy as np
import psutil
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
    start, work = time.perf_counter(), processor_time()
    module.run(workspace)
    seconds, work = time.perf_counter() - start, processor_time() - work
    count = workspace.object_set.get_objects("Cells").count
    measurements.close()
    return seconds, work, count

def processor_time():
    every = [psutil.Process(), *psutil.Process().children()]
    return sum(sum(each.cpu_times()[:2]) for each in every)

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


class Cost(NamedTuple):
    """Seconds by the clock, and of processors."""

    seconds: float
    work: float


class Meter:
    """Measures what is done in this process, or in those that it starts and waits for."""

    def __init__(self, whose: int) -> None:
        self._whose = whose
        self._start, self._work = time.perf_counter(), self._processor_time()

    def cost(self) -> Cost:
        """What has been done since the meter was made."""
        return Cost(time.perf_counter() - self._start, self._processor_time() - self._work)

    def _processor_time(self) -> float:
        used = resource.getrusage(self._whose)
        return used.ru_utime + used.ru_stime


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

    def run(self, path: Path) -> tuple[Cost, int]:
        """What the module took, and the number of cells."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(path, file=self._process.stdin, flush=True)
        for line in self._process.stdout:
            if line.startswith("["):  # CellProfiler has its own to say
                seconds, work, count = json.loads(line)
                return Cost(seconds, work), count
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
    costs: dict[str, list[Cost]] = {"engine": [], "module": [], "process": []}
    cells = 0
    with tempfile.TemporaryDirectory() as folder, sc.Segmenter() as segmenter:
        paths = draw(Path(folder), options.images, options.side)
        cellprofiler = CellProfiler()
        first, _ = cellprofiler.run(paths[0])
        segmenter.segment(np.load(paths[0]))
        for number, path in enumerate(paths):
            meter = Meter(resource.RUSAGE_SELF)
            result = segmenter.segment(np.load(path))
            costs["engine"].append(meter.cost())
            cost, count = cellprofiler.run(path)
            costs["module"].append(cost)
            assert count == result.count, "CellProfiler found other cells"
            cells += count
            if number < DISTINCT:
                meter = Meter(resource.RUSAGE_CHILDREN)
                subprocess.run([sys.executable, "-c", ONE_IMAGE, str(path)], check=True)
                costs["process"].append(meter.cost())
        cellprofiler.close()
    shape = f"{options.side} x {options.side}"
    print(f"{options.images} images of {shape}, {cells} cells\n")
    print("| | seconds an image | images/s | to the engine alone | processor time to it |")
    print("| --- | --- | --- | --- | --- |")
    names = {
        "engine": "engine alone",
        "module": "RunSAMCell in CellProfiler, confidence measured",
        "process": "a process for each image",
    }
    for key, name in names.items():
        pairs = list(zip(costs[key], costs["engine"], strict=False))
        seconds = statistics.median(cost.seconds for cost, _ in pairs)
        slower = statistics.median(cost.seconds / engine.seconds for cost, engine in pairs)
        more = statistics.median(cost.work / engine.work for cost, engine in pairs)
        print(f"| {name} | {seconds:.2f} | {1 / seconds:.2f} | {slower:.2f} | {more:.2f} |")
    print(f"\nThe first image in CellProfiler, with the engine's start: {first.seconds:.1f} s")


if __name__ == "__main__":
    main()
