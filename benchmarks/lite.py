"""How fast the built-in model is: loading, network alone, image to labels and table.

    python benchmarks/lite.py
    python benchmarks/lite.py --threads 2 --repeats 7 --precision fp32

Prints a Markdown table of medians. The image is 2048 x 2048 with 2,000 to 3,000 drawn cells; the
engine looks for their scale by itself, as for a user. For the SAM-based models see engine.py.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

import samcell_core as sc
from samcell_core.synthetic import make_scene
from samcell_core.tiling import TilePlan, cut

SIDE = 2048
DIAMETER = 44.0
QUARTER = 1024


def median(repeats: int, work: Callable[[], object]) -> float:
    """Median seconds, after one run that does not count."""
    work()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    quarters = [
        make_scene(
            "phase contrast", seed=seed, shape=(QUARTER, QUARTER), diameter=DIAMETER, crowding=0.95
        ).image
        for seed in range(1, 5)
    ]
    image = np.block([[quarters[0], quarters[1]], [quarters[2], quarters[3]]])
    loading = median(options.repeats, lambda: sc.load_model("samcell-lite"))
    with sc.Segmenter(precision=options.precision, threads=options.threads) as segmenter:
        plain = median(options.repeats, lambda: segmenter.predict(image, scale=1.0))
        found = segmenter.segment(image)
        whole = median(options.repeats, lambda: sc.measure(segmenter.segment(image), image))
        device = f"{segmenter.device}, {segmenter.precision}"
    plan = TilePlan.of((SIDE, SIDE), 640, 32)
    seen = sum(tile.size for tile in cut(_Plane(image), plan))
    print(f"samcell-lite on {device}\n")
    print("| | median of " + f"{options.repeats} |")
    print("| --- | --- |")
    print(f"| loading, after imports | {loading:.2f} s |")
    print(f"| network, tiles seen | {seen / plain / 1e6:.1f} megapixels/s |")
    print(f"| network, pixels of the image | {image.size / plain / 1e6:.1f} megapixels/s |")
    print(
        f"| {SIDE} x {SIDE} to {found.count} labels and table, scale found "
        f"({found.settings.scale:g}) | {whole:.2f} s |"
    )


class _Plane:
    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels, self.shape = pixels, pixels.shape

    def read(self, top: int, bottom: int, left: int, right: int) -> np.ndarray:
        return self.pixels[top:bottom, left:right]


if __name__ == "__main__":
    main()
