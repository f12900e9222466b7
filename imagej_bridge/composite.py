"""Composite ROIs: paths of straight lines and curves become rings of straight lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imagej_bridge.roi import CLOSE, LINE_TO, MOVE_TO
from samcell_core.errors import ImageError

__all__ = ["composite_rings"]

_POINTS = {MOVE_TO: 1, LINE_TO: 1, 2: 2, 3: 3, CLOSE: 0}  # 2 and 3 are curves
_MOST_CURVES = 10_000
_FLATNESS = 0.01  # ImageJ's, in pixels
_DEEPEST = 10  # halvings of a curve, the limit of Java's FlatteningPathIterator

Points = NDArray[np.float64]


def composite_rings(
    numbers: NDArray[np.float32], name: str
) -> tuple[tuple[NDArray[np.float32], ...], tuple[int, int]]:
    """Rings of a composite, and the whole numbers x and y to which they are relative.

    Parameters
    ----------
    numbers
        Its path as in the file: the kind of a segment, then its points.
    name
        What messages call it.
    """
    segments = _segments(numbers.tolist())
    if sum(len(points) > 1 for _, points in segments) > _MOST_CURVES:
        raise ImageError(
            f"The ROI {name} has more than {_MOST_CURVES:,} curves, which no cell has: draw it "
            "anew."
        )
    corners = [point for _, points in segments for point in points]
    if not corners:
        return (), (0, 0)
    low = np.floor(np.array(corners).min(axis=0))
    rings = [np.array(path) for path in _paths(segments)]
    left, top = (int(edge) for edge in low)
    return tuple((ring - low).astype(np.float32) for ring in rings), (left, top)


Segment = tuple[int, list[tuple[float, float]]]


def _segments(values: list[float]) -> list[Segment]:
    segments: list[Segment] = []
    index = 0
    while index < len(values):
        kind = int(values[index])
        stop = index + 1 + 2 * _POINTS.get(kind, len(values))
        if stop > len(values):
            raise ValueError("a segment that is none, or is not whole")
        flat = values[index + 1 : stop]
        segments.append((kind, list(zip(flat[::2], flat[1::2], strict=True))))
        index = stop
    return segments


def _paths(segments: list[Segment]) -> list[list[tuple[float, float]]]:
    paths: list[list[tuple[float, float]]] = [[]]
    for kind, points in segments:
        if kind in (MOVE_TO, CLOSE) and paths[-1]:
            paths.append([])
        if len(points) > 1:
            if not paths[-1]:
                raise ValueError("a curve without a first point")
            paths[-1].extend(_flattened(np.array([paths[-1][-1], *points]), _DEEPEST))
        else:
            paths[-1].extend(points)
    return [path for path in paths if path]


def _flattened(control: Points, halvings: int) -> list[tuple[float, float]]:
    """End points of straight lines along a Bezier curve, without its first point."""
    if halvings == 0 or _distance(control) < _FLATNESS:
        x, y = control[-1].tolist()
        return [(x, y)]
    first, second = _halves(control)
    return _flattened(first, halvings - 1) + _flattened(second, halvings - 1)


def _distance(control: Points) -> float:
    """Largest distance of a control point to the straight line from first to last point."""
    chord = control[-1] - control[0]
    offsets = control[1:-1] - control[0]
    length = float(chord @ chord)
    along = offsets @ chord / length if length else np.zeros(len(offsets))
    gaps = offsets - np.clip(along, 0, 1)[:, None] * chord
    return float(np.sqrt((gaps * gaps).sum(axis=1)).max())


def _halves(control: Points) -> tuple[Points, Points]:
    """The two halves of a curve, by the construction of de Casteljau."""
    first, second = [control[0]], [control[-1]]
    while len(control) > 1:
        control = (control[:-1] + control[1:]) / 2
        first.append(control[0])
        second.append(control[-1])
    return np.array(first), np.array(second[::-1])
