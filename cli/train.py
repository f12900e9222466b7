"""``samcell-cli train``: a thin front of ``python -m samcell_core.training``."""

from __future__ import annotations

from pathlib import Path

import click

from samcell_cli.verbosity import verbosity_options

__all__ = ["command"]

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_folder = click.Path(file_okay=False, path_type=Path)
_count = click.IntRange(min=1)


@click.command(name="train")
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o",
    "--out",
    type=_folder,
    metavar="OUT",
    help="Folder of the run: best.safetensors, history.csv, curves.png, samples, data.csv.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Tell what the data is like, and the time and memory that the training would take.",
)
@click.option(
    "--manifest",
    type=_file,
    help="CSV file that lists the pairs and lies elsewhere; its paths start at DATA.",
)
@click.option(
    "--images",
    metavar="PATTERN",
    help='How the images in a folder are named, such as "{name}_phase.tif"; for COCO, the folder '
    "of the images.",
)
@click.option(
    "--labels", metavar="PATTERN", help='How their labels are named, such as "truth/{name}.png".'
)
@click.option(
    "--kind",
    type=click.Choice(["pairs", "manifest", "coco", "cellpose", "roi", "cellprofiler"]),
    help="How the images are annotated, where it is not recognised.",
)
@click.option("--skip-unlabelled", is_flag=True, help="Leave images without labels out.")
@click.option(
    "--left-out",
    metavar="SET",
    multiple=True,
    help="Set that is only validated on. May be given several times.",
)
@click.option(
    "--fit",
    type=click.Choice(["pad", "crop"]),
    help="Bring images to squares of one size first: pad reduces those that are larger and fills "
    "up, crop takes the middle.",
)
@click.option("--side", type=_count, help="Side of these squares in pixels. [default: 512]")
@click.option(
    "--scenes",
    type=click.IntRange(min=0),
    help="Number of synthetic scenes to train on as well, instead of the recipe's.",
)
@click.option(
    "--cache",
    type=_folder,
    metavar="FOLDER",
    help="Keep distance maps here, so that other runs on the same labels need not compute them.",
)
@click.option(
    "--network",
    type=click.Choice(["lite", "sam"]),
    help="What to train: the small network or SAM's. [default: as the recipe says or --start is, "
    "else lite]",
)
@click.option("--recipe", type=_file, help="TOML file with all choices.")
@click.option(
    "--start",
    metavar="MODEL",
    help="Network to go on from instead of a new one: samcell-lite or a checkpoint of it; a "
    "checkpoint of SAM or SAMCell, or the name of one.",
)
@click.option(
    "--set",
    metavar="NAME=VALUE",
    multiple=True,
    help="Any setting of the recipe, such as learning_rate=0.0005 or data.fraction=0.2. May be "
    "given several times.",
)
@click.option(
    "--epochs", type=_count, help="Most times that SAM's network sees each image. [as the recipe]"
)
@click.option("--steps", type=_count, help="Number of updates of the small network.")
@click.option("--batch", type=_count, help="Crops in an update.")
@click.option(
    "--trained",
    metavar="PARTS",
    help='Parts of SAM\'s network to train: all, decoder, lora, or "lora and decoder".',
)
@click.option("--rank", type=_count, help="Rank of the adapters of --trained lora.")
@click.option("--seed", type=click.IntRange(min=0), help="Of first weights, scenes and crops.")
@click.option(
    "--device",
    envvar="SAMCELL_DEVICE",
    help="Where to train: auto, cpu, cuda, cuda:1 or mps. [default: cpu for the small network, "
    "else auto]",
)
@click.option("--precision", help="fp32, or bf16 for mixed precision; for SAM's network also auto.")
@verbosity_options
@click.pass_context
def command(ctx: click.Context, /, data: Path, verbosity: int, **options: object) -> None:
    """Train a model on images and labels of your own, or go on from the built-in one.

    DATA is a folder of images and their labels (images/a.tif and labels/a.tif, a.tif and
    a_labels.tif, a.tif and a_RoiSet.zip, what Cellpose and CellProfiler write), a COCO file, or a
    CSV file with the columns image and labels. What options do not say is as in the recipe.
    Stopped or interrupted, the same command goes on from the last validation. The model that
    comes out is OUT/best.safetensors:

    \b
    samcell-cli train my_images -o my_run --start samcell-lite --steps 1000
    samcell-cli train my_images -o my_run --start sam_vit_b_01ec64.pth --dry-run
    samcell-cli run more_images --model my_run/best.safetensors
    """  # noqa: D301 - click reads the control letter
    arguments = [str(data), *({1: ["--verbose"], -1: ["--quiet"]}.get(verbosity, []))]
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            arguments += [option] * value
            continue
        for each in value if isinstance(value, tuple) else (value,):
            if each is not None:
                # In one word, so that a value may begin with a dash.
                arguments.append(f"{option}={each}")
    # Late: torch takes seconds to import.
    from samcell_core.training.__main__ import main

    ctx.exit(main(arguments))
