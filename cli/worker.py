"""``samcell-cli worker``: the engine as a process that other programs drive."""

from __future__ import annotations

import click

from samcell_core.worker import serve

__all__ = ["command"]


@click.command(name="worker")
@click.option("--parent", type=int, metavar="PID", help="End when this process ends.")
@click.pass_context
def command(ctx: click.Context, parent: int | None) -> None:
    """Serve another program, such as CellProfiler or Fiji, over its pipes.

    It reads requests from standard input and writes replies to standard output; docs/worker.md
    describes them. There is nothing in it for people.
    """
    ctx.exit(serve(parent))
