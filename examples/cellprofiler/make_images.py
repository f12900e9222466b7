"""Draw the images of the three example pipelines; the same ones each time.

python examples/cellprofiler/make_images.py examples/cellprofiler
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import tifffile

from samcell_core.synthetic import make_scene

SIDE = 256
FRAMES = 5
DRIFT = (4, 7)  # pixels that the stage moves from frame to frame
TWELVE_BITS = 4095


def count_and_measure(folder: Path) -> None:
    """Three fields of view of one well, growing denser; one is empty but for dirt."""
    for name, seed, crowding in (("A01_1", 67, 0.35), ("A01_2", 74, 0.7)):
        scene = make_scene(
            "phase contrast", seed=seed, shape=(SIDE, SIDE), diameter=34, crowding=crowding
        )
        save_png(folder / f"{name}.png", eight_bits(scene.image))
    noise = np.random.default_rng(1).normal(128, 3, (SIDE, SIDE))
    save_png(folder / "A01_3.png", np.rint(noise).astype(np.uint8))


def cells_and_nuclei(folder: Path) -> None:
    """Two fields of view: phase contrast, and a nuclear stain as a camera of 12 bits gives it."""
    for number, seed in enumerate((62, 75), start=1):
        scene = make_scene(
            "phase contrast", seed=seed, shape=(SIDE, SIDE), diameter=44, crowding=0.5
        )
        save_png(folder / f"B0{number}_phase.png", eight_bits(scene.image))
        stain = nuclei(scene.labels, np.random.default_rng(seed))
        folder.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(
            folder / f"B0{number}_dna.tif",
            np.rint(np.clip(stain, 0, 1) * TWELVE_BITS).astype(np.uint16),
            compression="deflate",
            # Readers learn from it that the largest value is not 65,535.
            extratags=[(281, "H", 1, TWELVE_BITS, True)],
        )


def time_series(folder: Path) -> None:
    """A stack of frames in which the stage drifts, so that cells come and go."""
    room = (SIDE + FRAMES * DRIFT[0], SIDE + FRAMES * DRIFT[1])
    scene = make_scene("phase contrast", seed=74, shape=room, diameter=36, crowding=0.5)
    noise = np.random.default_rng(2)
    frames = []
    for number in range(FRAMES):
        top, left = number * DRIFT[0], number * DRIFT[1]
        view = eight_bits(scene.image)[top : top + SIDE, left : left + SIDE]
        grain = noise.normal(0, 2, view.shape)
        frames.append(np.clip(np.rint(view + grain), 0, 255).astype(np.uint8))
    folder.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(
        folder / "C01.ome.tif", np.stack(frames), compression="deflate", metadata={"axes": "TYX"}
    )


def nuclei(labels: np.ndarray, noise: np.random.Generator) -> np.ndarray:
    """A stained nucleus in the middle of each cell that is large enough for one."""
    stain = np.full(labels.shape, 0.03)
    for number in range(1, labels.max() + 1):
        depth = cv2.distanceTransform((labels == number).astype(np.uint8), cv2.DIST_L2, 5)
        if depth.max() > 6:
            row, column = np.unravel_index(depth.argmax(), depth.shape)
            axes = (round(0.55 * depth.max()), round(0.42 * depth.max()))
            turn, bright = noise.uniform(0, 180), noise.uniform(0.45, 0.8)
            cv2.ellipse(stain, (int(column), int(row)), axes, turn, 0, 360, bright, -1)
    return cv2.GaussianBlur(stain, (0, 0), 1.2) + noise.normal(0, 0.006, labels.shape)


def eight_bits(image: np.ndarray) -> np.ndarray:
    low, high = np.percentile(image, (0.02, 99.98))
    return np.clip(np.rint((image - low) / (high - low) * 255), 0, 255).astype(np.uint8)


def save_png(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())


def main() -> None:
    folder = Path(sys.argv[1])
    for make in (count_and_measure, cells_and_nuclei, time_series):
        make(folder / make.__name__ / "images")


if __name__ == "__main__":
    main()
