"""Pixel size and channel names from the metadata of a TIFF file."""

from __future__ import annotations

import math
from typing import Any
from xml.etree import ElementTree

import tifffile

from samcell_core.images.units import MICROMETRES, is_believable

__all__ = ["read_channel_names", "read_pixel_size"]

_RESOLUTION_UNITS = {2: "inch", 3: "cm"}


def read_pixel_size(
    file: tifffile.TiffFile, series: tifffile.TiffPageSeries
) -> tuple[float, float] | None:
    """Height and width of a pixel in micrometres; ``None`` where the file does not say."""
    if file.is_ome:
        pixels = _ome_pixels(file, series)
        if pixels is None:
            return None
        return _both(_ome_length(pixels, "Y"), _ome_length(pixels, "X"))
    page, unit = series.keyframe, ""
    if file.is_imagej:
        unit = str((file.imagej_metadata or {}).get("unit", "")).strip().lower()
    if unit not in MICROMETRES:
        unit = _RESOLUTION_UNITS.get(int(page.tags.valueof("ResolutionUnit", 1)), "")
    if unit not in MICROMETRES:
        return None
    size = _both(_resolved(page, "YResolution", unit), _resolved(page, "XResolution", unit))
    return size if size is not None and is_believable(size, unit) else None


def read_channel_names(file: tifffile.TiffFile, series: tifffile.TiffPageSeries) -> tuple[str, ...]:
    """Names of the channels in order, as OME-TIFF and ImageJ keep them; else nothing."""
    if file.is_ome:
        pixels = _ome_pixels(file, series)
        channels = [] if pixels is None else [e for e in pixels if _tag(e) == "Channel"]
        names = tuple(channel.get("Name", "") for channel in channels)
    elif file.is_imagej:
        labels = (file.imagej_metadata or {}).get("Labels") or ()
        names = tuple(str(label) for label in labels)
    else:
        names = ()
    return names if any(names) else ()


def _ome_pixels(
    file: tifffile.TiffFile, series: tifffile.TiffPageSeries
) -> ElementTree.Element | None:
    """Pixels of the image that is read; of the first, where tifffile passed some over."""
    # tifffile has read the same text with the same parser before.
    root = ElementTree.fromstring(file.ome_metadata or "<OME/>")  # noqa: S314
    pixels = [element for element in root.iter() if _tag(element) == "Pixels"]
    if len(pixels) == len(file.series):
        return pixels[file.series.index(series)]
    return pixels[0] if pixels else None


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _ome_length(pixels: ElementTree.Element, axis: str) -> float:
    unit = pixels.get(f"PhysicalSize{axis}Unit", "\u00b5m").strip().lower()
    try:
        return float(pixels.get(f"PhysicalSize{axis}", "")) * MICROMETRES.get(unit, math.nan)
    except ValueError:
        return math.nan


def _resolved(page: tifffile.TiffPage, tag: str, unit: str) -> float:
    """Length of a pixel, from the number of pixels in a unit."""
    value: Any = page.tags.valueof(tag, None)
    if not isinstance(value, tuple) or len(value) != 2 or not value[0] or not value[1]:
        return math.nan
    return MICROMETRES[unit] * float(value[1]) / float(value[0])


def _both(height: float, width: float) -> tuple[float, float] | None:
    usable = all(math.isfinite(length) and length > 0 for length in (height, width))
    return (height, width) if usable else None
