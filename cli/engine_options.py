"""The options that say which model runs, and where: the same for every command that runs one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click
from click.shell_completion import CompletionItem

from samcell_cli.exit_codes import refusing

__all__ = ["check_model", "engine_options"]

Command = TypeVar("Command", bound=Callable[..., object])


def engine_options(command: Command) -> Command:
    """Give a command ``--model``, ``--device``, ``--precision`` and ``--threads``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def check_model(asked: str) -> None:
    """Refuse a model that does not exist, before seconds go by with the import of torch."""
    from samcell_core.models.registry import find_entry, local_file, unknown_model

    with refusing():
        entry = find_entry(asked.strip())
        if local_file(asked.strip(), named=entry is not None) is None and entry is None:
            raise unknown_model(asked)


def _complete_model(
    ctx: click.Context,  # noqa: ARG001 - as click asks
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Names of models, else the shell's own completion of files."""
    from samcell_core.models.registry import MODELS

    names = [entry.name for entry in MODELS if entry.name.startswith(incomplete)]
    return [CompletionItem(name) for name in names] or [CompletionItem(incomplete, type="file")]


_OPTIONS = (
    click.option(
        "-m",
        "--model",
        default="samcell-lite",
        envvar="SAMCELL_MODEL",
        show_default=True,
        shell_complete=_complete_model,
        help="Name of a model, or the path of a checkpoint.",
    ),
    click.option(
        "--device",
        default="auto",
        envvar="SAMCELL_DEVICE",
        show_default=True,
        help="Where the network runs: auto, cpu, cuda, cuda:1 or mps.",
    ),
    click.option(
        "--precision",
        type=click.Choice(["auto", "fp32", "bf16", "fp16"]),
        default="auto",
        envvar="SAMCELL_PRECISION",
        show_default=True,
        help="How the network computes; auto is bf16 where the hardware has it.",
    ),
    click.option(
        "--threads",
        type=click.IntRange(1, 1024),
        envvar="SAMCELL_THREADS",
        help="Cores for the network. [default: all, up to 16]",
    ),
)
