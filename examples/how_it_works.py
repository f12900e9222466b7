"""Draw how SAMCell finds cells: the image, the distance map, the cells.

The distance map shown is the one that the network learns to predict, computed here from the drawn
cells; the cells are what the engine's post-processing makes of it.

    python examples/how_it_works.py picture.png
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from scipy import ndimage

import samcell_core as sc
from samcell_core.postprocess import segment_distance

HEIGHT, WIDTH = 300, 320


def crowded_cells() -> np.ndarray:
    """Labels of cells that touch: regions around random points, cut to a size."""
    random = np.random.default_rng(11)
    centres = np.array([(y, x) for y in range(20, HEIGHT, 44) for x in range(20, WIDTH, 44)])
    centres = centres + random.normal(0, 7, centres.shape)
    y, x = np.indices((HEIGHT, WIDTH))
    stretch = random.uniform(0.75, 1.3, len(centres))
    away = np.hypot((y[..., None] - centres[:, 0]) * stretch, x[..., None] - centres[:, 1])
    away += 3 * ndimage.gaussian_filter(random.normal(size=away.shape), (5, 5, 0)) * 8
    return np.where(away.min(-1) < 27, away.argmin(-1) + 1, 0)


def normalised_distance(labels: np.ndarray) -> np.ndarray:
    """Distance of each pixel to its own cell's border, 1 in the middle of each cell."""
    target = np.zeros(labels.shape, np.float32)
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is None:
            continue
        cell = np.pad(labels[box] == number, 1)
        inside = ndimage.distance_transform_edt(cell)[1:-1, 1:-1]
        target[box] = np.maximum(target[box], inside / max(inside.max(), 1.0))
    return target


def phase_contrast(labels: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Grey cells with bright rims and little contrast, on an uneven ground."""
    random = np.random.default_rng(3)
    rim = np.exp(-(((target - 0.08) / 0.1) ** 2)) * (labels > 0)
    texture = ndimage.gaussian_filter(random.normal(size=labels.shape), 1.5) * 30
    image = 120 - 22 * (labels > 0) * np.sqrt(target) + 38 * rim + texture * (labels > 0)
    image = cv2.GaussianBlur(image, (0, 0), 1.0) + np.linspace(-12, 12, WIDTH)
    return np.clip(image + random.normal(0, 4, image.shape), 0, 255).astype(np.uint8)


def coloured(labels: np.ndarray) -> np.ndarray:
    hues = (np.arange(labels.max() + 1) * 67 % 180).astype(np.uint8)
    hsv = np.stack([hues, np.full_like(hues, 150), np.full_like(hues, 235)], -1)
    hsv[0] = 0
    return cv2.cvtColor(hsv[labels], cv2.COLOR_HSV2BGR)


def main(path: Path) -> None:
    truth = crowded_cells()
    target = normalised_distance(truth)
    image = phase_contrast(truth, target)
    found = segment_distance(target, sc.Settings(peak=0.47, fill=0.09))
    heat = cv2.applyColorMap((target * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    gap = np.full((HEIGHT, 12, 3), 255, np.uint8)
    grey = np.stack([image] * 3, -1)
    picture = np.hstack([grey, gap, heat, gap, coloured(found)])
    path.write_bytes(cv2.imencode(path.suffix, picture)[1].tobytes())
    print(f"{path}: {found.max()} cells found, {len(np.unique(truth)) - 1} drawn")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python examples/how_it_works.py picture.png")
    main(Path(sys.argv[1]))
