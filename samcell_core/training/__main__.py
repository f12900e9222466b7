"""``python -m samcell_core.training``: train a model on a folder or a manifest."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

from samcell_core.errors import SamcellError
from samcell_core.models.loading import read_lite
from samcell_core.training.collection import SYNTHETIC, load_examples, make_scenes
from samcell_core.training.loop import Report, train
from samcell_core.training.pairs import Pair, pairs_in_folder, pairs_in_manifest, split_by_group
from samcell_core.training.recipe import Recipe, read_recipe


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        _train(options)
    except SamcellError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped: the same command goes on from the last validation.", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m samcell_core.training",
        description="Train a small segmentation network on images and labels of your own.",
    )
    parser.add_argument("data", type=Path, help="folder of images and labels, or manifest (CSV)")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--recipe", type=Path, help="TOML file with all choices")
    parser.add_argument("--images", help="names of the images in a folder, such as {name}.tif")
    parser.add_argument("--labels", help="names of their labels, such as {name}_masks.tif")
    parser.add_argument("--start", type=Path, help="checkpoint of samcell-lite to go on from")
    parser.add_argument("--left-out", action="append", help="set that is only validated on")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps (%(default)s)")
    parser.add_argument("--steps", type=int, help="number of updates, instead of the recipe's")
    parser.add_argument("--scenes", type=int, help="synthetic scenes, instead of the recipe's")
    parser.add_argument("--seed", type=int, help="seed, instead of the recipe's")
    return parser


def _train(options: argparse.Namespace) -> None:
    recipe = read_recipe(options.recipe) if options.recipe else Recipe()
    given = {name: getattr(options, name) for name in ("steps", "scenes", "seed")}
    settings = dataclasses.replace(
        recipe.settings, **{name: value for name, value in given.items() if value is not None}
    )
    pairs = _pairs(options)
    kept, held = split_by_group(
        pairs,
        fraction=recipe.fraction,
        seed=recipe.split,
        left_out=options.left_out or recipe.left_out,
        note=lambda sentence: print(sentence, file=sys.stderr),
    )
    start = read_lite(options.start)[0] if options.start else None
    print(f"{len(kept)} images to train on, {len(held)} to validate on.", flush=True)
    training = load_examples(kept)
    if settings.scenes:
        training[SYNTHETIC] = make_scenes(settings.scenes, seed=settings.seed)
    result = train(
        training,
        load_examples(held),
        options.out,
        settings,
        shape=recipe.shape,
        start=start,
        name=recipe.name,
        licence=recipe.licence,
        device=options.device,
        report=_Printer(),
    )
    print(
        f"Best at step {result.best_step}, mean OP_CSB {result.score:.4f} ({result.reason}): "
        f"{result.best}"
    )


def _pairs(options: argparse.Namespace) -> list[Pair]:
    if options.data.suffix.lower() == ".csv":
        return pairs_in_manifest(options.data)
    return pairs_in_folder(options.data, images=options.images, labels=options.labels)


class _Printer:
    """One line a hundred steps, and one a validation."""

    def __init__(self) -> None:
        self._losses: list[float] = []

    def __call__(self, report: Report) -> None:
        self._losses.append(report.loss)
        if report.step % 100 == 0 or report.validation is not None:
            mean = sum(self._losses) / len(self._losses)
            self._losses.clear()
            left = report.seconds / report.step * (report.steps - report.step)
            print(
                f"step {report.step}/{report.steps}  loss {mean:.4f}  "
                f"{report.seconds / 60:.1f} min, {left / 60:.1f} min left",
                flush=True,
            )
        if report.validation is not None:
            sets = "  ".join(f"{n} {v:.3f}" for n, v in report.validation.by_set.items())
            print(f"  validation {report.validation.score:.4f}: {sets}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
