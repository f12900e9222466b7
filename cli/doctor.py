"""``samcell-cli doctor``: whether everything is there, and what to do about what is not."""

from __future__ import annotations

import dataclasses

import click

from samcell_cli.engine_options import engine_options
from samcell_cli.manners import print_json
from samcell_core.checkup import BROKEN, Finding, check_up

__all__ = ["VARIABLES", "command"]

VARIABLES = {
    "SAMCELL_MODEL": "model to use where --model is not given",
    "SAMCELL_DEVICE": "device where --device is not given",
    "SAMCELL_PRECISION": "precision where --precision is not given",
    "SAMCELL_THREADS": "cores where --threads is not given",
    "SAMCELL_WORKERS": "images at a time where --workers is not given",
    "SAMCELL_HOME": "folder for downloaded models",
    "SAMCELL_OFFLINE": "1: never download anything",
}
"""Environment variables that mean something, as the list of commands explains them."""

_COLOURS = {"ok": "green", "note": "yellow", "broken": "red"}


@click.command(name="doctor")
@engine_options
@click.option(
    "--seconds",
    type=click.FloatRange(0, 600),
    default=3.0,
    show_default=True,
    help="How long the speed is measured; 0 leaves it out.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    model: str,
    device: str,
    precision: str,
    threads: int | None,
    seconds: float,
    as_json: bool,
) -> None:
    """Look at everything that work depends on, and say what to do about each problem.

    Python, PyTorch, the device and precision that would be chosen, the model, the speed, memory,
    disk, and the programs that SAMCell is a module of. Nothing is downloaded. The exit code is 1
    where something that is needed is broken.
    """
    findings = []
    for finding in check_up(
        model=model,
        device=device,
        precision=precision,
        threads=threads,
        seconds=seconds,
        variables=VARIABLES,
    ):
        findings.append(finding)
        if not as_json:
            _show(finding)
    broken = [finding.subject for finding in findings if finding.status == BROKEN]
    if as_json:
        print_json([dataclasses.asdict(finding) for finding in findings])
    elif broken:
        click.echo(f"\nBroken: {', '.join(broken)}.")
    else:
        click.echo("\nEverything that is needed works.")
    ctx.exit(1 if broken else 0)


def _show(finding: Finding) -> None:
    status = click.style(f"{finding.status:<6}", fg=_COLOURS[finding.status])
    click.echo(f"{status}  {finding.subject:<15}  {finding.found}")
    if finding.advice:
        click.echo(f"{'':<25}-> {finding.advice}")
