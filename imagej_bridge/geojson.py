"""Cells as GeoJSON, the way QuPath imports and exports objects."""

from __future__ import annotations

import hashlib
import json
import math
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from imagej_bridge.cell_names import in_one_line
from imagej_bridge.descriptions import Descriptions
from imagej_bridge.filling import Patch, fill_rings
from imagej_bridge.outlines import Ring, trace_polygons
from imagej_bridge.painting import DrawnCells, Shape, paint
from imagej_bridge.planes import Position, label_stack, position_of
from samcell_core.errors import ImageError
from samcell_core.files import new_file
from samcell_core.metrics import Table

__all__ = ["read_geojson", "write_geojson"]

_WITHOUT_AREA = {"Point", "MultiPoint", "LineString", "MultiLineString"}
_FARTHEST = 2**24
_DEEPEST = 8  # collections within collections


def write_geojson(
    path: str | os.PathLike[str],
    labels: Any,
    *,
    axes: str | None = None,
    names: Iterable[str] | None = None,
    confidence: Iterable[float] | None = None,
    measurements: Mapping[str, Iterable[float]] | Table | None = None,
    object_type: Literal["cell", "detection", "annotation"] = "cell",
    overwrite: bool = False,
) -> int:
    """Write every cell as a feature with exact outlines, in pixels from the upper left corner.

    Cells of several parts are multipolygons, holes are inner rings, and all are valid. The same
    input gives the same bytes. The file appears complete, or not at all.

    Parameters
    ----------
    path
        The file.
    labels
        A segmentation, or whole numbers (..., H, W), 0 outside cells.
    axes
        A letter for each axis, such as ``TYX``; that of the segmentation, or ``YX``, where not
        given. Planes are given as QuPath counts them, from 0.
    names, confidence
        One for each cell in the order of `samcell_core.measure`.
    measurements
        Columns of numbers in that order, such as a table of `samcell_core.measure`. NaN is left
        out.
    object_type
        What QuPath makes of them.
    overwrite
        Whether an existing file may be replaced.

    Returns
    -------
    int
        Number of cells. Each has the measurements ``label`` and, where known, ``confidence``.

    Raises
    ------
    SamcellError
        The file exists or cannot be written, or there are more or fewer values than cells.
    """
    array, axes = label_stack(labels, axes)
    columns: dict[str, Iterable[float]] = {} if measurements is None else dict(measurements)
    if confidence is not None:
        columns["confidence"] = confidence
    described = Descriptions(names, **columns)
    # Objects of QuPath have numbers of their own, here those of the image they come from.
    image = hashlib.sha256(f"{axes}{array.shape}{array.dtype}".encode())
    image.update(array.tobytes())
    with (
        new_file(path, overwrite=overwrite) as draft,
        draft.open("w", encoding="utf-8", newline="\n") as stream,
    ):
        stream.write('{"type":"FeatureCollection","features":[')
        for number, plane in enumerate(array.reshape(-1, *array.shape[-2:])):
            position = position_of(number, array.shape, axes)
            for label, polygons in trace_polygons(plane):
                name, values = described.next(label, position)
                feature = {
                    "type": "Feature",
                    "id": str(
                        uuid.uuid5(uuid.NAMESPACE_OID, f"{image.hexdigest()} {number} {label}")
                    ),
                    "geometry": _geometry(polygons, position),
                    "properties": {
                        "objectType": object_type,
                        "name": name,
                        "measurements": {"label": label, **values},
                    },
                }
                stream.write("\n" if described.count == 1 else ",\n")
                json.dump(feature, stream, separators=(",", ":"), ensure_ascii=False)
        described.close()
        stream.write("\n]}\n")
    return described.count


def read_geojson(
    source: str | os.PathLike[str] | bytes, shape: tuple[int, ...], *, axes: str = "YX"
) -> DrawnCells:
    """Read polygons and multipolygons as labels; coordinates are pixels.

    A pixel belongs to a polygon by the rule of ImageJ. Where features overlap, a pixel stays with
    the one that comes first. Features with the measurement ``label`` keep that number. A feature
    without a plane lies on all planes.

    Parameters
    ----------
    source
        The file, or its bytes.
    shape, axes
        Of the image that the cells were drawn on.

    Raises
    ------
    ImageError
        The file is damaged or is no GeoJSON.
    """
    name = "The GeoJSON" if isinstance(source, bytes) else str(source)
    try:
        document = json.loads(source if isinstance(source, bytes) else Path(source).read_bytes())
    except OSError as error:
        raise ImageError(f"{name} cannot be read ({error.strerror or error}).") from error
    except (ValueError, RecursionError) as error:
        raise ImageError(f"{name} is damaged or no GeoJSON ({error}): export it anew.") from error
    shapes = []
    try:
        for number, feature in enumerate(_features(document), start=1):
            shapes.append(_shape(feature, number))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ImageError(
            f"{name} is no GeoJSON of cells (feature {len(shapes) + 1}): export it anew, as a "
            "FeatureCollection of polygons."
        ) from error
    return paint(shapes, shape, axes)


def _geometry(polygons: list[list[Ring]], position: Position) -> dict[str, Any]:
    coordinates = [[_closed(ring) for ring in polygon] for polygon in polygons]
    geometry: dict[str, Any] = (
        {"type": "Polygon", "coordinates": coordinates[0]}
        if len(coordinates) == 1
        else {"type": "MultiPolygon", "coordinates": coordinates}
    )
    if any(position):
        channel, slice_, frame = (number - 1 for number in position[:3])
        geometry["plane"] = {"c": channel, "z": max(slice_, 0), "t": max(frame, 0)}
    return geometry


def _closed(ring: Ring) -> list[list[int]]:
    corners: list[list[int]] = ring.tolist()
    return [*corners, corners[0]]


def _features(document: Any) -> Iterator[dict[str, Any]]:
    """Features of a collection, of a list, or alone; a bare geometry is a feature, too."""
    if isinstance(document, list):
        yield from document
    elif document["type"] == "FeatureCollection":
        yield from document["features"]
    elif document["type"] == "Feature":
        yield document
    else:
        yield {"geometry": document}


def _shape(feature: dict[str, Any], number: int) -> Shape:
    properties = feature.get("properties") or {}
    measured = properties.get("measurements") or {}
    if isinstance(measured, list):  # QuPath up to 0.3
        measured = {one["name"]: one["value"] for one in measured}
    geometry = feature["geometry"]
    polygons = list(_polygons(geometry, 0))
    label = float(measured.get("label", 0))
    plane = geometry.get("plane")
    return Shape(
        name=in_one_line(str(properties.get("name") or "")) or f"feature {number}",
        fill=partial(_fill, polygons) if polygons else None,
        position=Position(*(int(plane[letter]) + 1 for letter in "czt")) if plane else Position(),
        label=int(label) if label.is_integer() else 0,
        confidence=float(measured.get("confidence", math.nan)),
    )


def _polygons(geometry: dict[str, Any], depth: int) -> Iterator[list[NDArray[np.float64]]]:
    kind = geometry["type"]
    if kind == "Polygon":
        yield [_ring(ring) for ring in geometry["coordinates"]]
    elif kind == "MultiPolygon":
        for polygon in geometry["coordinates"]:
            yield [_ring(ring) for ring in polygon]
    elif kind == "GeometryCollection" and depth < _DEEPEST:
        for part in geometry["geometries"]:
            yield from _polygons(part, depth + 1)
    elif kind not in _WITHOUT_AREA:
        raise ValueError(f"no geometry {kind!r}")


def _ring(coordinates: list[list[float]]) -> NDArray[np.float64]:
    ring = np.array([point[:2] for point in coordinates], np.float64).reshape(-1, 2)
    if not (np.abs(ring) < _FARTHEST).all():
        raise ValueError("coordinates that no image has")
    return ring


def _fill(polygons: list[list[NDArray[np.float64]]], height: int, width: int) -> Patch:
    """Pixels inside any of the polygons."""
    patches = [fill_rings(polygon, height, width) for polygon in polygons]
    patches = [patch for patch in patches if patch.mask.size]
    if len(patches) < 2:
        return patches[0] if patches else Patch(np.zeros((0, 0), bool), 0, 0)
    top, left = min(patch.top for patch in patches), min(patch.left for patch in patches)
    bottom = max(patch.top + patch.mask.shape[0] for patch in patches)
    right = max(patch.left + patch.mask.shape[1] for patch in patches)
    mask = np.zeros((bottom - top, right - left), bool)
    for patch in patches:
        rows = slice(patch.top - top, patch.top - top + patch.mask.shape[0])
        mask[rows, patch.left - left : patch.left - left + patch.mask.shape[1]] |= patch.mask
    return Patch(mask, top, left)
