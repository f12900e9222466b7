"""Time to score images at all pairs of thresholds: pair by pair against all at once, side by side.

Prints a Markdown table. The images are drawn, their distance maps the built-in model's; the
network's time is left out. Each image is scored in both ways in turn, and the scores must be equal.
Seconds are those of the clock and of all processors: the former say nothing on a busy machine.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.engine import Segmenter
from samcell_core.metrics import evaluate
from samcell_core.metrics.ctc import Detection
from samcell_core.postprocess import segment_distance
from samcell_core.settings import Settings
from samcell_core.synthetic import make_scene
from samcell_core.tuning import Grid
from samcell_core.tuning.sweep import Sweep

KINDS = ("phase contrast", "DIC", "fluorescent cytoplasm", "fluorescent nuclei", "brightfield")

Image = tuple[NDArray[np.float32], NDArray[Any]]
Scores = list[list[Detection]]


def drawn(count: int, side: int) -> list[Image]:
    """Distance maps and true cells."""
    images = []
    with Segmenter(device="cpu", precision="fp32") as segmenter:
        for number in range(count):
            scene = make_scene(
                KINDS[number % len(KINDS)],
                seed=number,
                shape=(side, side),
                diameter=24 + 2 * number,
                crowding=0.7,
            )
            images.append((segmenter.predict(scene.image), scene.labels))
    return images


def pair_by_pair(image: Image, grid: Grid, pool: ThreadPoolExecutor) -> Scores:
    distance, truth = image

    def score(peak: float) -> list[Detection]:
        return [
            evaluate(segment_distance(distance, Settings(peak=peak, fill=fill)), truth).detection
            for fill in grid.fills_at(peak)
        ]

    return list(pool.map(score, grid.peaks))


def all_at_once(image: Image, grid: Grid, pool: ThreadPoolExecutor) -> Scores:
    return list(pool.map(Sweep(*image, grid, Settings()).detections, grid.peaks))


WAYS: dict[str, Callable[[Image, Grid, ThreadPoolExecutor], Scores]] = {
    "pair by pair": pair_by_pair,
    "all at once": all_at_once,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=10)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    grid = Grid.spanning()
    clock, cores = dict.fromkeys(WAYS, 0.0), dict.fromkeys(WAYS, 0.0)
    cells = 0
    with ThreadPoolExecutor(chosen.threads) as pool:
        for image in drawn(chosen.images, chosen.side):
            cells += int(image[1].max())
            found = []
            for way, score in WAYS.items():
                start = time.perf_counter(), time.process_time()
                found.append(score(image, grid, pool))
                clock[way] += time.perf_counter() - start[0]
                cores[way] += time.process_time() - start[1]
            if found[0] != found[1]:
                raise SystemExit("The scores differ.")
    slow, fast = WAYS
    print(f"{chosen.images} images of {chosen.side} x {chosen.side} with {cells} true cells,")
    print(f"{grid.pairs} pairs of thresholds, {chosen.threads} threads:\n")
    print("| | by the clock, s | processors, s |")
    print("| --- | ---: | ---: |")
    for way in WAYS:
        print(f"| {way} | {clock[way]:.1f} | {cores[way]:.1f} |")
    print(f"| ratio | {clock[slow] / clock[fast]:.1f} | {cores[slow] / cores[fast]:.1f} |")


if __name__ == "__main__":
    main()
