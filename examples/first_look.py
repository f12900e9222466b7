"""Segment one image through the public door, and write labels and an overlay.

python examples/first_look.py                    a drawn image, random weights
python examples/first_look.py cells.tif          your image, random weights
python examples/first_look.py cells.tif samcell-generalist.pt
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import cv2
import numpy as np
import tifffile

import samcell_core as sc

FOLDER = Path("demo")


def drawn_cells(height: int = 400, width: int = 560, count: int = 60) -> np.ndarray:
    """Bright ellipses with a halo on an uneven ground."""
    random = np.random.default_rng(4)
    image = np.full((height, width), 110, np.float32)
    for _ in range(count):
        centre = (int(random.integers(0, width)), int(random.integers(0, height)))
        axes = (int(random.integers(10, 22)), int(random.integers(8, 16)))
        angle = float(random.uniform(0, 180))
        cv2.ellipse(image, centre, (axes[0] + 3, axes[1] + 3), angle, 0, 360, 70, -1)
        cv2.ellipse(image, centre, axes, angle, 0, 360, float(random.uniform(140, 190)), -1)
    image = cv2.GaussianBlur(image, (0, 0), 2) + np.linspace(-25, 25, width, dtype=np.float32)
    return np.clip(image + random.normal(0, 5, image.shape), 0, 255).astype(np.uint8)


def outlines(image: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The image with the border of each cell in colour."""
    grey = cv2.normalize(image, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    edge = cv2.dilate(labels, np.ones((3, 3))) != cv2.erode(labels, np.ones((3, 3)))
    colour = np.stack([grey] * 3, -1)
    colour[edge] = (60, 220, 255)
    return colour


def main() -> int:
    arguments = sys.argv[1:]
    image = sc.as_image(arguments[0] if arguments else drawn_cells())
    is_random = len(arguments) < 2
    # A small random network: its cells mean nothing, but everything else is the real thing.
    small = sc.SamcellShape(width=96, depth=4, heads=3, mlp_width=384, global_blocks=(1, 3))
    model = sc.random_model(small, seed=1) if is_random else sc.load_model(arguments[1])

    with sc.Segmenter(model) as segmenter:
        start = time.perf_counter()
        result = segmenter.segment(image, fill=0.4 if is_random else None)
        seconds = time.perf_counter() - start

    table = sc.measure(result)
    summary = sc.summarize(table, result)
    FOLDER.mkdir(exist_ok=True)
    height, width = result.labels.shape[-2:]
    plane = image.planes()[0].read(0, height, 0, width)
    tifffile.imwrite(FOLDER / "labels.tif", result.labels)
    tifffile.imwrite(FOLDER / "distance_map.tif", result.distance_map)
    overlay = outlines(plane, result.labels.reshape(-1, height, width)[0])
    (FOLDER / "overlay.png").write_bytes(cv2.imencode(".png", overlay)[1].tobytes())
    table.to_csv(FOLDER / "cells.csv", overwrite=True)

    print(f"{result.count} objects in {seconds:.1f} s with {result.model.architecture}, ")
    print(f"on {result.device} in {result.precision}; confluency {summary['confluency']:.2f}.")
    print(f"Look at {FOLDER / 'overlay.png'}, labels.tif, distance_map.tif and cells.csv.")
    if is_random:
        print(
            "The weights are random: THESE OBJECTS MEAN NOTHING. Give a checkpoint for real cells."
        )
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except sc.SamcellError as error:
        sys.exit(f"Error: {error}")
