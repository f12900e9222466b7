"""``samcell-cli demo``: draw images whose cells are known, find them, and see how well."""

from __future__ import annotations

from pathlib import Path

import click

from samcell_cli.engine import engine
from samcell_cli.engine_options import check_model, engine_options
from samcell_cli.evaluate import scores_table
from samcell_cli.exit_codes import WronglyCalledError
from samcell_cli.label_options import label_reader
from samcell_cli.manners import complain, note, write_page
from samcell_cli.outputs import DEFAULT, OUTPUTS
from samcell_cli.progress import Bar
from samcell_cli.verbosity import verbosity_options
from samcell_core.batch import find_inputs, run_images
from samcell_core.comparison import (
    error_page,
    evaluate_matches,
    match_images,
    match_labels,
    pool_images,
)
from samcell_core.comparison.evaluation_run import scores_row
from samcell_core.errors import SamcellError
from samcell_core.settings import Settings
from samcell_core.synthetic.files import DEMONSTRATION, write_scenes

__all__ = ["command"]


@click.command(name="demo")
@click.argument(
    "folder",
    metavar="[DIR]",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("samcell-demo"),
)
@engine_options
@click.option("--overwrite", is_flag=True, help="Write into DIR where it holds something already.")
@verbosity_options
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path,
    model: str,
    device: str,
    precision: str,
    threads: int | None,
    overwrite: bool,
    verbosity: int,
) -> None:
    """Draw microscope images whose cells are known, find them, and see how well.

    Writes images, the true cells, results and an evaluation into DIR (samcell-demo where not
    given). The images are drawn, not photographed: the scores say that everything works, not how
    well it will do with yours.
    """
    if not overwrite and folder.is_dir() and any(folder.iterdir()):
        raise WronglyCalledError(
            f"{folder} holds something already: give another folder, or --overwrite."
        )
    check_model(model)
    images, truth, results = folder / "images", folder / "truth", folder / "results"
    say = click.echo if verbosity >= 0 else _nothing
    say(f"Drawing {len(DEMONSTRATION)} images ...")
    for scene in write_scenes(images, truth, overwrite=overwrite):
        if verbosity > 0:
            say(f"  {images / scene.name}.tif: {scene.modality}")

    found = find_inputs([images], out=results)
    bar = Bar(
        {source.shown: source.path.stat().st_size for source in found.sources}, verbosity=verbosity
    )
    with engine(
        model, device=device, precision=precision, threads=threads, verbosity=verbosity
    ) as segmenter:
        say(f"Finding cells with {segmenter.model.name} on {segmenter.device} ...")
        outcome = run_images(
            found,
            results,
            segmenter,
            settings=Settings(),
            outputs=[OUTPUTS[kind] for kind in DEFAULT],
            overwrite=overwrite,
            title="drawn images (demonstration)",
            listen=bar,
        )
    page = folder / "evaluation" / "errors.html"
    failed = _evaluate(results, truth, images, page, quiet=verbosity < 0)
    say(f"\nReport:                {results / 'report.html'}")
    say(f"What is wrong, by eye: {page}")
    note("the images are drawn, so the scores say little about images of yours.")
    ctx.exit(1 if failed or outcome.failed else 0)


def _evaluate(results: Path, truth: Path, images: Path, page: Path, *, quiet: bool) -> bool:
    """Print the scores, write the page of errors; return whether an image has no scores."""
    reader = label_reader()
    below = {match.first: match.second for match in match_images(truth, images).matches}
    matches = match_labels(results, truth).matches
    evaluated = list(evaluate_matches(matches, reader=reader, images=below))
    for image in evaluated:
        if image.error:
            complain(f"{image.name}: {image.error}")
    pooled = pool_images(evaluated)
    if pooled is None:
        raise SamcellError("No image of the demonstration has results.")
    shown = error_page(evaluated, pooled, reader=reader, title="Demonstration")
    write_page(page, shown, overwrite=True)  # asked for all of DIR, at the start
    if not quiet:
        good = [image.to_row() for image in evaluated if not image.error]
        click.echo(f"\n{scores_table(good, scores_row(pooled))}")
    return len(evaluated) < len(DEMONSTRATION) or any(image.error for image in evaluated)


def _nothing(_: str) -> None:
    """Say nothing."""
