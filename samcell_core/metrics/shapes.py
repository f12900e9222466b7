"""The columns of one plane that come from labels and distance map, by their names."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from samcell_core.metrics.confidence import confidence
from samcell_core.metrics.hulls import convex_area
from samcell_core.metrics.outlines import Outlines
from samcell_core.metrics.regions import Regions, fit_ellipses

__all__ = ["shapes", "surroundings"]

# Resolutions in files are rounded fractions; a difference below this part is no other shape.
_SQUARE = 1e-4


def shapes(regions: Regions, scale: tuple[float, float] | None) -> dict[str, NDArray[Any]]:
    """Place, size and form of each cell of one plane, by column."""
    top, left, bottom, right = regions.bounds.T
    area = regions.area
    hull = convex_area(regions)
    ellipses = fit_ellipses(regions.covariance)
    values = {
        "centroid_y": regions.centroid[:, 0],
        "centroid_x": regions.centroid[:, 1],
        "bbox_top": top,
        "bbox_left": left,
        "bbox_bottom": bottom,
        "bbox_right": right,
        "area": area,
        "equivalent_diameter": np.sqrt(4 * area / np.pi),
        "axis_major": ellipses.major,
        "axis_minor": ellipses.minor,
        "aspect_ratio": _ratio(ellipses.major, ellipses.minor),
        "eccentricity": ellipses.eccentricity,
        "orientation": ellipses.orientation,
        "area_convex": hull,
        "solidity": area / hull,
        "extent": area / ((bottom - top) * (right - left)),
        "roundness": _ratio(4 * area, np.pi * ellipses.major**2),
    }
    if scale is not None:
        height, width = scale
        scaled = fit_ellipses(regions.covariance, height, width)
        values |= {
            "centroid_y_um": height * regions.centroid[:, 0],
            "centroid_x_um": width * regions.centroid[:, 1],
            "area_um2": height * width * area,
            "equivalent_diameter_um": np.sqrt(4 * height * width * area / np.pi),
            "axis_major_um": scaled.major,
            "axis_minor_um": scaled.minor,
        }
    return values


def surroundings(
    regions: Regions, scale: tuple[float, float] | None, distance_map: NDArray[Any] | None
) -> dict[str, NDArray[Any]]:
    """Outline, neighbours and confidence of each cell of one plane, by column."""
    count = len(regions)
    height, width = regions.labels.shape
    outlines = Outlines(regions)
    perimeter = outlines.perimeter()
    top, left, bottom, right = regions.bounds.T
    values = {
        "perimeter": perimeter,
        "circularity": _ratio(4 * np.pi * regions.area, perimeter**2),
        "neighbours": np.bincount(outlines.touching().ravel(), minlength=count),
        "nearest_neighbour": _nearest(regions.centroid),
        "touches_border": (top == 0) | (left == 0) | (bottom == height) | (right == width),
    }
    if scale is not None:
        # The estimator counts steps and diagonals of square pixels; for others it means nothing.
        square = abs(scale[0] - scale[1]) <= _SQUARE * max(scale)
        factor = np.sqrt(scale[0] * scale[1]) if square else np.nan
        values["perimeter_um"] = factor * perimeter
        values["nearest_neighbour_um"] = _nearest(regions.centroid * scale)
    if distance_map is None:
        parts = ("confidence", "peak_height", "saddle_depth", "border_contrast")
        return values | {name: np.full(count, np.nan) for name in parts}
    sure = confidence(regions, outlines, distance_map)
    return values | {
        "confidence": sure.value,
        "peak_height": sure.peak_height,
        "saddle_depth": sure.saddle_depth,
        "border_contrast": sure.border_contrast,
    }


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    """``part / whole``, NaN where ``whole`` is 0."""
    ratio = np.full(whole.shape, np.nan)
    np.divide(part, whole, out=ratio, where=whole > 0)
    return ratio


def _nearest(centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of each point to the nearest other one; NaN for a single point."""
    if len(centres) < 2:
        return np.full(len(centres), np.nan)
    distances: NDArray[np.float64] = cKDTree(centres).query(centres, k=2)[0][:, 1]
    return distances
