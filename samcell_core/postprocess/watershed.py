"""Distance map to labels: one marker per cell, flooded down to the cell's extent."""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.segmentation import watershed

from samcell_core.errors import SettingsError
from samcell_core.postprocess.cleaning import clean_labels
from samcell_core.postprocess.flooding import flood
from samcell_core.postprocess.markers import cell_markers, checked_distance
from samcell_core.settings import Settings

__all__ = ["Flooded", "filter_labels", "flood_from", "segment_distance", "watershed_labels"]


class Flooded(NamedTuple):
    """Cells after the flood.

    Attributes
    ----------
    labels
        0 outside cells; a cell has the number of its marker.
    settled
        Whether heights alone, and ages that follow from them, gave each pixel its cell. Where not,
        some pixel may hang on the order in which equally high markers lie in the queue, which
        follows from everything else in it.
    """

    labels: NDArray[np.int32]
    settled: bool


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
        Settings whose peak and fill are numbers; see `Settings.with_defaults`.
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
        What starts a cell: ``"component"`` or ``"centroid"``, see `cell_markers`.
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
    seeds = cell_markers(distance, peak=peak, markers=markers)
    return flood_from(seeds, distance, fill=fill, threads=threads).labels


def flood_from(
    markers: NDArray[np.int32], distance: NDArray[Any], *, fill: float, threads: int = 1
) -> Flooded:
    """Flood each cell from markers that are known, as `watershed_labels` does.

    Parameters
    ----------
    markers
        Numbers of the markers, 0 elsewhere. Those outside the extent have no cell.
    distance
        2D map of floats in 0..1 without NaN.
    fill, threads
        As `watershed_labels` takes them.
    """
    extent = distance > fill
    seeds = markers * extent
    labels, shared = _separate_cells(extent, seeds)
    if not shared.any():
        return Flooded(labels, settled=True)
    height = np.negative(distance, dtype=np.result_type(distance, np.float32))
    touching = flood(
        _framed(height, shared, outside=np.inf),
        _framed(seeds, shared, outside=0),
        threads=threads,
    )
    if touching is None:
        return Flooded(watershed(height, seeds, mask=extent), settled=False)
    np.copyto(labels, touching[1:-1, 1:-1], where=shared)
    return Flooded(labels, settled=True)


def _separate_cells(
    extent: NDArray[np.bool_], seeds: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Give each component of the extent that holds one marker to it whole.

    Also returns where the others are: components that several markers share.
    """
    if extent.size == 0:
        return np.zeros(extent.shape, np.int32), np.zeros(extent.shape, bool)
    count, numbered = cv2.connectedComponents(extent.view(np.uint8), connectivity=4)
    component: NDArray[np.int32] = numbered.astype(np.int32, copy=False)
    starts = np.flatnonzero(seeds)
    holder, cell = component.ravel()[starts], seeds.ravel()[starts]
    owner = np.zeros(count, np.int32)
    owner[holder] = cell
    shared = np.zeros(count, bool)
    shared[holder[owner[holder] != cell]] = True
    owner[shared] = 0
    return owner.take(component), shared.take(component)


def _framed(values: NDArray[Any], where: NDArray[np.bool_], *, outside: float) -> NDArray[Any]:
    """Copy of the values in ``where``, within a frame of one pixel that is ``outside`` too."""
    height, width = values.shape
    framed = np.full((height + 2, width + 2), outside, values.dtype)
    np.copyto(framed[1:-1, 1:-1], values, where=where)
    return framed
