"""What the commands about label files have in common: reading them, matching them by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
from numpy.typing import NDArray

from samcell_cli.exit_codes import WronglyCalledError
from samcell_cli.manners import complain, note
from samcell_core.batch import printable
from samcell_core.comparison import LabelReader, Matching, match_images

__all__ = [
    "check_matched",
    "ending_option",
    "images_by_label",
    "images_option",
    "label_reader",
    "missing_option",
    "out_option",
    "overwrite_option",
    "report_unmatched",
    "unmatched",
]

_Command = TypeVar("_Command", bound=Callable[..., Any])
_OUTLINES = (".zip", ".roi", ".geojson", ".json")
_SHOWN = 5

ending_option = click.option(
    "--ending",
    "endings",
    multiple=True,
    metavar="TEXT",
    help="Further ending of file names that does not count when files are matched, such as "
    "_Cells for x_Cells.tiff. May be given several times.",
)
images_option = click.option(
    "--images",
    type=click.Path(exists=True, path_type=Path),
    metavar="IMAGES",
    help="The microscope images: shown in pages, and needed where both sides are outlines "
    "(RoiSet.zip, GeoJSON), which do not say how large the image is.",
)
missing_option = click.option(
    "--allow-missing",
    is_flag=True,
    help="Files without a partner are no failure.",
)
overwrite_option = click.option(
    "--overwrite", is_flag=True, help="Replace files of earlier calls in OUT."
)


def out_option(explanation: str) -> Callable[[_Command], _Command]:
    """The option ``-o`` for a folder."""
    return click.option(
        "-o",
        "--out",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="OUT",
        help=explanation,
    )


def label_reader() -> LabelReader:
    """What reads label images, ROIs of ImageJ and GeoJSON of QuPath."""
    return LabelReader({ending: partial(_read_outlines, ending) for ending in _OUTLINES})


def images_by_label(
    labels: Path, images: Path | None, reader: LabelReader, endings: tuple[str, ...]
) -> dict[Path, Path]:
    """The image of each label file that has one."""
    if images is None:
        return {}
    matching = match_images(labels, images, outlines=reader.outlines, endings=endings)
    return {match.first: match.second for match in matching.matches}


def unmatched(
    matching: Matching, sides: tuple[str, str], *, needed: tuple[bool, bool] = (True, True)
) -> dict[str, str]:
    """Files that have no partner, or several, and why they are left out."""
    reasons = {ambiguity.name: str(ambiguity) for ambiguity in matching.ambiguous}
    for names, other, should in zip(_alone(matching), sides[::-1], needed, strict=True):
        if should:
            reasons |= dict.fromkeys(names, f"it has no partner in {other}")
    return reasons


def report_unmatched(
    matching: Matching, sides: tuple[str, str], *, needed: tuple[bool, bool] = (True, True)
) -> bool:
    """Say on stderr which files have no partner, or several; return whether that is a failure.

    ``needed`` says of which side each file should have one.
    """
    for ambiguity in matching.ambiguous:
        complain(f"{ambiguity}.")
    failed = bool(matching.ambiguous)
    for names, side, other, should in zip(
        _alone(matching), sides, sides[::-1], needed, strict=True
    ):
        if names:
            verb = "has" if len(names) == 1 else "have"
            sentence = f"{len(names)} of {side} {verb} no partner in {other}: {_some(names)}."
            (complain if should else note)(sentence)
            failed = failed or should
    return failed


def check_matched(matching: Matching, first: Path, second: Path) -> None:
    """Refuse folders that have nothing in common."""
    if not matching.matches:
        raise WronglyCalledError(
            f"Nothing in {first} belongs to anything in {second}: files are matched by name, and "
            "--ending names parts of names that do not count."
        )


def _alone(matching: Matching) -> tuple[list[str], list[str]]:
    """Names of the files without a partner, on either side; those of one name would be partners."""
    matches = matching.matches
    return (
        _names(matching.first_alone, [(match.name, match.first) for match in matches]),
        _names(matching.second_alone, [(match.name, match.second) for match in matches]),
    )


def _names(files: Sequence[Path], matched: Sequence[tuple[str, Path]]) -> list[str]:
    """Paths below the folder of their side; names alone, where nothing that matches tells it."""
    if not matched:
        return [printable(path.name) for path in files]
    name, example = matched[0]
    root = example.parents[name.count("/")]  # images are called by their path below it
    return [printable(path.relative_to(root).as_posix()) for path in files]


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _read_outlines(ending: str, path: Path, shape: tuple[int, ...], axes: str) -> NDArray[Any]:
    from imagej_bridge import read_geojson, read_roi_set

    read = read_roi_set if ending in (".zip", ".roi") else read_geojson
    drawn = read(path, shape, axes=axes)
    if drawn.lost:
        names = ", ".join(drawn.lost[:_SHOWN])
        note(
            f"{len(drawn.lost)} outlines in {path.name} have no pixel of their own, because they "
            f"lie outside the image or under others: {names}."
        )
    if drawn.overlapping:
        note(
            f"Outlines in {path.name} overlap in {drawn.overlapping} pixels, which count for the "
            "first one."
        )
    return drawn.labels
