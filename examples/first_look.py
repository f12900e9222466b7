"""Segment images with the built-in model, and write labels, overlays and a table of the cells.

python examples/first_look.py                      synthetic scenes, whose cells are known
python examples/first_look.py cells.tif            your image
python examples/first_look.py cells.tif model.pt   your image and your model
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import cv2
import numpy as np
import tifffile

import samcell_core as sc
from samcell_core.synthetic import make_scene

FOLDER = Path("demo")
SCENES = {
    "phase_contrast": ("phase contrast", 11),
    "dic": ("DIC", 12),
    "nuclei": ("fluorescent nuclei", 13),
}


def outlines(image: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The image with the border of each cell in colour."""
    low, high = np.percentile(image, (0.5, 99.5))
    grey = np.clip((image - low) / max(high - low, 1e-6) * 255, 0, 255).astype(np.uint8)
    square = np.ones((3, 3), np.uint8)
    edge = cv2.dilate(labels, square) != cv2.erode(labels, square)
    colour = np.stack([grey] * 3, -1)
    colour[edge] = (60, 220, 255)
    return colour


def show(name: str, image: np.ndarray, result: sc.Segmentation) -> None:
    """Write what was found into the folder, and say what it is."""
    FOLDER.mkdir(exist_ok=True)
    table = sc.measure(result)
    tifffile.imwrite(FOLDER / f"{name}_labels.tif", result.labels)
    tifffile.imwrite(FOLDER / f"{name}_distance_map.tif", result.distance_map)
    first = result.labels.reshape(-1, *image.shape)[0]
    overlay = outlines(image, first)
    (FOLDER / f"{name}_overlay.png").write_bytes(cv2.imencode(".png", overlay)[1].tobytes())
    table.to_csv(FOLDER / f"{name}_cells.csv", overwrite=True)


def main() -> int:
    arguments = sys.argv[1:]
    begin = time.perf_counter()
    with sc.Segmenter(arguments[1] if len(arguments) > 1 else "samcell-lite") as segmenter:
        print(
            f"{segmenter.model.name} on {segmenter.device} in {segmenter.precision}, "
            f"loaded in {time.perf_counter() - begin:.2f} s."
        )
        if arguments:
            image = sc.read_image(arguments[0])
            result = segmenter.segment(image)
            plane = image.planes()[0]
            height, width = plane.shape
            show(Path(arguments[0]).stem, plane.read(0, height, 0, width), result)
            print(f"{result.count} cells.")
        else:
            for name, (modality, seed) in SCENES.items():
                scene = make_scene(modality, seed=seed, shape=(512, 512), diameter=36)
                start = time.perf_counter()
                result = segmenter.segment(scene.image)
                seconds = time.perf_counter() - start
                show(name, scene.image, result)
                score = sc.evaluate(result.labels, scene.labels)
                print(
                    f"{modality}: {result.count} cells of {score.truth_count} in {seconds:.2f} s, "
                    f"OP_CSB {score.op_csb:.2f} (SEG {score.seg:.2f}, DET {score.det:.2f})."
                )
    print(f"Look into the folder {FOLDER}: overlays, labels, distance maps and tables.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except sc.SamcellError as error:
        sys.exit(f"Error: {error}")
