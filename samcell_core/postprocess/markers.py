"""Where each cell of a distance map starts."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import ImageError, SettingsError
from samcell_core.postprocess.summits import summit_markers

__all__ = ["cell_markers", "checked_distance"]


def cell_markers(
    distance: NDArray[Any], *, peak: float, markers: str = "component", threads: int = 1
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
        shape or size; so is ``"auto"``, where no model has its own way. ``"summit"``: the same, but
        a component is parted where the map in it falls below 0.8 of the lower of two summits.
        ``"centroid"``: one pixel at the centroid of each component's outline, as the published
        program does; outlines of fewer than 3 points are lost, so are components in the hole of
        another one, and two centroids on one pixel are one marker.
    threads
        Processor threads to use; the markers do not depend on it.

    Returns
    -------
    markers
        0 where no cell starts; markers are numbered 1..n.
    """
    distance = checked_distance(distance)
    if markers == "summit":
        return summit_markers(distance, peak=peak, threads=threads)
    above = (distance > peak).view(np.uint8)
    if markers in ("auto", "component"):
        if above.size == 0:
            return np.zeros(above.shape, np.int32)
        numbered: NDArray[Any] = cv2.connectedComponents(above, connectivity=8)[1]
        return numbered
    if markers == "centroid":
        return _centroids(above)
    raise SettingsError(
        f"markers={markers!r} is not allowed: give 'component', 'summit' or 'centroid'."
    )


def checked_distance(distance: NDArray[Any]) -> NDArray[Any]:
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
