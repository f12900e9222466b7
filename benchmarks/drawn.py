"""How a model that finds the scale itself does on drawn cells: two Markdown tables.

    python benchmarks/drawn.py --model samcell-lite

The first is of cells of several sizes, all over the image; the second of large fields with few
cells in them, where the scale must be found from what little there is. Each score is the mean
OP_CSB at default settings, of the score when told the diameter.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from quality import score

from samcell_core.engine import Segmenter
from samcell_core.synthetic import MODALITIES, Scene, make_scene


@dataclass(frozen=True)
class Kind:
    """Scenes of a column: side, diameter of the cells, and parts of the ground that they cover."""

    side: int
    diameter: int
    crowding: tuple[float, ...]


TABLES = {
    "all over": [Kind(320 if size < 20 else 512, size, (0.5, 0.8)) for size in (15, 30, 60, 110)],
    "few in 2048 x 2048": [
        Kind(2048, size, (covered,)) for size, covered in ((20, 0.004), (40, 0.01), (80, 0.03))
    ],
}


def cell(segmenter: Segmenter, drawn: Iterable[Scene], wanted: float) -> str:
    """Of a table: scores not knowing and knowing the diameter, and how far scales were off."""
    found, told, off = [], [], []
    for scene in drawn:
        alone = segmenter.segment(scene.image)
        helped = segmenter.segment(scene.image, diameter=scene.diameter)
        found.append(score(alone.labels, scene.labels)[0])
        told.append(score(helped.labels, scene.labels)[0])
        off.append(abs(math.log2((alone.settings.scale or 1.0) * scene.diameter / wanted)))
    return f"{np.mean(found):.2f} of {np.mean(told):.2f} ({np.mean(off):.2f})"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="samcell-lite", help="name or file")
    parser.add_argument("--scenes", type=int, default=2, help="of each kind and crowding")
    options = parser.parse_args(arguments)
    with Segmenter(options.model) as segmenter:
        wanted = segmenter.model.diameter
        if wanted is None:
            parser.error(f"{options.model} does not find the scale itself: take another model.")
        print(f"In brackets: by how many octaves the scale was off, from cells of {wanted:g} px.")
        for title, kinds in TABLES.items():
            print(f"\n| {title} | {' | '.join(f'{kind.diameter} px' for kind in kinds)} |")
            print("| --- |" + " --- |" * len(kinds))
            for modality in MODALITIES:
                print(f"| {modality} |", end="", flush=True)
                for kind in kinds:
                    drawn = scenes(modality, kind, options.scenes)
                    print(f" {cell(segmenter, drawn, wanted)} |", end="", flush=True)
                print()


def scenes(modality: str, kind: Kind, many: int) -> Iterator[Scene]:
    """Scenes of a kind, none of which the built-in model was trained on."""
    for number, crowding in enumerate(kind.crowding * many):
        yield make_scene(
            modality,
            seed=9000 + number,
            shape=(kind.side, kind.side),
            diameter=kind.diameter,
            crowding=crowding,
        )


if __name__ == "__main__":
    main()
