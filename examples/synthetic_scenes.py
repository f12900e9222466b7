"""Draw a picture of the synthetic scenes: each modality, and the true outlines beside it.

python examples/synthetic_scenes.py docs/synthetic_scenes.jpg
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

from samcell_core.synthetic import MODALITIES, make_scene

SIDE = 256


def panel(modality: str, seed: int) -> np.ndarray:
    scene = make_scene(modality, seed=seed, shape=(SIDE, SIDE), diameter=34)
    low, high = np.percentile(scene.image, (0.5, 99.5))
    grey = np.clip((scene.image - low) / (high - low) * 255, 0, 255).astype(np.uint8)
    plain = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    outlined = plain.copy()
    labels = scene.labels.astype(np.uint16)
    square = np.ones((3, 3), np.uint8)
    outlined[cv2.dilate(labels, square) != cv2.erode(labels, square)] = (60, 220, 255)
    both = np.vstack([plain, outlined])
    caption = np.full((24, SIDE, 3), 30, np.uint8)
    white = (255, 255, 255)
    cv2.putText(caption, modality, (6, 17), cv2.FONT_HERSHEY_SIMPLEX, 0.5, white, 1, cv2.LINE_AA)
    return np.vstack([caption, both])


def main() -> None:
    picture = np.hstack([panel(name, 40 + number) for number, name in enumerate(MODALITIES)])
    Path(sys.argv[1]).write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())


if __name__ == "__main__":
    main()
