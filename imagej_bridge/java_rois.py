"""Cells in ImageJ's ROI Manager and in overlays, and back from where they were corrected."""

from __future__ import annotations

import importlib
import io
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagej_bridge.cell_names import UniqueNames, as_file_name
from imagej_bridge.gateway import java_class
from imagej_bridge.outlines import trace
from imagej_bridge.palette import colour_of
from imagej_bridge.planes import position_of
from imagej_bridge.roi import encode_roi
from imagej_bridge.roi_set import write_roi_set
from samcell_core.errors import SamcellError

__all__ = ["add_to_manager", "put_overlay", "rois_of_manager", "rois_of_overlay"]

_LABEL = "label"  # the property that tells the number of a cell


def add_to_manager(labels: Any, axes: str | None, **described: Any) -> int:
    """Add every cell to the ROI Manager, behind the ROIs that are there.

    Parameters
    ----------
    labels, axes, **described
        As for `write_roi_set`.
    """
    manager = java_class("ij.plugin.frame.RoiManager")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "RoiSet.zip"
        count = write_roi_set(path, labels, axes=axes, **described)
        # Opening the set is the one way that keeps names, positions and properties as they are.
        opened = manager.getInstance() or manager.getRoiManager()
        before = int(opened.getCount())
        if count:
            opened.runCommand("Open", str(path))
    added = int(opened.getCount()) - before
    if added != count:
        raise SamcellError(
            f"ImageJ took {added} of {count} ROIs into its ROI Manager: close the manager and try "
            "again."
        )
    return count


def put_overlay(image_plus: Any, labels: NDArray[Any], axes: str) -> None:
    """Outline all cells in their colours over an image, in place of cells that were there.

    What else its overlay holds, such as arrows and texts, stays.
    """
    jpype = importlib.import_module("jpype")
    decoder = java_class("ij.io.RoiDecoder")
    overlay = java_class("ij.gui.Overlay")()
    before = image_plus.getOverlay()
    for roi in [] if before is None else before.toArray():
        if roi.getProperty(_LABEL) is None:
            overlay.add(roi)
    is_stack = int(image_plus.getStackSize()) > 1
    for number, plane in enumerate(labels.reshape(-1, *labels.shape[-2:])):
        position = position_of(number, labels.shape, axes)
        for label, rings in trace(plane):
            data = encode_roi(
                rings,
                name=str(label),
                properties={_LABEL: str(label)},
                stroke_colour=colour_of(label),
            )
            roi = decoder(jpype.JArray.of(np.frombuffer(data, np.int8)), str(label)).getRoi()
            if is_stack:
                # A plain number would count all planes, channels among them, which labels lack.
                roi.setPosition(position.channel, position.slice, position.frame)
            overlay.add(roi)
    image_plus.setOverlay(overlay)


def rois_of_manager(chosen: Iterable[int] | None = None) -> bytes:
    """ROIs of the ROI Manager as a ``RoiSet.zip``; all, or those of these numbers from 0."""
    manager = java_class("ij.plugin.frame.RoiManager").getInstance()
    count = 0 if manager is None else int(manager.getCount())
    if count == 0:
        raise SamcellError("The ROI Manager is empty: add ROIs, or give a RoiSet.zip as source.")
    numbers = list(range(count) if chosen is None else chosen)
    if wrong := [number for number in numbers if not 0 <= number < count]:
        raise SamcellError(
            f"The ROI Manager has {count} ROIs and no number {wrong[0]}: give numbers from 0 to "
            f"{count - 1}."
        )
    return _packed(
        [manager.getRoi(number) for number in numbers],
        [str(manager.getName(number)) for number in numbers],
    )


def rois_of_overlay(image_plus: Any) -> bytes:
    """ROIs of the overlay of an image as a ``RoiSet.zip``."""
    overlay = image_plus.getOverlay()
    rois = [] if overlay is None else list(overlay.toArray())
    if not rois:
        raise SamcellError(
            f"{image_plus.getTitle()} has no overlay: add one, or give the ROI Manager as source."
        )
    return _packed(rois, [str(roi.getName() or "roi") for roi in rois])


def _packed(rois: Sequence[Any], names: Sequence[str]) -> bytes:
    encode = java_class("ij.io.RoiEncoder").saveAsByteArray
    entries = UniqueNames()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for roi, name in zip(rois, names, strict=True):
            data = encode(roi)
            if data is None:
                raise SamcellError(f"ImageJ cannot write the ROI {name}: draw it anew.")
            archive.writestr(f"{entries.add(as_file_name(name))}.roi", bytes(np.array(data)))
    return stream.getvalue()
