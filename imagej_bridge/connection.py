"""One object for an ImageJ, whether PyImageJ or a bare ``ij.jar`` is behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import samcell_core as sc
from imagej_bridge.arrays import from_image_plus, selection_mask, stack_axes_of
from imagej_bridge.exchange import Exchange
from imagej_bridge.gateway import Gateway, open_gateway
from imagej_bridge.given import as_image_plus
from imagej_bridge.java_rois import add_to_manager, put_overlay
from imagej_bridge.label_tiff import LabelImage
from imagej_bridge.macros import argument_text, macro_text, run_macro
from imagej_bridge.painting import DrawnCells
from imagej_bridge.xarrays import from_xarray, is_xarray
from samcell_core.errors import ImageError
from samcell_core.images import Image
from samcell_core.images.tiff_values import inverted
from samcell_core.segmentation import Segmentation
from samcell_core.settings import Settings

if TYPE_CHECKING:
    from samcell_core.engine import Segmenter

__all__ = ["Connection", "connect"]


def connect(where: Any = None, *, window: bool = False) -> Connection:
    """Connect to the ImageJ of this process, and start one where there is none.

    Java can be started only once in a process: a second call gives the same ImageJ.

    Parameters
    ----------
    where
        PyImageJ's gateway (``imagej.init(...)``), a Fiji folder or an endpoint that PyImageJ is
        to start, or the file ``ij.jar`` of an ImageJ. Where not given: the ImageJ that runs, what
        the environment variables ``SAMCELL_FIJI`` or ``IJ_JAR`` name, or that of the system.
    window
        Whether to show ImageJ's own window, to draw and correct by hand.

    Raises
    ------
    SamcellError
        There is no ImageJ, no Java, or a Python package is missing.
    """
    return Connection(open_gateway(where, window=window))


class Connection(Exchange):
    """An ImageJ to hand images, cells and tables to, and to get them back from.

    ``to_...`` makes something in ImageJ and ``from_...`` reads it. Where an image is asked for, it
    may be an ``ImagePlus``, a ``Dataset`` of ImageJ2, a ``DataArray`` of xarray, an array, an
    `Image` or a file.
    """

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway)
        self._segmenter: tuple[object, Segmenter] | None = None

    def __repr__(self) -> str:
        kind = "ij.jar" if self._gateway.imagej2 is None else "ImageJ2"
        without = f", without {', '.join(self.missing)}" if self.missing else ""
        return f"Connection(ImageJ {self._gateway.version}, {kind}{without})"

    def close(self) -> None:
        """Release the model. ImageJ stays, for it cannot be started again."""
        if self._segmenter is not None:
            self._segmenter[1].close()
            self._segmenter = None

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def segment(
        self,
        image: Any = None,
        settings: Settings | None = None,
        *,
        model: Any = "samcell-lite",
        selection: bool = True,
        progress: Callable[[int, int], None] | None = None,
        **changes: Any,
    ) -> Segmentation:
        """Find the cells of an image, of all its planes.

        Parameters
        ----------
        image
            The image; ImageJ's current one where not given.
        settings, progress, **changes
            As for `Segmenter.segment`.
        model
            What `Segmenter` takes, or one that is ready. The last one is kept for the next call.
        selection
            Whether cells are found only inside the selection of an ``ImagePlus``, if it has one.
        """
        image_plus = as_image_plus(image, self._gateway)
        source, mask = image, None
        if image_plus is not None:
            source = from_image_plus(image_plus)
            if image_plus.isInvertedLut():
                # Bright is what is shown bright, as where the file is read.
                data = inverted(source.data.dtype)(source.data)
                source = Image(data, source.axes, source.pixel_size, name=source.name)
            mask = selection_mask(image_plus) if selection else None
        elif is_xarray(image):
            source, _ = from_xarray(image)
        result = self._ready(model).segment(
            source, settings, mask=mask, progress=progress, **changes
        )
        if image_plus is not None:
            self._images[result] = image_plus
        return result

    def show(
        self,
        result: Segmentation | DrawnCells | LabelImage,
        image: Any = None,
        *,
        labels: bool = True,
        overlay: bool = True,
        rois: bool = True,
    ) -> Any:
        """Show cells: as a label image, as an overlay of the image, in the ROI Manager.

        Parameters
        ----------
        result
            The cells.
        image
            The image they belong to, which is shown, too, and gets the overlay; the
            ``ImagePlus`` that was segmented where not given.
        labels, overlay, rois
            Which of the three to show.

        Returns
        -------
        ij.ImagePlus or None
            The label image.
        """
        self._need("show")
        image_plus = self._images.get(result) if isinstance(result, Segmentation) else None
        if image is not None:
            image_plus = as_image_plus(image, self._gateway) or self.to_image(image)
        if image_plus is not None:
            shape, _ = stack_axes_of(image_plus)
            if shape[-2:] != result.labels.shape[-2:]:
                raise ImageError(
                    f"The image is of {shape[-2:]} pixels and the cells of "
                    f"{result.labels.shape[-2:]}: give the image that was segmented."
                )
            image_plus.show()
            if overlay:
                put_overlay(image_plus, result.labels, result.axes)
        if rois:
            add_to_manager(result.labels, result.axes)
        if not labels:
            return None
        shown = self.to_labels(result, image=image_plus)
        shown.show()
        return shown

    def run_macro(
        self,
        source: str | Path,
        arguments: str | Mapping[str, Any] = "",
        *,
        time_limit: float | None = 600,
        attended: bool = False,
    ) -> str | None:
        """Run a macro of ImageJ1 and give what it returned; raise where it failed.

        Parameters
        ----------
        source
            Its text, or a file ``.ijm`` or ``.txt``.
        arguments
            What its ``getArgument()`` gives; names and values become ``name=value name2``.
        time_limit
            Seconds after which it is stopped; ``None`` for no limit.
        attended
            Whether somebody is there to answer dialogs. Else a dialog that asks for something
            ends the macro, and one that only tells something is closed.

        Raises
        ------
        SamcellError
            With the macro's own message, and its line.
        """
        text, name = macro_text(source)
        return run_macro(
            text,
            argument_text(arguments),
            name=name,
            time_limit=time_limit,
            attended=attended,
        )

    def _ready(self, model: Any) -> Segmenter:
        if isinstance(model, sc.Segmenter):
            return model
        if self._segmenter is not None:
            of, kept = self._segmenter
            if of is model or (isinstance(model, (str, Path)) and of == model):
                return kept
        self.close()
        made = sc.Segmenter(model)
        self._segmenter = model, made
        return made
