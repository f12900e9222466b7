"""What biologists measure: one row a cell, one row an image."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import ImageError
from samcell_core.metrics.columns import COLUMNS, DEPTH, IMAGE, SCALE, TIME, Column
from samcell_core.metrics.inputs import as_labels, as_map, as_pixel_size, image_channels
from samcell_core.metrics.intensities import STATISTICS, intensities
from samcell_core.metrics.regions import Regions
from samcell_core.metrics.shapes import shapes, surroundings
from samcell_core.metrics.table import Table
from samcell_core.segmentation import Segmentation

__all__ = ["measure", "summarize"]


def measure(
    result: Segmentation | None = None,
    image: Any = None,
    *,
    axes: str | None = None,
    labels: Any = None,
    label_axes: str = "",
    distance_map: Any = None,
    pixel_size: float | tuple[float, float] | None = None,
) -> Table:
    """Measure every cell: one row a cell, planes in order, labels ascending in each plane.

    Parameters
    ----------
    result
        A segmentation. For labels from elsewhere give ``labels`` instead.
    image
        Grey values of the same height, width and planes, with or without channels: a file, an
        array, or an image with ``data`` and ``axes``. Without it there are no intensities. All
        channels are measured, but not the opacity of RGBA. Masked pixels are NaN.
    axes
        A letter for each axis of ``image``, such as ``CYX`` or ``YXS``. Where not given, those of
        ``result.settings`` or of the image itself hold; else the axis that the labels lack is
        that of the channels.
    labels, label_axes, distance_map, pixel_size
        What a segmentation holds, for labels from elsewhere: an array (..., H, W), its axes such
        as ``TYX``, the distance map, height and width of a pixel in micrometres or one number for
        both. The last two, where given, take the place of those of ``result``. Masked pixels of
        labels and distance map are 0.

    Returns
    -------
    Table
        The columns that `samcell_core.metrics.COLUMNS` declares.

    Raises
    ------
    ImageError
        Labels, distance map and image do not fit each other.

    Examples
    --------
    >>> table = measure(labels=[[1, 1, 0, 2]])
    >>> table["area"].tolist(), table["touches_border"].tolist()
    ([2, 1], [True, True])
    """
    cells, label_axes = _cells(result, labels, label_axes)
    if distance_map is None and result is not None:
        distance_map = result.distance_map
    if distance_map is not None:
        distance_map = as_map(distance_map, cells)
    segmented_axes = None if result is None else result.settings.axes
    channels = (
        [] if image is None else image_channels(image, cells, label_axes, axes, segmented_axes)
    )
    scale = _scale(result, pixel_size)

    planes = []
    for plane, index in enumerate(np.ndindex(cells.shape[:-2])):
        regions = Regions(cells[index])
        values = _place(regions, plane, index, label_axes)
        values |= shapes(regions, scale)
        values |= surroundings(
            regions, scale, None if distance_map is None else distance_map[index]
        )
        for number, channel in enumerate(channels):
            suffix = f"_c{number}" if len(channels) > 1 else ""
            for statistic, column in intensities(regions, channel[index]).items():
                values[f"intensity_{statistic}{suffix}"] = column
        planes.append(values)
    return Table(
        {
            name: np.concatenate([values[name] for values in planes])
            for name in _names(label_axes, len(channels), scale is not None)
        }
    )


def summarize(
    table: Table,
    result: Segmentation | None = None,
    *,
    labels: Any = None,
    pixel_size: float | tuple[float, float] | None = None,
) -> dict[str, float]:
    """Sum up one image: number of cells, their size, how much of the image they cover.

    Parameters
    ----------
    table
        What `measure` gave for this image.
    result, labels, pixel_size
        As for `measure`.

    Returns
    -------
    dict
        The columns that `samcell_core.metrics.SUMMARY_COLUMNS` declares. Rows of many images make
        a table by `Table.from_rows`.

    Raises
    ------
    ImageError
        The cells of the table cover more pixels than the image has.
    """
    cells, _ = _cells(result, labels, "")
    scale = _scale(result, pixel_size)
    count = len(table)
    area = table["area"]
    if area.sum() > cells.size:
        raise ImageError(
            f"The cells of the table cover {area.sum()} pixels, but the labels have only "
            f"{cells.size}: give the table and the labels of the same image."
        )
    values: dict[str, float] = {
        "planes": int(np.prod(cells.shape[:-2], dtype=int)),
        "count": count,
        "area_mean": float(area.mean()) if count else np.nan,
        "area_median": float(np.median(area)) if count else np.nan,
        "confluency": float(area.sum() / cells.size),
        "density": 1e6 * count / cells.size,
        "neighbours_mean": float(table["neighbours"].mean()) if count else np.nan,
    }
    if scale is not None:
        pixel = scale[0] * scale[1]
        values["area_mean_um2"] = pixel * values["area_mean"]
        values["area_median_um2"] = pixel * values["area_median"]
        values["density_mm2"] = 1e6 * count / (pixel * cells.size)
    return values


def _cells(result: Segmentation | None, labels: Any, axes: str) -> tuple[NDArray[Any], str]:
    """Labels and the letters of their axes."""
    if (result is None) == (labels is None):
        raise ImageError("Give either the result of a segmentation or labels=.")
    if result is None:
        cells = as_labels(labels, "The labels")
    elif isinstance(result, Segmentation):
        cells, axes = as_labels(result, "The labels"), result.axes
    else:
        raise ImageError(
            f"The result must be a Segmentation, not {type(result).__name__}: give an array of "
            "labels as labels=."
        )
    if axes and len(axes) != cells.ndim:
        raise ImageError(
            f"The axes {axes!r} do not fit labels of shape {cells.shape}: give one letter for "
            "each axis, such as 'TYX'."
        )
    return cells, axes.upper()


def _scale(
    result: Segmentation | None, pixel_size: float | tuple[float, float] | None
) -> tuple[float, float] | None:
    """Height and width of a pixel in micrometres, where known."""
    size = pixel_size if pixel_size is not None or result is None else result.pixel_size
    return None if size is None else as_pixel_size(size)


def _place(
    regions: Regions, plane: int, index: tuple[int, ...], axes: str
) -> dict[str, NDArray[Any]]:
    values = {"id": regions.ids, "plane": np.full(len(regions), plane, dtype=np.int64)}
    for letter in "TZ":
        if letter in axes[:-2]:
            values[letter.lower()] = np.full(
                len(regions), index[axes.index(letter)], dtype=np.int64
            )
    return values


def _names(axes: str, channels: int, scaled: bool) -> Iterator[str]:
    """Names of the columns that there are, in the order of their declaration."""
    present = {TIME: "T" in axes[:-2], DEPTH: "Z" in axes[:-2], SCALE: scaled}
    intensity_columns: list[Column] = [column for column in COLUMNS if column.needs == IMAGE]
    for column in COLUMNS:
        if column.needs != IMAGE:
            if present.get(column.needs, True):
                yield column.name
        elif column is intensity_columns[0]:
            for channel in range(channels):
                suffix = f"_c{channel}" if channels > 1 else ""
                yield from (f"intensity_{statistic}{suffix}" for statistic in STATISTICS)
