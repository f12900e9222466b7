"""``samcell-cli measure``: the tables of a run from labels that are there already."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from samcell_cli.exit_codes import refusing
from samcell_cli.label_options import (
    check_matched,
    ending_option,
    label_reader,
    out_option,
    overwrite_option,
    report_unmatched,
    unmatched,
)
from samcell_cli.manners import complain, print_json, refuse_existing
from samcell_cli.settings_options import SettingValue, chosen_settings, flag
from samcell_cli.verbosity import verbosity_options
from samcell_core.batch import ImageRow
from samcell_core.comparison import match_images, measure_matches
from samcell_core.settings import Settings

__all__ = ["command"]

_Command = TypeVar("_Command", bound=Callable[..., Any])
_NEEDED = (True, False)  # an image without labels is no failure


def _setting(name: str) -> Callable[[_Command], _Command]:
    """The option of one of the settings."""
    option = next(each for each in Settings.options() if each.name == name)
    return click.option(
        flag(name),
        name,
        type=SettingValue(option),
        help=f"{option.help} [default: {option.auto}]",
    )


@click.command(name="measure")
@click.argument("labels", type=click.Path(exists=True, path_type=Path))
@click.argument("images", type=click.Path(exists=True, path_type=Path))
@out_option("Folder for cells.csv and images.csv. [default: LABELS_measures, beside LABELS]")
@_setting("axes")
@_setting("pixel_size")
@ending_option
@overwrite_option
@click.option("--json", "as_json", is_flag=True, help="Print the numbers of each image as JSON.")
@verbosity_options
@click.pass_context
def command(
    ctx: click.Context,
    labels: Path,
    images: Path,
    out: Path | None,
    axes: str | None,
    pixel_size: float | None,
    endings: tuple[str, ...],
    overwrite: bool,
    as_json: bool,
    verbosity: int,
) -> None:
    """Measure the cells of LABELS in IMAGES: cells.csv and images.csv, as `run` writes them.

    LABELS were corrected by hand or made by another program: label images, RoiSet.zip, GeoJSON.
    Give two files, or two folders whose files are matched by name; both may be the same folder,
    with x_labels.tif or x_cp_masks.png beside x.tif. What comes from the network, such as the
    confidence of a cell, is NaN.
    """
    out = out or _beside(labels)
    refuse_existing([out / "cells.csv", out / "images.csv"], overwrite=overwrite)
    reader = label_reader()
    with refusing():
        matching = match_images(labels, images, outlines=reader.outlines, endings=endings)
    sides = ("LABELS", "IMAGES")
    failed = report_unmatched(matching, sides, needed=_NEEDED)
    check_matched(matching, labels, images)
    settings = chosen_settings({"axes": axes, "pixel_size": pixel_size}, None)

    def tell(row: ImageRow) -> None:
        if row.error:
            complain(f"{row.image}: {row.error}")

    rows = measure_matches(
        matching.matches,
        out,
        reader=reader,
        axes=settings.axes,
        pixel_size=settings.pixel_size,
        left_out=unmatched(matching, sides, needed=_NEEDED),
        overwrite=overwrite,
        progress=tell,
    )
    if as_json:
        print_json([_as_dict(row) for row in rows])
    elif verbosity >= 0:
        good = [row for row in rows if not row.error]
        cells = sum(row.count for row in good)
        click.echo(f"{cells:,} cells in {len(good):,} images: {out / 'cells.csv'}")
    ctx.exit(1 if failed or any(row.error for row in rows) else 0)


def _as_dict(row: ImageRow) -> dict[str, Any]:
    status = "error" if row.error else "ok"
    return {"image": row.image, "status": status, "error": row.error, **row.summary}


def _beside(labels: Path) -> Path:
    path = labels.resolve()
    return path.with_name(f"{path.name}_measures")
