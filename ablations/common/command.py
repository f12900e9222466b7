"""An ablation as a command: options in; a table, a plot and a few words out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from common.bench import Bench
from common.chart import draw_chart
from common.choices import read_choices
from common.results import Result, markdown, summary
from common.scale import SMALL, Scale
from samcell_core.errors import SamcellError
from samcell_core.metrics.table import Table
from samcell_core.training.command import carry_out, say, warn
from samcell_core.training.whole import write_whole

__all__ = ["Ablation", "main"]


@dataclass(frozen=True)
class Ablation:
    """What is asked, how it is answered, and what the answer is worth.

    Attributes
    ----------
    name
        Of the file and the folder.
    title
        Of the table and the plot.
    question
        What is compared, and what is the same in all variants.
    kinds
        Kinds of images that are drawn.
    small_holds, not_shown
        What the small scale can tell, and what it cannot without the paper's data; with the
        paper's figures.
    measure
        Trains and scores.
    small
        What is done on the small scale.
    several_starts
        Whether several weights to start from are compared.
    """

    name: str
    title: str
    question: str
    kinds: tuple[str, ...]
    small_holds: str
    not_shown: str
    measure: Callable[[Bench], list[Result]]
    small: Scale = SMALL
    several_starts: bool = False


def main(ablation: Ablation, arguments: Sequence[str] | None = None) -> int:
    """Carry out an ablation; return the exit code."""
    return carry_out(
        lambda: _run(ablation, arguments),
        stopped="Stopped: the same command goes on from the last whole epoch.",
    )


def _run(ablation: Ablation, arguments: Sequence[str] | None) -> None:
    choices = read_choices(
        ablation.name,
        f"{ablation.title}. {ablation.question}",
        several_starts=ablation.several_starts,
        arguments=arguments,
    )
    bench = Bench(choices, ablation.kinds, ablation.small)
    folder = choices.out / ablation.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SamcellError(
            f"The folder {folder} cannot be made ({error.strerror or error}): give another --out."
        ) from error
    warn(f"{bench.images.words}.")
    results = ablation.measure(bench)
    rows = summary(results)
    text = _report(ablation, bench, markdown(rows))
    Table.from_rows([row.to_dict() for row in rows]).to_csv(folder / "table.csv", overwrite=True)
    Table.from_rows([each.to_dict() for each in results]).to_csv(
        folder / "trainings.csv", overwrite=True
    )
    write_whole(folder / "table.md", text.encode())
    draw_chart(rows, folder / "plot.png", ablation.title)
    say(text)
    warn(f"Written to {folder}: table.md, table.csv, trainings.csv, plot.png.")


def _report(ablation: Ablation, bench: Bench, table: str) -> str:
    settings = bench.settings(bench.images)
    updates = settings.epochs * settings.updates_in(bench.images.count())
    network = "Each" if ablation.several_starts else f"{bench.shape.name}; each"
    done = (
        f"{bench.images.words}. {network} training makes {updates} updates of up to "
        f"{settings.batch} crops, learning rate {settings.learning_rate:g}. OP_CSB, SEG and DET "
        "are means over the images to test on, and medians over the seeds."
    )
    worth = [] if bench.choices.large else [f"On this scale: {ablation.small_holds}"]
    worth.append(f"Not shown without the paper's data: {ablation.not_shown}")
    parts = [f"## {ablation.title}", ablation.question, done, table.rstrip(), *worth]
    return "\n\n".join(parts) + "\n"
