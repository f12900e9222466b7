"""``samcell-cli tune``: the thresholds at which a model finds the cells of labelled images best."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from samcell_cli.engine import engine
from samcell_cli.engine_options import check_model, engine_options
from samcell_cli.exit_codes import refusing
from samcell_cli.manners import aligned, note, print_json, refuse_existing
from samcell_cli.progress import Bar
from samcell_cli.settings_options import chosen_settings, settings_options
from samcell_cli.verbosity import verbosity_options

__all__ = ["command"]

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_Command = TypeVar("_Command", bound=Callable[..., Any])


def _range_option(name: str, what: str) -> Callable[[_Command], _Command]:
    return click.option(
        name,
        type=float,
        nargs=2,
        default=(0.05, 0.9),
        show_default=True,
        metavar="LOW HIGH",
        help=f"Range of the {what} thresholds.",
    )


@click.command(name="tune")
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="OUT",
    help="Folder for tuning.csv, images.csv, heat_map.png, summary.json and the distance maps.",
)
@engine_options
@_range_option("--peaks", "peak")
@_range_option("--fills", "fill")
@click.option(
    "--steps",
    type=int,
    default=20,
    show_default=True,
    help="Number of thresholds of each; pairs with fill above peak are left out.",
)
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="New checkpoint, ending in .safetensors: the model with the best thresholds as its own.",
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
    "--kind",
    metavar="KIND",
    help="How the images are annotated, where DATA holds several kinds: pairs, manifest, coco, "
    "cellpose, roi or cellprofiler.",
)
@click.option("--skip-unlabelled", is_flag=True, help="Leave images without labels out.")
@click.option(
    "--keep-maps/--no-keep-maps",
    default=True,
    show_default=True,
    help="Keep the distance maps in OUT/maps: what was interrupted goes on there, and a search "
    "with other thresholds needs no network.",
)
@click.option("--overwrite", is_flag=True, help="Replace results in OUT, and FILE of --store.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@settings_options
@verbosity_options
@click.pass_context
def command(ctx: click.Context, /, data: Path, out: Path, **options: Any) -> None:
    """Find the thresholds at which a model finds the cells of your labelled images best.

    DATA holds images and their labels, as `train` takes them. The network sees each image once;
    then the peak and the fill threshold are tried with each other, scored by OP_CSB. --peak and
    --fill are those to compare with, in place of the model's own.

    \b
    samcell-cli tune my_images -o tuning --store my-model.safetensors
    samcell-cli run more_images --model my-model.safetensors
    """  # noqa: D301 - click reads the control letter
    settings = chosen_settings(options, options["settings_file"])
    model, overwrite, verbosity = options["model"], options["overwrite"], options["verbosity"]
    check_model(model)

    # Late: torch takes seconds to import.
    from samcell_core.datasets import find_annotated
    from samcell_core.tuning import Grid, store_thresholds, summary, tune, write_tuning
    from samcell_core.tuning.report import MAPS, RESULTS, make_folder
    from samcell_core.tuning.storing import check_place

    with refusing():
        grid = Grid.spanning(peak=options["peaks"], fill=options["fills"], steps=options["steps"])
        refuse_existing([out / name for name in RESULTS], overwrite=overwrite)
        if options["store"] is not None:
            check_place(options["store"], model=model, overwrite=overwrite)
        found = find_annotated(
            data,
            images=options["images"],
            labels=options["labels"],
            manifest=options["manifest"],
            kind=options["kind"],
            skip_unlabelled=options["skip_unlabelled"],
        )
        make_folder(out)
    for sentence in found.notes:
        note(sentence)
    if found.unlabelled:
        note(f"{len(found.unlabelled)} images without labels were left out.")
    bar = Bar({each.name: each.image.stat().st_size for each in found}, verbosity=verbosity)
    try:
        with engine(
            model,
            device=options["device"],
            precision=options["precision"],
            threads=options["threads"],
            verbosity=verbosity,
        ) as segmenter:
            tuning = tune(
                found,
                segmenter,
                grid=grid,
                settings=settings,
                maps=out / MAPS if options["keep_maps"] else None,
                listen=bar,
            )
    except KeyboardInterrupt:
        bar.clear()
        click.echo("Stopped. The same command goes on with the images that are left.", err=True)
        ctx.exit(130)
    bar.clear()
    write_tuning(tuning, out, overwrite=overwrite)
    told = summary(tuning)
    for sentence in told["notes"]:
        note(sentence)
    if options["as_json"]:
        print_json(told)
    elif verbosity >= 0:
        left_out = len(grid.peaks) * len(grid.fills) - grid.pairs
        click.echo(
            f"{grid.pairs} pairs of thresholds, {left_out} with fill above peak left out.\n\n"
            f"{_table(told)}\n\nAll scores, and a picture of them: {out}"
        )
    if options["store"] is not None:
        best = tuning.optimum()
        stored = store_thresholds(
            model,
            options["store"],
            peak=best.peak,
            fill=best.fill,
            told={"op_csb": best.score.op_csb, "images": told["images"], "sets": [*tuning.sets]},
            overwrite=overwrite,
        )
        if verbosity >= 0 and not options["as_json"]:
            click.echo(f"Peak {best.peak:g} and fill {best.fill:g} are the defaults of {stored}.")
    ctx.exit(1 if tuning.failed else 0)


def _table(told: Mapping[str, Any]) -> str:
    """The best thresholds of each set, and over all, for people."""
    now = told["present"]
    heading = ["set", "images", "peak", "fill", "OP_CSB", "SEG", "DET"]
    heading += [f"at {now['peak']:g}/{now['fill']:g}"]
    heading += [f"{name} within {told['near']:g}" for name in ("peak", "fill")]
    lines = dict(told["sets"])
    if len(lines) > 1:
        lines["mean of sets"] = told["over_all"]
    return aligned(
        heading,
        (
            [
                name,
                str(line["images"]),
                *(f"{line[each]:g}" for each in ("peak", "fill")),
                *(f"{line[each]:.3f}" for each in ("op_csb", "seg", "det")),
                f"{line['present']['op_csb']:.3f}",
                *("{:g}-{:g}".format(*line["near"][each]) for each in ("peak", "fill")),
            ]
            for name, line in lines.items()
        ),
    )
