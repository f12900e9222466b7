"""Distance map to labels: one marker per cell, flooded down to the cell's extent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.segmentation import watershed

from samcell_core.errors import ImageError, SettingsError
from samcell_core.postprocess.cleaning import clean_labels
from samcell_core.settings import Settings

__all__ = ["cell_markers", "segment_distance", "watershed_labels"]


def segment_distance(
    distance: NDArray[Any], settings: Settings, *, threads: int = 1
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
        distance,
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

    The result is that of ``skimage.segmentation.watershed(-distance, cell_markers(...),
    mask=distance > fill)``, computed for each 4-connected component of the extent on its own, since
    they know nothing of each other. One with a single marker is that cell whole, without flooding;
    the others are flooded by several threads. (Where two markers of exactly the same height meet,
    the plain watershed's answer hangs on the layout of its queue, hence on the rest of the plane;
    here it hangs on the component alone.)

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
    distance = _checked(distance)
    extent = distance > fill
    seeds = cell_markers(distance, peak=peak, markers=markers)
    seeds *= extent
    components, boxes = _components(extent)
    owner, shared = _owners(components, seeds, len(boxes))
    labels = owner.take(components)
    height = np.negative(distance)

    def flood(component: int) -> None:
        left, top, wide, tall = boxes[component, :4]
        box = np.s_[top : top + tall, left : left + wide]
        here = components[box] == component
        np.copyto(labels[box], watershed(height[box], seeds[box] * here, mask=here), where=here)

    several = np.flatnonzero(shared)
    largest_first = several[np.argsort(-boxes[several, 4], kind="stable")].tolist()
    if threads == 1 or len(largest_first) <= 1:
        for component in largest_first:
            flood(component)
    else:
        with ThreadPoolExecutor(min(threads, len(largest_first))) as pool:
            list(pool.map(flood, largest_first))
    return labels


def cell_markers(
    distance: NDArray[Any], *, peak: float, markers: str = "component"
) -> NDArray[np.int32]:
    """Mark where each cell starts.

    Parameters
    ----------
    distance
        2D map of floats in 0..1; NaN counts as 0.
    peak
        A cell starts where the map is above it.
    markers
        ``"component"``: each 8-connected component above the peak is one marker, whatever its
        shape or size. ``"centroid"``: one pixel at the centroid of each component's outline, as
        the published program does; outlines of fewer than 3 points are lost, so are components in
        the hole of another one, and two centroids on one pixel are one marker.

    Returns
    -------
    markers
        0 where no cell starts; markers are numbered 1..n.
    """
    above = (_checked(distance) > peak).view(np.uint8)
    if markers == "component":
        if above.size == 0:
            return np.zeros(above.shape, np.int32)
        numbered: NDArray[Any] = cv2.connectedComponents(above, connectivity=8)[1]
        return numbered
    if markers == "centroid":
        return _centroids(above)
    raise SettingsError(f"markers={markers!r} is not allowed: give 'component' or 'centroid'.")


def _checked(distance: NDArray[Any]) -> NDArray[Any]:
    """Return the map as floats that OpenCV and NumPy compare exactly, without NaN."""
    distance = np.asarray(distance)
    if distance.ndim != 2:
        raise ImageError(
            f"The distance map has the shape {distance.shape}: give one plane of height x width."
        )
    if not np.issubdtype(distance.dtype, np.floating):
        raise ImageError(
            f"The distance map has the type {distance.dtype}: give floating-point values in 0..1."
        )
    missing = np.isnan(distance)
    return np.where(missing, distance.dtype.type(0), distance) if missing.any() else distance


def _centroids(above: NDArray[np.uint8]) -> NDArray[np.int32]:
    outlines: Any = ()
    if above.size:
        outlines = cv2.findContours(above, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    starts: dict[tuple[int, int], None] = {}
    for outline in outlines:
        if len(outline) < 3:
            continue
        moments = cv2.moments(outline)
        area = moments["m00"]
        if area:
            x, y = moments["m10"] / area, moments["m01"] / area
        else:  # a line: it encloses nothing
            x, y = outline.reshape(-1, 2).mean(axis=0)
        starts[int(y), int(x)] = None
    markers = np.zeros(above.shape, np.int32)
    for number, start in enumerate(starts, start=1):
        markers[start] = number
    return markers


def _components(extent: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Number the 4-connected components of the extent; left, top, width, height, area of each."""
    if extent.size == 0:
        return np.zeros(extent.shape, np.int32), np.zeros((1, 5), np.int32)
    _, numbered, boxes, _ = cv2.connectedComponentsWithStats(extent.view(np.uint8), connectivity=4)
    return numbered.astype(np.int32, copy=False), boxes.astype(np.int32, copy=False)


def _owners(
    components: NDArray[np.int32], seeds: NDArray[np.int32], count: int
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Marker of each component that holds just one, and which components hold several."""
    starts = np.flatnonzero(seeds)
    holder, cell = components.ravel()[starts], seeds.ravel()[starts]
    owner = np.zeros(count, np.int32)
    owner[holder] = cell
    shared = np.zeros(count, bool)
    shared[holder[owner[holder] != cell]] = True
    owner[shared] = 0
    return owner, shared
