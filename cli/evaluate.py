"""``samcell-cli evaluate``: how good labels are, held against the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from samcell_cli.exit_codes import refusing
from samcell_cli.label_options import (
    check_matched,
    ending_option,
    images_by_label,
    images_option,
    label_reader,
    missing_option,
    out_option,
    overwrite_option,
    report_unmatched,
    unmatched,
)
from samcell_cli.manners import (
    aligned,
    complain,
    print_json,
    refuse_existing,
    table_of,
    write_page,
)
from samcell_cli.verbosity import verbosity_options
from samcell_core.batch import printable
from samcell_core.comparison import error_page, evaluate_matches, match_labels, pool_images
from samcell_core.comparison.evaluation_run import scores_row
from samcell_core.errors import SamcellError
from samcell_core.metrics import Table
from samcell_core.metrics.average_precision import THRESHOLDS

__all__ = ["command", "scores_table"]

_SCORES, _POOLED, _PAGE = "scores.csv", "pooled.csv", "errors.html"
_COUNTS = {
    "truth_count": "true",
    "predicted_count": "predicted",
    "merged": "merged",
    "split": "split",
    "missed": "missed",
    "spurious": "spurious",
}
_MEANS = {"op_csb": "OP_CSB", "seg": "SEG", "det": "DET"}
_PRECISION = "average_precision_"


@click.command(name="evaluate")
@click.argument("predicted", type=click.Path(exists=True, path_type=Path))
@click.argument("truth", type=click.Path(exists=True, path_type=Path))
@out_option("Folder for scores.csv (an image a row), pooled.csv (all cells) and errors.html.")
@click.option(
    "--at",
    "thresholds",
    type=click.FloatRange(0, 1, min_open=True),
    multiple=True,
    default=THRESHOLDS,
    show_default=True,
    metavar="IOU",
    help="Overlap (intersection over union) at which cells count as the same, for AP. May be "
    "given several times.",
)
@images_option
@click.option(
    "--pictures",
    type=click.IntRange(min=0),
    default=24,
    show_default=True,
    help="Images that errors.html shows, the worst ones.",
)
@ending_option
@missing_option
@overwrite_option
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
@verbosity_options
@click.pass_context
def command(
    ctx: click.Context,
    predicted: Path,
    truth: Path,
    out: Path | None,
    thresholds: tuple[float, ...],
    images: Path | None,
    pictures: int,
    endings: tuple[str, ...],
    allow_missing: bool,
    overwrite: bool,
    as_json: bool,
    verbosity: int,
) -> None:
    """Score PREDICTED labels against TRUE ones: SEG, DET, OP_CSB, AP, and what is wrong.

    Give two files, or two folders whose files are matched by name: x.tif, x_labels.png,
    x_cp_masks.tif and x_RoiSet.zip all belong to the image x. Folders that `run` wrote are
    understood, as are label images of CellProfiler and Cellpose, RoiSet.zip of ImageJ and GeoJSON
    of QuPath.

    With -o OUT, the page errors.html shows merged, split, missed and spurious cells in colours,
    the worst images first.
    """
    if out is not None:
        refuse_existing([out / name for name in (_SCORES, _POOLED, _PAGE)], overwrite=overwrite)
    reader = label_reader()
    with refusing():
        matching = match_labels(predicted, truth, outlines=reader.outlines, endings=endings)
    sides = ("PREDICTED", "TRUTH")
    failed = report_unmatched(matching, sides, needed=(not allow_missing,) * 2)
    check_matched(matching, predicted, truth)
    evaluated = []
    for image in evaluate_matches(
        matching.matches,
        reader=reader,
        thresholds=tuple(dict.fromkeys(thresholds)),
        images=images_by_label(truth, images, reader, endings),
    ):
        evaluated.append(image)
        if image.error:
            complain(f"{image.name}: {image.error}")
            failed = True
    pooled = pool_images(evaluated)
    if pooled is None:
        raise SamcellError("No image could be evaluated.")
    rows = [image.to_row() for image in evaluated]
    left_out = unmatched(matching, sides)
    rows += [{"image": name, "status": "unmatched", "error": why} for name, why in left_out.items()]
    total = scores_row(pooled)
    if out is not None:
        # Before the page, which takes longer and reads all files again.
        out.mkdir(parents=True, exist_ok=True)
        table_of(rows).to_csv(out / _SCORES, overwrite=overwrite)
        Table.from_rows([total]).to_csv(out / _POOLED, overwrite=overwrite)
        page = error_page(
            evaluated,
            pooled,
            reader=reader,
            title=f"{printable(predicted.name)} against {printable(truth.name)}",
            pictures=pictures,
            left_out=left_out,
        )
        write_page(out / _PAGE, page, overwrite=overwrite)
    if as_json:
        print_json({"images": rows, "pooled": total})
    elif verbosity >= 0:
        click.echo(scores_table([row for row in rows if row["status"] == "ok"], total))
        if out is not None:
            click.echo(f"\nWhat is wrong, in colours: {out / _PAGE}")
    ctx.exit(1 if failed else 0)


def scores_table(rows: Sequence[Mapping[str, Any]], total: Mapping[str, Any]) -> str:
    """Counts and scores of each image, and of all cells together, for people."""
    precisions = {
        name: f"AP {name.removeprefix(_PRECISION)}" for name in total if name.startswith(_PRECISION)
    }
    scores = {**_MEANS, **precisions}
    heading = ["image", *_COUNTS.values(), *scores.values()]
    lines = [*rows, {"image": f"all {len(rows)}", **total}] if len(rows) > 1 else rows
    return aligned(
        heading,
        (
            [
                str(line["image"]),
                *(f"{line[name]:d}" for name in _COUNTS),
                *(f"{line[name]:.3f}" for name in scores),
            ]
            for line in lines
        ),
    )
