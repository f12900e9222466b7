"""``samcell-cli fiji``: the command SAMCell in a Fiji or ImageJ."""

from __future__ import annotations

from pathlib import Path

import click

from imagej_bridge.fiji import install, try_out, uninstall
from samcell_cli.manners import note, tell_trial

__all__ = ["command"]

_folder_argument = click.argument("folder", metavar="FIJI", type=click.Path(path_type=Path))


@click.group(name="fiji")
def command() -> None:
    """The command Plugins > SAMCell: put it into Fiji, check that it works, take it out.

    FIJI is the folder of Fiji or ImageJ, such as Fiji.app. There may be several: give them one
    after another.
    """


@command.command(name="install")
@_folder_argument
@click.option("--overwrite", is_flag=True, help="Replace a file that is not ours, or was changed.")
def install_command(folder: Path, overwrite: bool) -> None:
    """Put the command into Fiji, or bring it up to date.

    The engine will be run by the Python that runs this command.
    """
    done = install(folder, overwrite=overwrite)
    now, before = done.now, done.before
    was = f" (was {before.version})" if before and before.version != now.version else ""
    click.echo(f"SAMCell {now.version}{was} is installed in {done.fiji.plugins}")
    moved = f" (was {before.python})" if before and before.python != now.python else ""
    click.echo(f"Engine: {now.python}{moved}")
    for other in done.others:
        note(f"{other} is another copy of the command: delete it.")
    click.echo("Next: restart Fiji, open an image, then Plugins > SAMCell > SAMCell...")
    click.echo(f'To see whether it works: samcell-cli fiji check "{done.fiji.path}"')


@command.command(name="check")
@_folder_argument
@click.pass_context
def check_command(ctx: click.Context, folder: Path) -> None:
    """Find the discs of a drawn image as Fiji would.

    Takes the installed jar, starts the engine that it names, and says what does not work. The exit
    code is then 1.
    """
    tell_trial(ctx, try_out(folder))


@command.command(name="uninstall")
@_folder_argument
def uninstall_command(folder: Path) -> None:
    """Take the command out of Fiji.

    Deletes what `install` has written, and nothing else.
    """
    done = uninstall(folder)
    click.echo(f"SAMCell is removed from {done.fiji.plugins}")
    if done.kept is not None:
        note(f"{done.kept} was changed after it had been installed, and is kept.")
