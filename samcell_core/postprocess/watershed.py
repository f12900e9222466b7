"""Distance map to labels: one marker per cell, flooded down to the cell's extent."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import SettingsError
from samcell_core.postprocess.basins import flood_from
from samcell_core.postprocess.cleaning import clean_labels
from samcell_core.postprocess.markers import cell_markers, checked_distance
from samcell_core.settings import Settings

__all__ = ["filter_labels", "segment_distance", "watershed_labels"]


def segment_distance(
    distance: NDArray[Any],
    settings: Settings,
    *,
    threads: int = 1,
    mask: NDArray[np.bool_] | None = None,
) -> NDArray[np.uint16] | NDArray[np.uint32]:
    """Label the cells of a distance map as the settings say: watershed, then cleaning.

    Parameters
    ----------
    distance
        2D map in 0..1, as `watershed_labels` takes it.
    settings
        Settings whose peak and fill are numbers; see `Settings.with_defaults`. ``markers="auto"``
        stands for the components.
    threads
        Processor threads to use; the labels do not depend on it.
    mask
        Where cells may be: elsewhere the map counts as 0.

    Returns
    -------
    labels
        Numbered as `clean_labels` numbers them.
    """
    if settings.peak is None or settings.fill is None:
        raise SettingsError(
            "The peak and fill thresholds are still automatic: give both, or take the model's own "
            "values with Settings.with_defaults."
        )
    labels = watershed_labels(
        distance if mask is None else np.where(mask, distance, 0),
        peak=settings.peak,
        fill=settings.fill,
        markers=settings.markers,
        threads=threads,
    )
    return clean_labels(
        labels,
        fill_holes=settings.fill_holes,
        min_size=settings.min_size,
        max_size=settings.max_size,
        discard_border=settings.discard_border,
        mask=mask,
    )


def filter_labels(
    labels: NDArray[Any], settings: Settings, *, mask: NDArray[np.bool_] | None = None
) -> NDArray[np.uint16] | NDArray[np.uint32]:
    """Drop the cells that the settings do not want, and number the rest.

    After `segment_distance` with settings that drop none, this gives what it would have given
    with these ones. Parameters are those of `clean_labels`.
    """
    return clean_labels(
        labels,
        fill_holes=False,
        min_size=settings.min_size,
        max_size=settings.max_size,
        discard_border=settings.discard_border,
        mask=mask,
    )


def watershed_labels(
    distance: NDArray[Any],
    *,
    peak: float,
    fill: float,
    markers: str = "component",
    threads: int = 1,
) -> NDArray[np.int32]:
    """Flood each cell from its marker as far as the distance map is above ``fill``.

    Pixel by pixel the result is that of ``skimage.segmentation.watershed(-distance,
    cell_markers(...), mask=distance > fill)``, ties included, at a fraction of its time.

    Parameters
    ----------
    distance
        2D map of floats in 0..1: the predicted distance to the border of the cell. NaN counts as 0.
    peak, fill
        A cell starts where the map is above ``peak`` and reaches as far as it is above ``fill``.
    markers
        What starts a cell: ``"component"``, ``"summit"`` or ``"centroid"``, see `cell_markers`.
    threads
        Processor threads to use; the labels do not depend on it.

    Returns
    -------
    labels
        0 outside cells; a cell has the number of its marker, and a marker outside the extent
        has no cell.
    """
    if threads < 1:
        raise SettingsError(f"threads={threads} is not allowed: give a number of at least 1.")
    distance = checked_distance(distance)
    seeds = cell_markers(distance, peak=peak, markers=markers, threads=threads)
    return flood_from(seeds, distance, fill=fill, threads=threads).labels
