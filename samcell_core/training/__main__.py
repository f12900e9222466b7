"""``python -m samcell_core.training``: train a model on a folder or a manifest."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

from samcell_core.errors import ModelError, TrainingError
from samcell_core.models.lite import LiteNetwork
from samcell_core.models.lite_file import LiteHeader
from samcell_core.models.loading import read_lite
from samcell_core.models.registry import find_entry, find_model
from samcell_core.training.collection import load_examples, make_scenes
from samcell_core.training.command import carry_out, say, warn
from samcell_core.training.loop import train
from samcell_core.training.manifest import pairs_in_manifest
from samcell_core.training.pairs import Pair, pairs_in_folder
from samcell_core.training.recipe import Recipe, read_recipe
from samcell_core.training.reports import Report
from samcell_core.training.settings import SYNTHETIC
from samcell_core.training.splitting import split_by_group

_REPORT_EVERY = 100  # steps

_EXAMPLES = """\
examples:
  python -m samcell_core.training my_images --out my_run
  python -m samcell_core.training my_images --out my_run --start samcell-lite --steps 1000
  python -m samcell_core.training my_images --out my_run --labels "truth/{name}.png" \\
      --images "{name}_phase.tif"
  python -m samcell_core.training my_images --manifest lists/all.csv --out my_run

Stopped or interrupted, the same command goes on where the run was last validated. The best network
so far is in my_run/best.safetensors; 'python -m samcell_core.training.export' makes a small file of
it, to hand on. Exit codes: 0 done, 1 an error, 2 a wrong command line, 130 stopped by Ctrl-C."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    from_list = options.manifest is not None or options.data.suffix.lower() == ".csv"
    if from_list and (options.images or options.labels):
        parser.error("--images and --labels say how files in a folder are named; a manifest does.")
    if (options.images is None) != (options.labels is None):
        parser.error("--images and --labels belong together: give both or none.")
    return carry_out(
        lambda: _train(options),
        stopped="Stopped: the same command goes on from the last validation.",
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m samcell_core.training",
        description="Train a small segmentation network on images and labels of your own.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "data",
        metavar="DATA",
        type=Path,
        help="folder of images and their labels (images/a.tif and labels/a.tif, or a.tif and "
        "a_labels.tif), or a manifest: a CSV file with the columns image, labels and, if you "
        "like, set, group, sha256, labels_sha256",
    )
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        type=Path,
        required=True,
        help="folder of the run: best.safetensors, history.csv, curves.png, samples",
    )
    data = parser.add_argument_group("images")
    data.add_argument(
        "--manifest",
        metavar="FILE",
        type=Path,
        help="manifest that lies elsewhere; its paths start at the folder DATA",
    )
    data.add_argument(
        "--images",
        metavar="PATTERN",
        help='how the images in a folder are named, such as "{name}_phase.tif"',
    )
    data.add_argument(
        "--labels",
        metavar="PATTERN",
        help='how their labels are named, such as "truth/{name}.png"',
    )
    data.add_argument(
        "--left-out",
        metavar="SET",
        action="append",
        help="set that is only validated on; may be given several times",
    )
    training = parser.add_argument_group("training")
    training.add_argument("--recipe", metavar="FILE", type=Path, help="TOML file with all choices")
    training.add_argument(
        "--start",
        metavar="MODEL",
        help="network to go on from instead of a new one: samcell-lite, or a checkpoint of it",
    )
    training.add_argument(
        "--device", default="cpu", help="auto, cpu, cuda, cuda:1 or mps; %(default)s if not given"
    )
    for name, what in (
        ("steps", "number of updates"),
        ("scenes", "number of synthetic scenes to train on as well"),
        ("seed", "seed of the first weights, the scenes and the crops"),
    ):
        training.add_argument(
            f"--{name}", metavar="N", type=int, help=f"{what}, instead of the recipe's"
        )
    return parser


def _train(options: argparse.Namespace) -> None:
    recipe = read_recipe(options.recipe) if options.recipe else Recipe()
    given = {name: getattr(options, name) for name in ("steps", "scenes", "seed")}
    settings = dataclasses.replace(
        recipe.settings, **{name: value for name, value in given.items() if value is not None}
    )
    kept, held = split_by_group(
        _pairs(options),
        fraction=recipe.fraction,
        seed=recipe.split,
        left_out=options.left_out or recipe.left_out,
        note=warn,
    )
    start, begun = _start(options.start) if options.start else (None, None)
    say(f"{len(kept)} images to train on, {len(held)} to validate on.")
    training, validation = load_examples(kept), load_examples(held)
    if settings.scenes:
        if SYNTHETIC in training or SYNTHETIC in validation:
            raise TrainingError(
                f"A set of yours is called {SYNTHETIC!r}, as the synthetic scenes are: give it "
                "another name."
            )
        say(f"Drawing {settings.scenes} synthetic scenes.")
        training[SYNTHETIC] = make_scenes(settings.scenes, seed=settings.seed)
    result = train(
        training,
        validation,
        options.out,
        settings,
        shape=recipe.shape,
        start=start,
        name=recipe.name,
        licence=recipe.licence,
        diameter=recipe.diameter or (begun.diameter if begun is not None else None),
        device=options.device,
        report=_Reporter(),
    )
    say(
        f"Best at step {result.best_step}, mean OP_CSB {result.score:.4f} ({result.reason}): "
        f"{result.best}"
    )


def _pairs(options: argparse.Namespace) -> list[Pair]:
    if options.manifest is not None:
        return pairs_in_manifest(options.manifest, folder=options.data)
    if options.data.suffix.lower() == ".csv":
        return pairs_in_manifest(options.data)
    return pairs_in_folder(options.data, images=options.images, labels=options.labels)


def _start(model: str) -> tuple[LiteNetwork, LiteHeader]:
    entry = find_entry(model)
    if entry is not None and entry.url:  # it would be downloaded first, and refused then
        raise ModelError(
            f"{entry.name} is another network: start from samcell-lite, or a checkpoint of it."
        )
    path, _ = find_model(model)
    return read_lite(path)


class _Reporter:
    """One line a hundred steps, and one a validation."""

    def __init__(self) -> None:
        self._losses: list[float] = []

    def __call__(self, report: Report) -> None:
        self._losses.append(report.loss)
        if report.step % _REPORT_EVERY == 0 or report.validation is not None:
            mean = sum(self._losses) / len(self._losses)
            self._losses.clear()
            left = report.seconds / report.step * (report.steps - report.step)
            say(
                f"step {report.step}/{report.steps}  loss {mean:.4f}  "
                f"{report.seconds / 60:.1f} min, {left / 60:.1f} min left"
            )
        if report.validation is not None:
            sets = "  ".join(f"{n} {v:.3f}" for n, v in report.validation.by_set.items())
            say(f"  validation {report.validation.score:.4f}: {sets}")
        for note in report.notes:
            warn(f"Note: {note}")


if __name__ == "__main__":
    sys.exit(main())
