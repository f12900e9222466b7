"""Grey values of the cells of one plane."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.metrics.regions import Regions

__all__ = ["STATISTICS", "intensities"]

STATISTICS = ("mean", "std", "min", "max")


def intensities(regions: Regions, plane: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
    """Mean, standard deviation, minimum and maximum of ``plane`` in each cell.

    The deviations are taken from each cell's own mean, so bright flat cells keep their digits.
    A cell with a NaN in it has NaN.
    """
    if not len(regions):
        return {name: np.zeros(0) for name in STATISTICS}
    pixels = plane[regions.labels != 0]
    first = np.cumsum(regions.length) - regions.length
    with np.errstate(invalid="ignore"):
        sums = np.add.reduceat(pixels, first, dtype=np.float64)
        mean = regions.reduce(np.add, sums) / regions.area
        deviation = pixels - np.repeat(mean[regions.cell], regions.length)
        np.square(deviation, out=deviation)
        variance = regions.reduce(np.add, np.add.reduceat(deviation, first)) / regions.area
        extremes = {
            name: regions.reduce(function, function.reduceat(pixels, first)).astype(np.float64)
            for name, function in (("min", np.minimum), ("max", np.maximum))
        }
    return {"mean": mean, "std": np.sqrt(variance), **extremes}
