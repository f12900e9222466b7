"""``samcell-cli compare``: two runs, or two programs' labels, side by side."""

from __future__ import annotations

from functools import reduce
from operator import add
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
from samcell_cli.manners import aligned, complain, print_json, refuse_existing, table_of
from samcell_cli.verbosity import verbosity_options
from samcell_core.comparison import compare_matches, describe_labels, match_labels
from samcell_core.errors import SamcellError

__all__ = ["command"]

_FILE = "comparison.csv"
_COUNTS = {
    "count_a": "A",
    "count_b": "B",
    "difference": "B - A",
    "in_both": "in both",
    "only_in_a": "only A",
    "only_in_b": "only B",
}


@click.command(name="compare")
@click.argument("a", type=click.Path(exists=True, path_type=Path))
@click.argument("b", type=click.Path(exists=True, path_type=Path))
@out_option(f"Folder for {_FILE}, an image a row.")
@click.option(
    "--at",
    "threshold",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.5,
    show_default=True,
    metavar="IOU",
    help="Overlap (intersection over union) at which two cells count as the same.",
)
@images_option
@ending_option
@missing_option
@overwrite_option
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@verbosity_options
@click.pass_context
def command(
    ctx: click.Context,
    a: Path,
    b: Path,
    out: Path | None,
    threshold: float,
    images: Path | None,
    endings: tuple[str, ...],
    allow_missing: bool,
    overwrite: bool,
    as_json: bool,
    verbosity: int,
) -> None:
    """Compare two segmentations A and B of the same images: counts and agreement.

    A and B are folders that `run` wrote, folders of labels of any program, or two files. Neither
    is taken for the truth: see `evaluate` for that. The table says for each image how many cells
    both have, AP (cells in both as part of all cells of either) and the mean IoU of the cells
    that both have.
    """
    if out is not None:
        refuse_existing([out / _FILE], overwrite=overwrite)
    reader = label_reader()
    with refusing():
        matching = match_labels(a, b, outlines=reader.outlines, endings=endings)
    failed = report_unmatched(matching, ("A", "B"), needed=(not allow_missing,) * 2)
    check_matched(matching, a, b)
    rows, agreements = [], []
    for image in compare_matches(
        matching.matches,
        reader=reader,
        threshold=threshold,
        images=images_by_label(b, images, reader, endings),
    ):
        rows.append(image.to_row())
        if image.agreement is not None:
            agreements.append(image.agreement)
        else:
            complain(f"{image.name}: {image.error}")
            failed = True
    if not agreements:
        raise SamcellError("No image could be compared.")
    rows += [
        {"image": name, "status": "unmatched", "error": why}
        for name, why in unmatched(matching, ("A", "B")).items()
    ]
    total = reduce(add, agreements).to_row()
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        table_of(rows).to_csv(out / _FILE, overwrite=overwrite)
    if as_json:
        sides = {"a": describe_labels(a), "b": describe_labels(b)}
        print_json({**sides, "images": rows, "all": total})
    elif verbosity >= 0:
        click.echo(f"A  {describe_labels(a)}\nB  {describe_labels(b)}\n")
        click.echo(_table([row for row in rows if row["status"] == "ok"], total, threshold))
    ctx.exit(1 if failed else 0)


def _table(rows: list[dict[str, Any]], total: dict[str, Any], threshold: float) -> str:
    lines = [*rows, {"image": f"all {len(rows)}", **total}] if len(rows) > 1 else rows
    return aligned(
        ["image", *_COUNTS.values(), f"AP {threshold:g}", "mean IoU", ""],
        (
            [
                str(line["image"]),
                *(f"{line[name]:d}" for name in _COUNTS),
                f"{line[f'average_precision_{threshold:g}']:.3f}",
                f"{line['mean_iou']:.3f}",
                "identical" if line["identical"] else "",
            ]
            for line in lines
        ),
    )
