"""Every column of the measures, declared once: name, unit, formula, help."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["COLUMNS", "SUMMARY_COLUMNS", "Column", "describe", "markdown"]

ALWAYS = "always"
TIME = "a time axis"
DEPTH = "a z axis"
IMAGE = "an image"
SCALE = "a known pixel size"


@dataclass(frozen=True)
class Column:
    """One measure, as tables, doors and documentation call it.

    Attributes
    ----------
    name
        Its name in every table. Intensities of more than one channel end in ``_c0``, ``_c1``...
    unit
        Its unit: ``px``, ``px^2``, ``um``...; ``1`` for a pure number.
    formula
        How it is computed, in the symbols of the page on measures.
    help
        One line for people.
    needs
        What must be there for the column to be there.
    """

    name: str
    unit: str
    formula: str
    help: str
    needs: str = ALWAYS


COLUMNS: tuple[Column, ...] = (
    Column("id", "1", "", "Label of the cell in its plane."),
    Column("plane", "1", "", "Plane, counted from 0 over all axes before height and width."),
    Column("t", "1", "", "Time point, counted from 0.", TIME),
    Column("z", "1", "", "Slice, counted from 0.", DEPTH),
    Column("centroid_y", "px", "sum(y)/A", "Centre of the cell, rows from the top."),
    Column("centroid_x", "px", "sum(x)/A", "Centre of the cell, columns from the left."),
    Column("bbox_top", "px", "min(y)", "First row of the cell."),
    Column("bbox_left", "px", "min(x)", "First column of the cell."),
    Column("bbox_bottom", "px", "max(y) + 1", "First row below the cell."),
    Column("bbox_right", "px", "max(x) + 1", "First column right of the cell."),
    Column("area", "px^2", "A = number of pixels", "Area of the cell."),
    Column("perimeter", "px", "P, see below", "Length of the outline."),
    Column("equivalent_diameter", "px", "sqrt(4 A/pi)", "Diameter of the circle of the same area."),
    Column("axis_major", "px", "a = 4 sqrt(l1)", "Long axis of the ellipse of equal moments."),
    Column("axis_minor", "px", "b = 4 sqrt(l2)", "Short axis of the ellipse of equal moments."),
    Column("aspect_ratio", "1", "a/b", "Elongation, from 1; NaN where the short axis is 0."),
    Column("eccentricity", "1", "sqrt(1 - l2/l1)", "0 for a circle, near 1 for a line."),
    Column(
        "orientation",
        "rad",
        "0.5 atan2(2 cov(y, x), var(y) - var(x))",
        "Angle of the long axis to the vertical, -pi/2 to pi/2, positive towards larger x.",
    ),
    Column("area_convex", "px^2", "C, see below", "Pixels inside the convex hull."),
    Column("solidity", "1", "A/C", "1 for a convex cell."),
    Column(
        "extent",
        "1",
        "A/((bbox_bottom - bbox_top)(bbox_right - bbox_left))",
        "Part of the bounding box that the cell fills.",
    ),
    Column(
        "circularity",
        "1",
        "4 pi A/P^2",
        "About 0.9 for a disc of pixels, less for other shapes; NaN where P is 0.",
    ),
    Column(
        "roundness",
        "1",
        "4 A/(pi a^2)",
        "About 1 for a disc, less for long cells; NaN where a is 0.",
    ),
    Column("intensity_mean", "grey", "mean(I)", "Mean grey value.", IMAGE),
    Column(
        "intensity_std",
        "grey",
        "sqrt(mean((I - mean(I))^2))",
        "Standard deviation of the grey values.",
        IMAGE,
    ),
    Column("intensity_min", "grey", "min(I)", "Smallest grey value.", IMAGE),
    Column("intensity_max", "grey", "max(I)", "Largest grey value.", IMAGE),
    Column(
        "neighbours", "1", "", "Cells that this one touches, at an edge or a corner of a pixel."
    ),
    Column(
        "nearest_neighbour",
        "px",
        "min dist(centroid, other centroid)",
        "Distance to the nearest other cell's centre; NaN for a cell alone in its plane.",
    ),
    Column("touches_border", "1", "", "1 where the cell touches the border of the image, else 0."),
    Column(
        "confidence",
        "1",
        "3/(1/p + 1/d + 1/c)",
        "0 to 1, low for doubtful cells; NaN without a distance map.",
    ),
    Column(
        "peak_height",
        "1",
        "p = max(D)",
        "Largest value of the distance map in the cell; NaN without a distance map.",
    ),
    Column(
        "saddle_depth",
        "1",
        "d = 1 - s/p",
        "How far the map falls between the cell and those it touches, 1 where it touches none; "
        "NaN without a distance map.",
    ),
    Column(
        "border_contrast",
        "1",
        "c = (i - o)/(i + o)",
        "How far the map falls at the cell's free border; NaN without a distance map.",
    ),
    Column("centroid_y_um", "um", "h centroid_y", "centroid_y in micrometres.", SCALE),
    Column("centroid_x_um", "um", "w centroid_x", "centroid_x in micrometres.", SCALE),
    Column("area_um2", "um^2", "h w A", "Area of the cell.", SCALE),
    Column(
        "perimeter_um",
        "um",
        "sqrt(h w) P",
        "Length of the outline; NaN where pixels are not square.",
        SCALE,
    ),
    Column(
        "equivalent_diameter_um",
        "um",
        "sqrt(4 h w A/pi)",
        "Diameter of the circle of the same area.",
        SCALE,
    ),
    Column(
        "axis_major_um",
        "um",
        "4 sqrt(l1) of h y, w x",
        "Long axis of the ellipse of equal moments.",
        SCALE,
    ),
    Column(
        "axis_minor_um",
        "um",
        "4 sqrt(l2) of h y, w x",
        "Short axis of the ellipse of equal moments.",
        SCALE,
    ),
    Column(
        "nearest_neighbour_um",
        "um",
        "min dist(centroid, other centroid) of h y, w x",
        "Distance to the nearest other cell's centre; NaN for a cell alone in its plane.",
        SCALE,
    ),
)

SUMMARY_COLUMNS: tuple[Column, ...] = (
    Column("planes", "1", "", "Planes of the image."),
    Column("count", "1", "N", "Cells, over all planes."),
    Column("area_mean", "px^2", "mean(area)", "Mean area of a cell; NaN without cells."),
    Column("area_median", "px^2", "median(area)", "Median area of a cell; NaN without cells."),
    Column("confluency", "1", "sum(area)/S", "Part of the image that cells cover, 0 to 1."),
    Column("density", "1/Mpx", "10^6 N/S", "Cells in a million pixels."),
    Column("neighbours_mean", "1", "mean(neighbours)", "Mean of neighbours; NaN without cells."),
    Column("area_mean_um2", "um^2", "h w area_mean", "Mean area of a cell.", SCALE),
    Column("area_median_um2", "um^2", "h w area_median", "Median area of a cell.", SCALE),
    Column("density_mm2", "1/mm^2", "10^6 N/(h w S)", "Cells in a square millimetre.", SCALE),
)


def describe(name: str) -> Column:
    """Return the declaration of a column of `measure` or `summarize`, channels included.

    Examples
    --------
    >>> describe("area_um2").unit
    'um^2'
    >>> describe("intensity_mean_c2").name
    'intensity_mean'
    """
    plain = re.sub(r"^(intensity_\w+)_c\d+$", r"\1", name)
    for column in (*COLUMNS, *SUMMARY_COLUMNS):
        if column.name == plain:
            return column
    raise KeyError(f"There is no column {name!r}.")


def markdown(columns: tuple[Column, ...]) -> str:
    """Return the table of columns as the documentation shows it."""
    rows = [
        f"| `{column.name}` | {column.unit} | {f'`{column.formula}`' if column.formula else ''} "
        f"| {column.help} | {column.needs} |"
        for column in columns
    ]
    return "\n".join(
        ["| column | unit | formula | meaning | needs |", "| --- | --- | --- | --- | --- |", *rows]
    )
