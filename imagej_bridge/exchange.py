"""Images, cells and tables handed to ImageJ and back."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

from imagej_bridge.arrays import from_image_plus, to_image_plus
from imagej_bridge.calibration import Steps, as_pixel_steps, read_steps
from imagej_bridge.gateway import Gateway
from imagej_bridge.given import NEEDS_IMAGEJ2, canvas_of, image_of_imagej, labels_of
from imagej_bridge.imglabelings import to_imglabeling
from imagej_bridge.java_labels import from_label_image, to_label_image
from imagej_bridge.java_rois import add_to_manager, rois_of_manager, rois_of_overlay
from imagej_bridge.java_tables import RESULTS, from_results_table, to_results_table
from imagej_bridge.label_tiff import LabelImage
from imagej_bridge.painting import DrawnCells
from imagej_bridge.roi_set import read_roi_set, write_roi_set
from imagej_bridge.xarrays import from_xarray, is_xarray, to_xarray
from samcell_core.errors import SamcellError
from samcell_core.images import Image, as_image
from samcell_core.metrics import Table
from samcell_core.metrics.inputs import as_labels, as_pixel_size
from samcell_core.segmentation import Segmentation

__all__ = ["Exchange"]

_NEEDS_SCREEN = "needs a screen: run Python where there is one, or under xvfb-run"


class Exchange:
    """What makes something in ImageJ (``to_...``), and what reads it (``from_...``)."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        # Which image a segmentation was made of, as long as somebody has the segmentation.
        self._images: WeakKeyDictionary[Segmentation, Any] = WeakKeyDictionary()

    @property
    def missing(self) -> Mapping[str, str]:
        """Methods that this ImageJ cannot serve, and what each of them needs."""
        missing = {}
        if self._gateway.imagej2 is None:
            missing["to_imglabeling"] = NEEDS_IMAGEJ2
        if self._gateway.headless:
            missing |= dict.fromkeys(("show", "to_rois", "from_rois"), _NEEDS_SCREEN)
        return MappingProxyType(missing)

    def to_image(
        self,
        source: Any,
        *,
        axes: str | None = None,
        pixel_size: float | tuple[float, float] | None = None,
        title: str | None = None,
    ) -> Any:
        """Make an ``ImagePlus`` with the same numbers; it is not shown.

        Parameters
        ----------
        source
            An array, a ``DataArray``, an `Image` or a file.
        axes, pixel_size
            As for `as_image`, where the source does not tell; height and width in micrometres, or
            one number for both.
        title
            Its title; the name of the source where not given.
        """
        if is_xarray(source):
            image, steps = from_xarray(source)
        else:
            image = as_image(source, axes=axes)
            steps = as_pixel_steps(image.pixel_size)
        if pixel_size is not None:
            steps = {**steps, **as_pixel_steps(as_pixel_size(pixel_size))}
        return to_image_plus(image, steps, Path(image.name).name if title is None else title)

    def from_image(self, image: Any = None) -> Image:
        """Pixels of an image of ImageJ, with axes (T, Z, C, Y, X, S) and pixel size.

        Parameters
        ----------
        image
            An ``ImagePlus`` or ``Dataset``; the current image where not given.
        """
        return from_image_plus(image_of_imagej(image, self._gateway))

    def from_image_as_xarray(self, image: Any = None) -> Any:
        """Pixels of an image of ImageJ as a ``DataArray``, with coordinates and their units.

        Parameters
        ----------
        image
            As for `from_image`.
        """
        image_plus = image_of_imagej(image, self._gateway)
        return to_xarray(from_image_plus(image_plus), read_steps(image_plus))

    def to_labels(
        self,
        labels: Any,
        *,
        axes: str | None = None,
        pixel_size: float | tuple[float, float] | None = None,
        image: Any = None,
        title: str = "labels",
    ) -> Any:
        """Make an ``ImagePlus`` of labels, in the colours of label files; it is not shown.

        Parameters
        ----------
        labels, axes, pixel_size
            As for `write_label_tiff`; `DrawnCells` and `LabelImage` tell their axes themselves.
        image
            An ``ImagePlus`` whose calibration it is to have; that which was segmented where not
            given.
        title
            Its title.
        """
        array, axes = labels_of(labels, axes)
        like = image
        if like is None and isinstance(labels, Segmentation):
            like = self._images.get(labels)
        steps: Mapping[str, Steps] = {} if like is None else read_steps(like)
        if pixel_size is None and not steps:
            pixel_size = getattr(labels, "pixel_size", None)
        if pixel_size is not None:
            steps = {**steps, **as_pixel_steps(as_pixel_size(pixel_size))}
        return to_label_image(array, axes, steps, title)

    def from_labels(self, image: Any = None) -> LabelImage:
        """Labels of a label image of ImageJ, such as one that was corrected by hand.

        Parameters
        ----------
        image
            An ``ImagePlus`` or ``Dataset``; the current image where not given.
        """
        return from_label_image(image_of_imagej(image, self._gateway))

    def to_rois(
        self,
        labels: Any,
        path: str | os.PathLike[str] | None = None,
        *,
        axes: str | None = None,
        overwrite: bool = False,
        **described: Any,
    ) -> int:
        """Add every cell to the ROI Manager, or write a ``RoiSet.zip``; give their number.

        Parameters
        ----------
        labels, axes, overwrite, **described
            As for `write_roi_set`; `DrawnCells` and `LabelImage` tell their axes themselves.
        path
            The file. Where not given, the cells go to the ROI Manager, behind what is there.
        """
        array, axes = labels_of(labels, axes)
        if path is not None:
            return write_roi_set(path, array, axes=axes, overwrite=overwrite, **described)
        self._need("to_rois")
        return add_to_manager(array, axes, **described)

    def from_rois(
        self,
        image: Any = None,
        source: str | os.PathLike[str] = "manager",
        *,
        chosen: Iterable[int] | None = None,
    ) -> DrawnCells:
        """Labels of ROIs, such as those that were corrected by hand.

        ROIs that came from labels keep their number. Where ROIs overlap, the first keeps the pixel.

        Parameters
        ----------
        image
            What they were drawn on, for its shape: an image, or a segmentation of it; ImageJ's
            current image where not given.
        source
            ``manager``, ``overlay`` (of the image) or a ``RoiSet.zip``.
        chosen
            Numbers, from 0, of those of the ROI Manager to take; all where not given.
        """
        shape, axes = canvas_of(image, self._gateway)
        rois: str | os.PathLike[str] | bytes = source
        if source == "manager":
            self._need("from_rois")
            rois = rois_of_manager(chosen)
        elif source == "overlay":
            rois = rois_of_overlay(image_of_imagej(image, self._gateway))
        return read_roi_set(rois, shape, axes=axes)

    def to_table(self, table: Any, title: str = RESULTS, *, overwrite: bool = False) -> Any:
        """Show a table in ImageJ, and give its ``ResultsTable``.

        Parameters
        ----------
        table
            What `samcell_core.measure` returned, a data frame, or columns by name.
        title
            Its title. ``Results`` is the table that macros ask with ``nResults``.
        overwrite
            Whether rows of an open table of that title may be replaced.
        """
        show = not self._gateway.headless
        return to_results_table(table, title, overwrite=overwrite, show=show)

    def from_table(self, source: Any = RESULTS) -> Table:
        """Columns of a table of ImageJ: numbers as float64, or texts.

        Parameters
        ----------
        source
            The title of its window, or a ``ResultsTable``.
        """
        return from_results_table(source)

    def to_imglabeling(self, labels: Any) -> Any:
        """Make an ``ImgLabeling`` of ImgLib2, which ImageJ2 alone has.

        Parameters
        ----------
        labels
            A segmentation, or whole numbers, 0 outside cells.
        """
        self._need("to_imglabeling")
        given = labels.labels if isinstance(labels, (DrawnCells, LabelImage)) else labels
        return to_imglabeling(self._gateway.imagej2, as_labels(given, "labels"))

    def _need(self, method: str) -> None:
        if method in self.missing:
            raise SamcellError(f"{method} {self.missing[method]}.")
