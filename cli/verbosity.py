"""How much a command says: ``-v`` and ``-q``."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

import click

__all__ = ["verbosity_options"]

Command = TypeVar("Command", bound=Callable[..., Any])


def verbosity_options(command: Command) -> Command:
    """Give a command ``-v`` (more) and ``-q`` (errors alone), as the argument ``verbosity``."""
    command = click.option(
        "-v",
        "--verbose",
        "verbosity",
        flag_value=1,
        type=int,
        default=0,
        callback=_set_level,
        help="Say more of what is done.",
    )(command)
    return click.option(
        "-q",
        "--quiet",
        "verbosity",
        flag_value=-1,
        type=int,
        callback=_set_level,
        help="Say nothing but errors.",
    )(command)


def _set_level(ctx: click.Context, _: click.Parameter, value: int | None) -> int:
    verbosity = value or 0
    root, before = logging.getLogger(), logging.getLogger().level
    root.setLevel({1: logging.INFO, -1: logging.ERROR}.get(verbosity, logging.WARNING))
    # For a program that calls the command, its own level afterwards.
    ctx.call_on_close(lambda: root.setLevel(before))
    return verbosity
