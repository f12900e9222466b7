"""Scores of variants, and the table that they make."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from samcell_core.tuning import Score

__all__ = ["Result", "Row", "markdown", "summary"]


@dataclass(frozen=True)
class Result:
    """One training, scored on one set.

    Attributes
    ----------
    variant, scored_on, seed
        What was trained, the set, and the seed of the training.
    score
        Mean over the images to test on.
    seconds, parameters
        That training took, and that it changed.
    more
        Other numbers, by name, such as thresholds.
    """

    variant: str
    scored_on: str
    seed: int
    score: Score
    seconds: float
    parameters: int
    more: Mapping[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, a row for a table."""
        return {
            "variant": self.variant,
            "scored_on": self.scored_on,
            "seed": self.seed,
            **self.score._asdict(),
            **self.more,
            "training_seconds": self.seconds,
            "parameters_trained": self.parameters,
        }


@dataclass(frozen=True)
class Row:
    """All trainings of a variant, scored on one set: medians over the seeds."""

    variant: str
    scored_on: str
    results: tuple[Result, ...]

    @property
    def op_csb(self) -> tuple[float, ...]:
        """Of each seed."""
        return tuple(each.score.op_csb for each in self.results)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, a row for a table."""
        plain = [each.to_dict() for each in self.results]
        median = {
            name: statistics.median(float(each[name]) for each in plain)
            for name in plain[0]
            if name not in ("variant", "scored_on", "seed")
        }
        return {
            "variant": self.variant,
            "scored_on": self.scored_on,
            "op_csb": median.pop("op_csb"),
            "op_csb_lowest": min(self.op_csb),
            "op_csb_highest": max(self.op_csb),
            **median,
            "parameters_trained": self.results[0].parameters,
            "seeds": len(self.results),
        }


def summary(results: Sequence[Result]) -> list[Row]:
    """One row for each variant and set, in the order in which they come."""
    rows: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        rows.setdefault((result.variant, result.scored_on), []).append(result)
    return [Row(*key, tuple(each)) for key, each in rows.items()]


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table; the set is left out where there is one alone."""
    several = len({row.scored_on for row in rows}) > 1
    extra = list(dict.fromkeys(name for row in rows for name in row.results[0].more))
    head = ["variant", *(["scored on"] if several else []), *extra]
    head += ["OP_CSB", "lowest to highest", "SEG", "DET", "training", "parameters trained", "seeds"]
    lines = [head, ["---"] * len(head)]
    for row in rows:
        values = row.to_dict()
        cells = [row.variant, *([row.scored_on] if several else [])]
        cells += [f"{values[name]:.2f}" if name in values else "" for name in extra]
        cells.append(f"{values['op_csb']:.3f}")
        cells.append(f"{values['op_csb_lowest']:.3f} to {values['op_csb_highest']:.3f}")
        cells += [f"{values[name]:.3f}" for name in ("seg", "det")]
        cells.append(_duration(values["training_seconds"]))
        cells += [f"{values['parameters_trained']:,}", str(values["seeds"])]
        lines.append(cells)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _duration(seconds: float) -> str:
    if not seconds:
        return "none"
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} min"
