"""``samcell-cli models``: the models that have a name, and their files on this computer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from samcell_cli.exit_codes import refusing
from samcell_cli.manners import aligned, print_json
from samcell_core.errors import ModelError
from samcell_core.models.cache import known_sha256
from samcell_core.models.header import NETWORKS, read_header
from samcell_core.models.placing import import_model, remove_model
from samcell_core.models.registry import (
    ListedModel,
    find_entry,
    find_model,
    list_models,
    local_file,
    unknown_model,
)
from samcell_core.terminal import DownloadLine, megabytes

__all__ = ["command"]

_json_option = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


@click.group(name="models", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Models by name: list them, download, place and remove their files.

    Without a sub-command, list them. A model is also the path of any checkpoint.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_command)


@command.command(name="list")
@_json_option
def list_command(as_json: bool = False) -> None:
    """List the models that have a name."""
    models = list_models()
    if as_json:
        print_json([_facts(model) for model in models])
        return
    rows = [
        (model.entry.name, _size_of(model), _state(model), model.entry.summary) for model in models
    ]
    table = aligned(["model", "size", "here"], [row[:3] for row in rows]).splitlines()
    click.echo(f"{table[0]}  what for")
    for line, row in zip(table[1:], rows, strict=True):
        click.echo(f"{line}  {row[3]}")
    click.echo("\nLicence, source, place and checksum: samcell-cli models info NAME")


@command.command(name="info")
@click.argument("model", metavar="MODEL")
@_json_option
def info_command(model: str, as_json: bool) -> None:
    """Tell all that is known of a model.

    MODEL is a name, or the path of a checkpoint.
    """
    facts = _facts_of(model)
    if as_json:
        print_json(facts)
        return
    width = max(map(len, facts))
    for name, value in facts.items():
        shown = "not known" if value in (None, "") else value
        click.echo(f"{name.replace('_', ' '):<{width}}  {_in_words(name, shown)}")


@command.command(name="download")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
def download_command(names: tuple[str, ...]) -> None:
    """Fetch models now, to be offline later.

    What arrived in an earlier attempt is kept and continued.
    """
    for name in names:
        model = _named(name)
        if model.present:
            click.echo(f"{model.entry.name} is here already: {model.path}")
            continue
        with DownloadLine(sys.stderr) as arriving:
            path, _ = find_model(model.entry.name, progress=arriving)
        click.echo(f"{model.entry.name}: {path}")


@command.command(name="remove")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
def remove_command(names: tuple[str, ...]) -> None:
    """Delete the downloaded files of models.

    They can be fetched again.
    """
    for name in names:
        model = _named(name)
        removed = remove_model(model.entry.name)
        click.echo(
            f"{model.entry.name} is removed: {model.path}"
            if removed
            else f"{model.entry.name} was not on this computer."
        )


@command.command(name="path")
@click.argument("name", metavar="NAME")
def path_command(name: str) -> None:
    """Print where the file of a model lies.

    Fails where it is not on this computer.
    """
    model = _named(name)
    if not model.present:
        raise ModelError(
            f"{model.entry.name} is not on this computer (it would be {model.path}): "
            f"samcell-cli models download {model.entry.name}"
        )
    click.echo(str(model.path))


@command.command(name="import")
@click.argument("name", metavar="NAME")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
def import_command(name: str, file: Path) -> None:
    """Place a file that came by another way.

    FILE is copied as the model NAME and its checksum verified: for computers without a network.
    """
    model = _named(name)
    click.echo(f"{model.entry.name}: {import_model(model.entry.name, file)}")


def _named(name: str) -> ListedModel:
    with refusing():
        entry = find_entry(name.strip())
        if entry is None:
            raise unknown_model(name)
    return next(model for model in list_models() if model.entry == entry)


def _facts_of(asked: str) -> dict[str, Any]:
    entry = find_entry(asked.strip())
    if local_file(asked.strip(), named=entry is not None) is None:
        return _facts(_named(asked))
    # Only what is in a file needs torch.
    from samcell_core.models.loading import load_model

    info = load_model(asked).info
    return {
        "name": info.name,
        "architecture": info.architecture,
        "path": info.source,
        "sha256": info.sha256,
        "size": Path(info.source).stat().st_size,
        "licence": info.licence,
        "peak": info.peak,
        "fill": info.fill,
        "diameter": info.diameter,
    }


def _facts(model: ListedModel) -> dict[str, Any]:
    entry = model.entry
    # What a file says of itself counts, as when it is used.
    said = (read_header(model.path, *NETWORKS) if model.present else None) or {}
    return {
        "name": entry.name,
        "summary": entry.summary,
        "present": model.present,
        "path": str(model.path),
        "size": model.path.stat().st_size if model.present else entry.size,
        "source": entry.url or "part of this program",
        "sha256": known_sha256(model.path) if model.present else entry.sha256,
        "licence": entry.licence,
        "citation": entry.citation,
        "peak": said.get("peak", entry.peak),
        "fill": said.get("fill", entry.fill),
        "diameter": said.get("diameter"),
    }


def _in_words(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "size" and isinstance(value, int):
        return megabytes(value)
    if name == "diameter":
        return "any" if value == "not known" else f"{value:g} px"
    return str(value)


def _state(model: ListedModel) -> str:
    if not model.entry.url:
        return "built in" if model.present else "missing"
    return "yes" if model.present else "no"


def _size_of(model: ListedModel) -> str:
    size = model.path.stat().st_size if model.present else model.entry.size
    return "?" if size is None else megabytes(size)
