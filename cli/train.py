"""``samcell-cli train``: a thin front of ``python -m samcell_core.training``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="train")
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="OUT",
    help="Folder of the run: best.safetensors, history.csv, curves.png, samples.",
)
@click.option(
    "--manifest",
    type=_file,
    help="CSV file that lists the pairs and lies elsewhere; its paths start at DATA.",
)
@click.option(
    "--images",
    metavar="PATTERN",
    help='How the images in a folder are named, such as "{name}_phase.tif".',
)
@click.option(
    "--labels", metavar="PATTERN", help='How their labels are named, such as "truth/{name}.png".'
)
@click.option(
    "--left-out",
    metavar="SET",
    multiple=True,
    help="Set that is only validated on. May be given several times.",
)
@click.option("--recipe", type=_file, help="TOML file with all choices.")
@click.option(
    "--start",
    metavar="MODEL",
    help="Network to go on from instead of a new one: samcell-lite, or a checkpoint of it.",
)
@click.option(
    "--device",
    envvar="SAMCELL_DEVICE",
    help="Where to train: auto, cpu, cuda, cuda:1 or mps. [default: cpu]",
)
@click.option(
    "--steps", type=click.IntRange(min=1), help="Number of updates, instead of the recipe's."
)
@click.option(
    "--scenes",
    type=click.IntRange(min=0),
    help="Number of synthetic scenes to train on as well, instead of the recipe's.",
)
@click.option("--seed", type=click.IntRange(min=0), help="Seed, instead of the recipe's.")
@click.pass_context
def command(
    ctx: click.Context, /, data: Path, images: str | None, labels: str | None, **options: object
) -> None:
    """Train a model on images and labels of your own, or go on from the built-in one.

    DATA is a folder of images and their labels (images/a.tif and labels/a.tif, or a.tif and
    a_labels.tif), or a CSV file with the columns image and labels. Stopped or interrupted, the
    same command goes on from the last validation. The model that comes out is OUT/best.safetensors:

    \b
    samcell-cli train my_images -o my_run --start samcell-lite --steps 1000
    samcell-cli run more_images --model my_run/best.safetensors
    """  # noqa: D301 - click reads the control letter
    if (images is None) != (labels is None):
        raise click.UsageError("--images and --labels belong together: give both or none.")
    if images is not None and (options["manifest"] or data.suffix.lower() == ".csv"):
        raise click.UsageError(
            "--images and --labels say how files in a folder are named; a manifest does."
        )
    arguments = [str(data)]
    for name, value in {"images": images, "labels": labels, **options}.items():
        for each in value if isinstance(value, tuple) else (value,):
            if each is not None:
                # In one word, so that a value may begin with a dash.
                arguments.append(f"--{name.replace('_', '-')}={each}")
    # Late: torch takes seconds to import.
    from samcell_core.training.__main__ import main

    ctx.exit(main(arguments))
