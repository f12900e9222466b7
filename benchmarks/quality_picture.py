"""A picture for the model's page: what the built-in model makes of images it was not trained on.

    python benchmarks/quality_picture.py ../data docs/samcell-lite.jpg

Two annotated images of the validation split, and a synthetic scene of a kind it finds hard.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

import samcell_core as sc
from samcell_core.synthetic import make_scene
from samcell_core.training import load_examples, pairs_in_manifest, read_recipe, split_by_group
from samcell_core.training.pictures import sample_picture

RECIPES = Path(__file__).parents[1] / "recipes"
SHOWN = {"usiigaci_phc": 2, "qpi_dense": 0}
SIZE = 340


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("picture", type=Path)
    options = parser.parse_args()
    recipe = read_recipe(RECIPES / "samcell-lite.toml")
    pairs = pairs_in_manifest(RECIPES / "samcell-lite.csv", folder=options.folder)
    _, held = split_by_group(pairs, fraction=recipe.fraction, seed=recipe.split)
    examples = load_examples([pair for pair in held if pair.set in SHOWN])
    shown = [(f"{name}, validation", examples[name][n]) for name, n in SHOWN.items()]
    images = [(title, example.image, example.labels) for title, example in shown]
    scene = make_scene("DIC", seed=12, shape=(512, 512), diameter=90)
    grey = cv2.normalize(scene.image.astype(np.float32), None, 0, 255, cv2.NORM_MINMAX)
    images.append(("synthetic DIC, large cells", grey.astype(np.uint8), scene.labels))
    rows = []
    with sc.Segmenter() as segmenter:
        for title, image, truth in images:
            found = segmenter.segment(image)
            rows.append(
                sample_picture(
                    image, truth, found.distance_map, found.labels, title=title, size=SIZE
                )
            )
    width = max(row.shape[1] for row in rows)
    padded = [np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0))) for row in rows]
    whole = cv2.cvtColor(np.vstack(padded), cv2.COLOR_RGB2BGR)
    encoded = cv2.imencode(".jpg", whole, [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
    options.picture.write_bytes(encoded.tobytes())


if __name__ == "__main__":
    main()
