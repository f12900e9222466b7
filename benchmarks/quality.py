"""How good a model is on annotated images: a Markdown table by set, beside the classical way.

    python benchmarks/quality.py ../data --model samcell-lite
    python benchmarks/quality.py ../data --model run/best.safetensors --left-out qpi_dense

Scores are means over the images that training with the same recipe did not see: OP_CSB (SEG/DET),
as they are, as negatives, at half and twice the size (of images whose median diameter stays within
10 to 150 pixels, beside the score of the same images as they are), and how well the confidence
tells cells found at IoU >= .5 from the others (AUROC).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from classical import classical
from numpy.typing import NDArray

from samcell_core.engine import Segmenter
from samcell_core.metrics import evaluate, measure
from samcell_core.training import (
    load_examples,
    pairs_in_manifest,
    read_recipe,
    split_by_group,
)
from samcell_core.training.examples import Example

RECIPES = Path(__file__).parents[1] / "recipes"
SIZES = (10, 150)


@dataclass
class Scores:
    """Of the images of one set."""

    plain: list[tuple[float, float, float]] = field(default_factory=list)
    negative: list[float] = field(default_factory=list)
    half: list[tuple[float, float]] = field(default_factory=list)
    double: list[tuple[float, float]] = field(default_factory=list)
    classical: list[float] = field(default_factory=list)
    confidence: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)


def score(found: NDArray[np.integer], truth: NDArray[np.integer]) -> tuple[float, float, float]:
    """OP_CSB, SEG, DET."""
    result = evaluate(found, truth)
    return result.op_csb, result.seg, result.det


def resized(example: Example, factor: float) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Image and labels at another size."""
    height, width = example.labels.shape
    size = (round(width * factor), round(height * factor))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    image = cv2.resize(example.image, size, interpolation=how)
    labels = cv2.resize(
        example.labels.astype(np.float64), size, interpolation=cv2.INTER_NEAREST_EXACT
    )
    return image.astype(np.uint8), labels.astype(np.int32)


def best_iou(found: NDArray[np.integer], truth: NDArray[np.integer]) -> NDArray[np.float64]:
    """Highest IoU of each found cell with a true one."""
    count = int(found.max())
    pairs = np.zeros((count + 1, int(truth.max()) + 1))
    np.add.at(pairs, (found.ravel(), truth.ravel()), 1)
    union = pairs.sum(1, keepdims=True) + pairs.sum(0, keepdims=True) - pairs
    best: NDArray[np.float64] = (pairs / np.maximum(union, 1))[1:, 1:].max(axis=1, initial=0)
    return best


def auroc(value: Sequence[float], right: Sequence[bool]) -> float:
    """Chance that a right cell has the higher value of a right and a wrong one."""
    values, truth = np.asarray(value), np.asarray(right)
    if truth.all() or not truth.any():
        return float("nan")
    order = np.argsort(values, kind="stable")
    ranks = np.empty(len(values))
    ranks[order] = np.arange(1, len(values) + 1)
    positives = int(truth.sum())
    return float(
        (ranks[truth].sum() - positives * (positives + 1) / 2)
        / (positives * (len(values) - positives))
    )


def measure_set(
    segmenter: Segmenter, examples: Sequence[Example], *, variants: bool, told: bool
) -> Scores:
    """Scores of one set; ``told``: the segmenter is given the true median diameter."""
    scores = Scores()
    for example in examples:
        diameter = float(example.typical) if told else None
        found = segmenter.segment(example.image, diameter=diameter)
        here = score(found.labels, example.labels)
        scores.plain.append(here)
        scores.classical.append(score(classical(example.image), example.labels)[0])
        if found.count:
            scores.confidence.extend(measure(found)["confidence"])
            scores.right.extend(best_iou(found.labels, example.labels) >= 0.5)
        if not variants:
            continue
        negative = segmenter.segment(255 - example.image)
        scores.negative.append(score(negative.labels, example.labels)[0])
        for factor, kept in ((0.5, scores.half), (2.0, scores.double)):
            if SIZES[0] <= example.typical * factor <= SIZES[1]:
                image, labels = resized(example, factor)
                again = score(segmenter.segment(image).labels, labels)[0]
                kept.append((again, here[0]))
    return scores


def row(name: str, scores: Scores) -> str:
    """One line of the table."""
    whole, seg, det = np.mean(scores.plain, axis=0)
    cells = [name, str(len(scores.plain)), f"{whole:.3f} ({seg:.3f}/{det:.3f})"]
    cells.append(f"{np.mean(scores.classical):.3f}")
    cells.append(f"{np.mean(scores.negative):.3f}" if scores.negative else "-")
    for each in (scores.half, scores.double):
        cells.append("{:.3f} of {:.3f}".format(*np.mean(each, axis=0)) if each else "-")
    cells.append(f"{auroc(scores.confidence, scores.right):.3f}")
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", help="folder of the images")
    parser.add_argument("--manifest", default=RECIPES / "samcell-lite.csv")
    parser.add_argument("--recipe", default=RECIPES / "samcell-lite.toml")
    parser.add_argument("--model", default="samcell-lite")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--left-out", action="append", default=[])
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--most", type=int, default=1000, help="images of a set, at most")
    parser.add_argument("--plain", action="store_true", help="no negatives, no other sizes")
    parser.add_argument("--told", action="store_true", help="give the true diameter; plain, too")
    options = parser.parse_args()
    pairs = pairs_in_manifest(options.manifest, folder=options.folder)
    recipe = read_recipe(options.recipe)
    _, held = split_by_group(
        pairs, fraction=recipe.fraction, seed=recipe.split, left_out=options.left_out
    )
    held = [pair for pair in held if not options.only or pair.set in options.only]
    print("| set | images | OP_CSB (SEG/DET) | classical | negative | half | double | AUROC |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    everything: list[Scores] = []
    with Segmenter(options.model, precision=options.precision) as segmenter:
        for name, examples in sorted(load_examples(held).items()):
            some = examples[:: max(1, -(-len(examples) // options.most))]
            everything.append(
                measure_set(
                    segmenter,
                    some,
                    variants=not (options.plain or options.told),
                    told=options.told,
                )
            )
            print(row(name, everything[-1]), flush=True)
    confidence = [value for scores in everything for value in scores.confidence]
    right = [value for scores in everything for value in scores.right]
    print(f"\nAUROC of the confidence over all: {auroc(confidence, right):.3f}")
    print(f"Computed in {segmenter.precision}.")


if __name__ == "__main__":
    main()
