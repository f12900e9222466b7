"""Time from a distance map to labels: the plain watershed against ours, side by side.

Prints a Markdown table of medians. All of a row are measured in turns on the same map, from the
map to the labels, and their labels must be identical.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.segmentation import watershed

from samcell_core.postprocess import cell_markers, watershed_labels

PEAK, FILL = 0.47, 0.09
SPACING = 32


def cells(side: int, *, spread: float, radius: float, floor: float) -> NDArray[np.float32]:
    """Draw a cone for each cell of a jittered grid, uneven as a predicted map is."""
    random = np.random.default_rng(side)
    plane = np.zeros((side, side), np.float32)
    grid = np.arange(SPACING / 2, side, SPACING)
    for middle in np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2):
        y, x = middle + random.uniform(-spread, spread, 2)
        long, short = radius * random.uniform(1.0, 1.25), radius * random.uniform(0.75, 1.0)
        turn, reach = random.uniform(0, np.pi), int(long) + 2
        top, left = max(0, int(y) - reach), max(0, int(x) - reach)
        part = plane[top : int(y) + reach, left : int(x) + reach]
        down, right = np.ogrid[top : top + part.shape[0], left : left + part.shape[1]]
        down, right = down - y, right - x
        along = (down * np.sin(turn) + right * np.cos(turn)) / long
        across = (down * np.cos(turn) - right * np.sin(turn)) / short
        np.maximum(part, 1 - np.hypot(along, across), out=part, casting="same_kind")
    plane = np.maximum(plane, np.float32(floor))
    rough = cv2.GaussianBlur(random.normal(0, 0.05, plane.shape).astype(np.float32), (0, 0), 1.5)
    return np.clip(plane + rough * (plane > 0), 0, 1)


def separate(side: int) -> NDArray[np.float32]:
    return cells(side, spread=2, radius=10, floor=0)


def clusters(side: int) -> NDArray[np.float32]:
    return cells(side, spread=7, radius=14, floor=0)


def carpet(side: int) -> NDArray[np.float32]:
    return cells(side, spread=6, radius=22, floor=0.2)


def carpet_in_255_steps(side: int) -> NDArray[np.float32]:
    return (np.round(carpet(side) * 255) / np.float32(255)).astype(np.float32)


def plain(distance: NDArray[np.float32]) -> NDArray[Any]:
    seeds = cell_markers(distance, peak=PEAK)
    labels: NDArray[Any] = watershed(-distance, seeds, mask=distance > FILL)
    return labels


def ours(threads: int) -> Callable[[NDArray[np.float32]], NDArray[Any]]:
    return lambda distance: watershed_labels(distance, peak=PEAK, fill=FILL, threads=threads)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sides", type=int, nargs="+", default=[2048, 4096])
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    ways = {"scikit-image": plain, "ours, 1 thread": ours(1), "ours, 2 threads": ours(2)}
    print("| map | side | cells |", " | ".join(f"{way}, ms" for way in ways), "| speed-up |")
    print("| --- |" + " ---: |" * (len(ways) + 3))
    for side in chosen.sides:
        for draw in (separate, clusters, carpet, carpet_in_255_steps):
            distance = draw(side)
            times: dict[str, list[float]] = {way: [] for way in ways}
            labels = {}
            for _ in range(chosen.rounds):
                for way, run in ways.items():
                    start = time.perf_counter()
                    labels[way] = run(distance)
                    times[way].append(time.perf_counter() - start)
            expected = labels["scikit-image"]
            for way, found in labels.items():
                if not np.array_equal(found, expected):
                    raise SystemExit(f"{draw.__name__}, {side}: the labels of {way} differ.")
            medians = [1000 * statistics.median(times[way]) for way in ways]
            gains = " / ".join(f"{medians[0] / median:.1f}" for median in medians[1:])
            figures = " | ".join(f"{median:.0f}" for median in medians)
            name = draw.__name__.replace("_", " ")
            print(f"| {name} | {side} | {expected.max()} | {figures} | {gains} |", flush=True)


if __name__ == "__main__":
    main()
