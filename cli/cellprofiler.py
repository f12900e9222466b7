"""``samcell-cli cellprofiler``: the module RunSAMCell in CellProfiler's folder of plugins."""

from __future__ import annotations

from pathlib import Path

import click

from cellprofiler_plugin.installation import Installed, install, try_out, uninstall
from samcell_cli.manners import note, tell_trial

__all__ = ["command"]

_folder_argument = click.argument(
    "folder", metavar="[DIR]", type=click.Path(path_type=Path), required=False
)


@click.group(name="cellprofiler")
def command() -> None:
    """The module RunSAMCell: put it into CellProfiler, check that it works, take it out.

    DIR is CellProfiler's folder of plugins. Where it is not given, it is the one that is set in
    CellProfiler's Preferences, else the folder CellProfiler/plugins in your home folder.
    """


@command.command(name="install")
@_folder_argument
@click.option("--overwrite", is_flag=True, help="Replace a file that is not ours, or was changed.")
def install_command(folder: Path | None, overwrite: bool) -> None:
    """Put the module into CellProfiler, or bring it up to date.

    The engine will be run by the Python that runs this command.
    """
    done = install(folder, overwrite=overwrite)
    place, now, before = done.folder.path, done.now, done.before
    if before is None:
        click.echo(f"RunSAMCell {now.version} is installed in {place}")
    elif done.written:
        was = "" if before.version == now.version else f" (was {before.version})"
        click.echo(f"RunSAMCell {now.version}{was} is brought up to date in {place}")
    else:
        click.echo(f"RunSAMCell {now.version} is installed already in {place}")
    moved = before is not None and before.python != now.python
    click.echo(f"Engine: {now.python}" + (f" (was {before.python})" if moved and before else ""))
    _tell_what_next(done)


@command.command(name="check")
@_folder_argument
@click.pass_context
def check_command(ctx: click.Context, folder: Path | None) -> None:
    """Find the cells of a drawn image as CellProfiler would.

    Takes the installed files, starts the engine that they name, and says what does not work. The
    exit code is then 1.
    """
    tell_trial(ctx, try_out(folder))


@command.command(name="uninstall")
@_folder_argument
def uninstall_command(folder: Path | None) -> None:
    """Take the module out of CellProfiler.

    Deletes what `install` has written, and nothing else.
    """
    done = uninstall(folder)
    click.echo(f"RunSAMCell is removed from {done.folder}")
    for name in done.kept:
        note(f"{done.folder / name} was changed after it had been installed, and is kept.")


def _tell_what_next(done: Installed) -> None:
    steps = []
    if not done.folder.preferred:
        steps.append(
            'in CellProfiler\'s Preferences, set "CellProfiler plugins directory" to '
            f"{done.folder.path}"
        )
    steps.append("restart CellProfiler")
    steps.append("add the module: Edit > Add Module > Object Processing > RunSAMCell")
    click.echo("Next:")
    for number, step in enumerate(steps, 1):
        click.echo(f"  {number}. {step}")
    click.echo("To see whether it works: samcell-cli cellprofiler check" + _argument(done))


def _argument(done: Installed) -> str:
    """What has to be added to commands for the same folder."""
    if done.folder.preferred or done.folder.usual:
        return ""
    return f' "{done.folder.path}"'
