"""The options that say which model runs, and where: the same for every command that runs one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

__all__ = ["engine_options"]

Command = TypeVar("Command", bound=Callable[..., object])


def engine_options(command: Command) -> Command:
    """Give a command ``--model``, ``--device``, ``--precision`` and ``--threads``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS = (
    click.option(
        "-m",
        "--model",
        default="samcell-lite",
        envvar="SAMCELL_MODEL",
        show_default=True,
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
