"""What the commands have in common: errors, notes and tables for people, files never lost."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from samcell_cli.exit_codes import WronglyCalledError
from samcell_core.files import new_file
from samcell_core.installing import Trial
from samcell_core.metrics import Table

__all__ = [
    "aligned",
    "complain",
    "note",
    "print_json",
    "refuse_existing",
    "table_of",
    "tell_trial",
    "write_page",
]


def complain(sentence: str) -> None:
    """Say on stderr what failed, while the rest goes on."""
    click.echo(f"Error: {sentence}", err=True)


def note(sentence: str) -> None:
    """Say on stderr what is worth knowing, unless the user wants to hear of errors alone."""
    context = click.get_current_context(silent=True)
    if context is None or context.params.get("verbosity", 0) >= 0:
        click.echo(f"Note: {sentence}", err=True)


def tell_trial(ctx: click.Context, trial: Trial) -> NoReturn:
    """Say what came of trying an installation; the exit code is 1 where something does not work."""
    width = max(map(len, trial.found))
    for subject, text in trial.found.items():
        click.echo(f"{subject:<{width}}  {text}")
    for sentence in trial.notes:
        note(sentence)
    for sentence in trial.problems:
        complain(sentence)
    if not trial.problems:
        click.echo("Everything works.")
    ctx.exit(1 if trial.problems else 0)


def print_json(values: Any) -> None:
    """Print values for other programs; NaN, which JSON does not know, becomes null.

    In ASCII: what Windows writes to a file or a pipe is in an encoding of its own.
    """
    click.echo(json.dumps(_without_nan(values), indent=1))


def aligned(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns of even width: the first to the left, numbers to the right."""
    lines = [list(heading), *map(list, rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(heading))]
    return "\n".join(
        "  ".join(
            text.ljust(width) if place == 0 else text.rjust(width)
            for place, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def refuse_existing(paths: Iterable[Path], *, overwrite: bool) -> None:
    """Refuse, before any work, to write over files that are there."""
    for path in paths:
        if not overwrite and path.exists():
            raise WronglyCalledError(f"{path} exists: give another folder, or --overwrite.")


def write_page(path: Path, page: str, *, overwrite: bool) -> None:
    """Write a page, and the folders that are missing: whole, or not at all."""
    with new_file(path, overwrite=overwrite, kind="page", folders=True) as draft:
        draft.write_text(page, encoding="utf-8", newline="\n")


def table_of(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Table of rows that may lack values; whole numbers stay whole also where some are missing."""
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {}
    for name in names:
        values = [row.get(name, math.nan) for row in rows]
        whole = any(isinstance(value, int) and not isinstance(value, bool) for value in values)
        lacking = any(name not in row for row in rows)
        columns[name] = (
            ["NaN" if value != value else str(value) for value in values]
            if whole and lacking
            else values
        )
    return Table(columns)


def _without_nan(values: Any) -> Any:
    if isinstance(values, Mapping):
        return {name: _without_nan(value) for name, value in values.items()}
    if isinstance(values, (list, tuple)):
        return [_without_nan(value) for value in values]
    if isinstance(values, float) and not math.isfinite(values):
        return None
    return values
