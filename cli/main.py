"""The command ``samcell-cli``: finds its sub-commands, and turns errors into one sentence."""

from __future__ import annotations

import importlib
import logging
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import click

from samcell_cli.exit_codes import WronglyCalledError

__all__ = ["COMMANDS", "cli", "main"]

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("samcell_cli.run", "Find the cells in images: labels, ROIs, tables and a report."),
    "demo": (
        "samcell_cli.demo",
        "Draw microscope images whose cells are known, find them, and see how well.",
    ),
    "evaluate": (
        "samcell_cli.evaluate",
        "Score PREDICTED labels against TRUE ones: SEG, DET, OP_CSB, AP, and what is wrong.",
    ),
    "measure": (
        "samcell_cli.measure",
        "Measure the cells of LABELS in IMAGES: cells.csv and images.csv, as `run` writes them.",
    ),
    "compare": (
        "samcell_cli.compare",
        "Compare two segmentations A and B of the same images: counts and agreement.",
    ),
    "models": (
        "samcell_cli.models",
        "Models by name: list them, download, place and remove their files.",
    ),
    "train": (
        "samcell_cli.train",
        "Train a model on images and labels of your own, or go on from the built-in one.",
    ),
    "tune": (
        "samcell_cli.tune",
        "Find the thresholds at which a model finds the cells of your labelled images best.",
    ),
    "cellprofiler": (
        "samcell_cli.cellprofiler",
        "The module RunSAMCell: put it into CellProfiler, check that it works, take it out.",
    ),
    "fiji": (
        "samcell_cli.fiji",
        "The command Plugins > SAMCell: put it into Fiji, check that it works, take it out.",
    ),
    "doctor": (
        "samcell_cli.doctor",
        "Look at everything that work depends on, and say what to do about each problem.",
    ),
    "worker": (
        "samcell_cli.worker",
        "Serve another program, such as CellProfiler or Fiji, over its pipes.",
    ),
}
"""Module of each command, and what the list of commands says of it: both without importing it."""

_HELP = """\
Find cells in microscope images.

\b
  samcell-cli run images/      find the cells in a folder of images
  samcell-cli run --help       all that can be chosen
"""

_EPILOG = """\b
Environment variables:
  SAMCELL_MODEL      model to use where --model is not given
  SAMCELL_DEVICE     device where --device is not given
  SAMCELL_PRECISION  precision where --precision is not given
  SAMCELL_THREADS    cores where --threads is not given
  SAMCELL_WORKERS    images at a time where --workers is not given
  SAMCELL_HOME       folder for downloaded models
  SAMCELL_OFFLINE    1: never download anything

\b
Exit codes: 0 all well, 1 something failed, 2 wrongly called, 130 stopped by Ctrl-C.
"""


class _LateCommands(click.Group):
    """Commands that are imported when they are called, so that help comes at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click asks
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command: click.Command = importlib.import_module(module).command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # whoever read our output has gone: click ends quietly
        except Exception as error:
            # Late: only a command that ran has imported the package.
            from samcell_core.errors import DeviceError, SamcellError, SettingsError
            from samcell_core.files import refusal

            if isinstance(error, (SettingsError, DeviceError)):
                raise WronglyCalledError(str(error)) from error
            if isinstance(error, SamcellError):
                raise click.ClickException(str(error)) from error
            if isinstance(error, OSError):
                raise click.ClickException(refusal(error)) from error
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from samcell_core._version import __version__

        click.echo(f"samcell-cli {__version__}")
        ctx.exit()


@click.group(
    cls=_LateCommands,
    help=_HELP,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """Find cells in microscope images."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    sys.exit(_exit_code(arguments))


def _exit_code(arguments: Sequence[str] | None) -> int:
    logging.basicConfig(format="%(message)s", stream=sys.stderr, level=logging.WARNING)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # of libraries, which tell users nothing
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # letters that a terminal does not have are no error
            stream.reconfigure(errors="backslashreplace")
    try:
        code: Any = cli.main(args=arguments, prog_name="samcell-cli", standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        _give_up_unwritable_output()
        return error.exit_code
    return code if isinstance(code, int) else 0


def _give_up_unwritable_output() -> None:
    """Forget what cannot be written, else Python tries again at its end and complains once more."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
