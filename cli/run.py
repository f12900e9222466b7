"""``samcell-cli run``: images in; labels, ROIs, overlays, tables and a report out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from samcell_cli.engine import engine
from samcell_cli.engine_options import check_model, engine_options
from samcell_cli.exit_codes import WronglyCalledError, refusing
from samcell_cli.outputs import DEFAULT, OUTPUTS, SaveChoice
from samcell_cli.progress import Bar, Lines
from samcell_cli.settings_options import chosen_settings, save_settings, settings_options
from samcell_cli.verbosity import verbosity_options
from samcell_core.batch import (
    Event,
    Found,
    Listener,
    find_inputs,
    plan_run,
    printable,
    run_images,
)
from samcell_core.errors import ModelError, SamcellError

__all__ = ["command"]

_KINDS = ", ".join(f"{output.kind} ({output.help})" for output in OUTPUTS.values())


@click.command(name="run")
@click.argument(
    "inputs",
    metavar="INPUT...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for the results. [default: INPUT_samcell, beside the input]",
)
@engine_options
@click.option("-r", "--recursive", is_flag=True, help="Search sub-folders, too.")
@click.option("--pattern", help="Take only files of such a name from folders, as in '*_phase.tif'.")
@click.option(
    "--save",
    type=SaveChoice(),
    default=",".join(DEFAULT),
    show_default=True,
    help=f"What to save beside tables and report, with commas: {_KINDS}; all; none.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option(
    "--overwrite",
    is_flag=True,
    help="Replace files that are there, and results of other settings or of images that changed.",
)
@click.option(
    "--save-settings",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the settings of this run to a TOML file.",
)
@click.option("--json", "as_json", is_flag=True, help="Say what happens as JSON, one event a line.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    envvar="SAMCELL_WORKERS",
    help="Images at work at a time. [default: by the number of cores]",
)
@settings_options
@verbosity_options
@click.pass_context
def command(ctx: click.Context, /, inputs: tuple[Path, ...], **options: Any) -> None:
    """Find the cells in images: labels, ROIs, tables and a report.

    INPUT are image files, stacks, and folders of images. A run that was stopped goes on where it
    was when the same command is given again; nothing that exists is overwritten unasked.
    """
    settings = chosen_settings(options, options["settings_file"])
    out = options["out"] or _beside(inputs)
    check_model(options["model"])
    with refusing():
        found = find_inputs(
            inputs, out=out, recursive=options["recursive"], pattern=options["pattern"]
        )
        if options["dry_run"]:
            _dry_run(found, out, options["save"])
            ctx.exit(1 if found.problems else 0)
        if options["save_settings"] is not None:
            save_settings(options["save_settings"], settings, overwrite=options["overwrite"])

    listen: Listener
    bar = None
    if options["as_json"]:
        listen = Lines()
    else:
        sizes = {source.shown: _size(source.path) for source in found.sources}
        listen = bar = Bar(sizes, verbosity=options["verbosity"])
    begun = False

    def tell(event: Event) -> None:
        nonlocal begun
        begun = True
        listen(event)

    try:
        with engine(
            options["model"],
            device=options["device"],
            precision=options["precision"],
            threads=options["threads"],
            verbosity=options["verbosity"],
        ) as segmenter:
            outcome = run_images(
                found,
                out,
                segmenter,
                settings=settings,
                outputs=[OUTPUTS[kind] for kind in options["save"]],
                overwrite=options["overwrite"],
                workers=options["workers"],
                title=_title(inputs),
                arguments=["samcell-cli", *sys.argv[1:]],
                listen=tell,
            )
    except SamcellError as error:
        if begun or isinstance(error, ModelError):
            raise
        raise WronglyCalledError(str(error)) from error
    except KeyboardInterrupt:
        if bar is not None:
            bar.clear()
        click.echo("Stopped. The same command goes on with the images that are left.", err=True)
        ctx.exit(130)
    if not options["as_json"] and options["verbosity"] >= 0:
        images = len(outcome.rows) - outcome.failed
        again = f" ({outcome.skipped} of them before)" if outcome.skipped else ""
        failed = f", {outcome.failed} failed" if outcome.failed else ""
        click.echo(
            f"{outcome.cells:,} cells in {images:,} images{again}{failed}: {out / 'report.html'}"
        )
    ctx.exit(1 if outcome.failed else 0)


def _dry_run(found: Found, out: Path, kinds: tuple[str, ...]) -> None:
    planned = plan_run(found, out)
    for each in planned:
        done = "finished" if each.finished else "to do"
        click.echo(f"{done:8}  {each.source.shown} -> {each.name}")
    for problem in found.problems:
        click.echo(f"fails     {problem.shown}: {problem.reason}")
    to_do = sum(not each.finished for each in planned)
    files = ", ".join((*kinds, "cells.csv", "images.csv", "report.html", "run.json"))
    click.echo(f"{to_do} of {len(planned)} images to do; {out} gets {files}.")


def _beside(inputs: tuple[Path, ...]) -> Path:
    """Where results go unless one says where."""
    if len(inputs) > 1:
        raise click.UsageError("With more than one INPUT say with -o where the results go.")
    path = inputs[0].absolute()
    path = path.resolve() if path.name in ("", "..") else path
    if not path.name:
        raise click.UsageError(f"Beside {path} is no room for the results: say where with -o.")
    return path.with_name(f"{path.name}_samcell")


def _title(inputs: tuple[Path, ...]) -> str:
    names = [printable(path.absolute().name) for path in inputs[:3]]
    return ", ".join(names) + (" and more" if len(inputs) > 3 else "")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 1
