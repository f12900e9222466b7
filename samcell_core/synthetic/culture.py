"""Cultures: which kinds of cell grow together, and how they lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["CULTURES", "NUCLEI", "Culture", "choose_culture"]


@dataclass(frozen=True)
class Culture:
    """A recipe: what grows, in which share, and how it lies.

    Attributes
    ----------
    weight
        How often it is drawn.
    shares
        Relative number of cells of each kind.
    patterns
        Ways in which the cells may lie: ``scatter``, ``clumps``, ``colonies``.
    ripple
        Least and most wobble of the borders, as a part of the diameter.
    thickness
        Least and most phase delay in radians of a flat cell.
    aligned
        Chance that neighbours lie side by side along a common direction.
    dividing
        Most share of cells rounded up for division, and of pairs just divided.
    neurites
        Whether thin processes run out of the cells; they are no part of the labels.
    """

    weight: float
    shares: dict[str, float]
    patterns: tuple[str, ...]
    ripple: tuple[float, float]
    thickness: tuple[float, float]
    aligned: float = 0.0
    dividing: float = 0.1
    neurites: bool = False


_ALL = ("scatter", "clumps", "colonies")

CULTURES: dict[str, Culture] = {
    "epithelium": Culture(
        2.4,
        {"polygon": 1, "egg": 0.15},
        ("colonies", "colonies", "clumps"),
        (0.02, 0.12),
        (0.3, 2.0),
    ),
    "fibroblasts": Culture(
        1.8,
        {"spread": 1, "spindle": 0.6, "egg": 0.2},
        ("scatter", "clumps"),
        (0.05, 0.2),
        (0.3, 1.6),
        aligned=0.5,
    ),
    "glioblastoma": Culture(
        1.6,
        {"tailed": 1, "spread": 0.6, "spindle": 0.3},
        ("scatter", "clumps"),
        (0.05, 0.2),
        (0.4, 2.0),
    ),
    "spindles": Culture(
        1.2,
        {"spindle": 1, "tailed": 0.2, "oval": 0.1},
        ("scatter", "clumps"),
        (0.03, 0.15),
        (0.4, 2.0),
        aligned=0.8,
    ),
    "suspension": Culture(
        1.6, {"round": 1, "oval": 0.3}, _ALL, (0.0, 0.04), (1.0, 3.5), dividing=0.3
    ),
    "yeast": Culture(0.7, {"round": 0.6, "oval": 1}, _ALL, (0.0, 0.02), (0.8, 3.0), dividing=0.4),
    "lamellae": Culture(1.4, {"egg": 1, "spread": 0.5}, _ALL, (0.04, 0.14), (0.2, 1.2)),
    "neurons": Culture(
        0.7,
        {"oval": 1, "tailed": 0.8, "round": 0.5},
        ("scatter", "clumps"),
        (0.02, 0.1),
        (0.8, 2.5),
        neurites=True,
    ),
    "microglia": Culture(
        1.2,
        {"round": 1, "oval": 0.8, "spindle": 0.4, "tailed": 0.3},
        _ALL,
        (0.02, 0.1),
        (0.6, 2.5),
        dividing=0.25,
    ),
    "mixture": Culture(
        1.6,
        {
            "round": 0.6,
            "oval": 0.5,
            "polygon": 0.7,
            "egg": 0.6,
            "spread": 1,
            "spindle": 0.6,
            "tailed": 0.6,
        },
        _ALL,
        (0.02, 0.16),
        (0.3, 2.5),
        dividing=0.15,
    ),
}
NUCLEI = Culture(1.0, {"nucleus": 1, "oval": 0.15}, _ALL, (0.0, 0.05), (1.0, 2.0), aligned=0.15)


def choose_culture(rng: np.random.Generator, modality: str) -> Culture:
    """A culture that this modality would be used for."""
    if modality == "fluorescent nuclei":
        return NUCLEI
    cultures = list(CULTURES.values())
    weights = np.array([culture.weight for culture in cultures])
    return cultures[int(rng.choice(len(cultures), p=weights / weights.sum()))]
