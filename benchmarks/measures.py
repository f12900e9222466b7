"""Measures and evaluation beside scikit-image and py-ctcmetrics, in one run: a Markdown table.

    python benchmarks/measures.py
    python benchmarks/measures.py --sizes 1024 --repeats 7

Needs py-ctcmetrics. Its contingency table has a row and a column for every cell, so it is run up to
1024x1024 only; scikit-image gives the same measures as ours but confidence and neighbours.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile
from ctc_metrics.utils.representations import count_acyclic_graph_correction_operations, match
from numpy.typing import NDArray
from skimage.measure import regionprops_table

from samcell_core.metrics import evaluate, measure

PROPERTIES = (
    "label",
    "centroid",
    "bbox",
    "area",
    "perimeter",
    "equivalent_diameter_area",
    "axis_major_length",
    "axis_minor_length",
    "eccentricity",
    "orientation",
    "area_convex",
    "solidity",
    "extent",
    "intensity_mean",
    "intensity_std",
    "intensity_min",
    "intensity_max",
)
PITCH = 41  # pixels from cell to cell: 10,000 cells in 4096x4096
LARGEST_FOR_CHALLENGE = 1024


def crowd(size: int) -> NDArray[np.int32]:
    """Ellipses on a grid, many of them touching."""
    rng = np.random.default_rng(0)
    side = round(size / PITCH)
    labels = np.zeros((size, size), np.int32)
    for cell in range(side * side):
        row, column = divmod(cell, side)
        centre = (np.array([column, row]) + 0.5) * size / side + rng.uniform(-4, 4, 2)
        axes = PITCH * rng.uniform(0.7, 1.1, 2)
        ellipse = (tuple(centre), tuple(axes), rng.uniform(0, 180))
        cv2.ellipse(labels, ellipse, cell + 1, -1)
    return labels


def seconds(call: Callable[[], Any], repeats: int) -> float:
    """Median of the time of some calls, after one that does not count."""
    call()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def challenge(truth: Path, predicted: Path) -> None:
    """SEG and DET of py-ctcmetrics, from files as it wants them."""
    matched = [[part] for part in match(str(truth), str(predicted))]
    count_acyclic_graph_correction_operations(None, None, *matched[:4])


def line(task: str, size: int, cells: int, peer: str, theirs: float | None, ours: float) -> None:
    beside, gain = ("-", "-") if theirs is None else (f"{theirs:.3f}", f"{theirs / ours:.0f}x")
    print(f"| {task} | {size}x{size} | {cells} | {ours:.3f} | {peer} | {beside} | {gain} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[512, 1024, 2048, 4096])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peer-repeats", type=int, default=1)
    choice = parser.parse_args()
    # scikit-image warns of cells of one row in its convex hull.
    warnings.simplefilter("ignore")

    print("| task | image | cells | ours, s | peer | peer, s | gain |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for size in choice.sizes:
        labels = crowd(size)
        cells = len(np.unique(labels)) - 1
        rng = np.random.default_rng(1)
        image = rng.integers(0, 65536, labels.shape, dtype=np.uint16)
        distance_map = rng.random(labels.shape, dtype=np.float32)
        plain = seconds(lambda: measure(labels=labels, image=image), choice.repeats)  # noqa: B023
        peer = seconds(
            lambda: regionprops_table(labels, image, properties=PROPERTIES),  # noqa: B023
            choice.peer_repeats,
        )
        line("measure", size, cells, "scikit-image regionprops_table", peer, plain)
        full = seconds(
            lambda: measure(labels=labels, image=image, distance_map=distance_map),  # noqa: B023
            choice.repeats,
        )
        line("measure with confidence", size, cells, "-", None, full)

        predicted = np.roll(labels, 3, axis=1)
        ours = seconds(lambda: evaluate(predicted, labels), choice.repeats)  # noqa: B023
        theirs = None
        if size <= LARGEST_FOR_CHALLENGE:
            with tempfile.TemporaryDirectory() as folder:
                files = Path(folder, "truth.tif"), Path(folder, "predicted.tif")
                tifffile.imwrite(files[0], labels)
                tifffile.imwrite(files[1], predicted)
                theirs = seconds(lambda: challenge(*files), choice.peer_repeats)  # noqa: B023
        line("evaluate", size, cells, "py-ctcmetrics (SEG, DET only)", theirs, ours)


if __name__ == "__main__":
    main()
