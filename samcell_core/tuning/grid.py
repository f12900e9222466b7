"""Which pairs of thresholds are tried."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from samcell_core.errors import SettingsError

__all__ = ["MOST_STEPS", "PAPER", "STEPS", "Grid"]

PAPER = (0.05, 0.9)
"""Lowest and highest threshold that the paper tried, for peak and fill alike."""

STEPS = 20
"""In so many steps."""

MOST_STEPS = 200
_DIGITS = 4  # so that what is reported can be given again


@dataclass(frozen=True)
class Grid:
    """Peak and fill thresholds to be tried with each other.

    A pair whose fill is above its peak has no meaning: a cell would end before it starts. Such
    pairs are left out.

    Attributes
    ----------
    peaks, fills
        Ascending numbers above 0 and below 1.

    Examples
    --------
    >>> grid = Grid.spanning(steps=4)
    >>> grid.peaks, grid.pairs
    ((0.05, 0.3333, 0.6167, 0.9), 10)
    """

    peaks: tuple[float, ...]
    fills: tuple[float, ...]

    def __post_init__(self) -> None:
        for name, values in (("peaks", self.peaks), ("fills", self.fills)):
            object.__setattr__(self, name, _checked(name, values))
        if not self.pairs:
            raise SettingsError(
                f"All fill thresholds, from {self.fills[0]:g}, are above all peak thresholds, up "
                f"to {self.peaks[-1]:g}: give a range of fill that begins below that of peak."
            )

    @classmethod
    def spanning(
        cls,
        *,
        peak: tuple[float, float] = PAPER,
        fill: tuple[float, float] = PAPER,
        steps: int = STEPS,
    ) -> Grid:
        """Grid of evenly spaced thresholds, both ends included.

        Parameters
        ----------
        peak, fill
            Lowest and highest threshold; two equal numbers keep one of them as it is.
        steps
            Number of thresholds of each.

        Raises
        ------
        SettingsError
            A value outside its range, or a grid without any pair.
        """
        if isinstance(steps, bool) or not isinstance(steps, int) or not 2 <= steps <= MOST_STEPS:
            raise SettingsError(
                f"steps={steps!r} is not allowed: give a whole number from 2 to {MOST_STEPS}."
            )
        return cls(_spaced("peak", peak, steps), _spaced("fill", fill, steps))

    @property
    def pairs(self) -> int:
        """Number of pairs that are tried."""
        return sum(len(self.fills_at(peak)) for peak in self.peaks)

    def fills_at(self, peak: float) -> tuple[float, ...]:
        """Fill thresholds that go with a peak threshold: those that are not above it."""
        return tuple(fill for fill in self.fills if fill <= peak)


def _checked(name: str, values: Iterable[float]) -> tuple[float, ...]:
    given = tuple(values)
    if not given or any(isinstance(each, bool) or not _is_threshold(each) for each in given):
        raise SettingsError(
            f"{name}={given} is not allowed: give thresholds above 0 and below 1, at least one."
        )
    if len(given) > MOST_STEPS:
        raise SettingsError(f"{name} has {len(given)} thresholds: give {MOST_STEPS} at most.")
    return tuple(sorted({float(each) for each in given}))


def _is_threshold(value: object) -> bool:
    return isinstance(value, (int, float, np.floating)) and 0 < float(value) < 1


def _spaced(name: str, ends: tuple[float, float], steps: int) -> tuple[float, ...]:
    numbers = tuple(ends)
    if len(numbers) != 2 or not all(map(_is_threshold, numbers)) or numbers[0] > numbers[1]:
        shown = " to ".join(map(str, numbers))
        raise SettingsError(
            f"A range of {name} from {shown} is not allowed: give two numbers above 0 and below 1, "
            "the lower one first."
        )
    low, high = numbers
    if math.isclose(low, high):
        return (float(low),)
    return tuple(round(float(each), _DIGITS) for each in np.linspace(low, high, steps))
