"""What a user may give where an image, or cells, are asked for."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from imagej_bridge.arrays import stack_axes_of
from imagej_bridge.gateway import Gateway, java_class
from imagej_bridge.label_tiff import LabelImage
from imagej_bridge.painting import DrawnCells
from imagej_bridge.planes import label_stack
from imagej_bridge.xarrays import from_xarray, is_xarray
from samcell_core.errors import ImageError
from samcell_core.images import as_image
from samcell_core.segmentation import Segmentation

__all__ = ["NEEDS_IMAGEJ2", "as_image_plus", "canvas_of", "image_of_imagej", "labels_of"]

NEEDS_IMAGEJ2 = "needs ImageJ2: connect to a Fiji folder, an endpoint or PyImageJ's gateway"


def as_image_plus(image: Any, gateway: Gateway) -> Any:
    """``ImagePlus`` of what ImageJ holds, its current image for ``None``; else ``None``."""
    if image is None:
        current = java_class("ij.WindowManager").getCurrentImage()
        if current is None:
            raise ImageError("ImageJ has no image open: open one, or give an image.")
        return current
    if isinstance(image, java_class("ij.ImagePlus")):
        return image
    if not isinstance(image, java_class("java.lang.Object")):
        return None
    if gateway.imagej2 is None:
        raise ImageError(
            f"A {type(image).__name__} is no ImagePlus, and to convert it {NEEDS_IMAGEJ2}."
        )
    return gateway.imagej2.py.to_imageplus(image)


def image_of_imagej(image: Any, gateway: Gateway) -> Any:
    """``ImagePlus`` of what ImageJ holds; `ImageError` of what it does not."""
    image_plus = as_image_plus(image, gateway)
    if image_plus is None:
        raise ImageError(
            f"A {type(image).__name__} is no image of ImageJ: give an ImagePlus, or None for the "
            "current image."
        )
    return image_plus


def canvas_of(image: Any, gateway: Gateway) -> tuple[tuple[int, ...], str]:
    """Shape and axes of the labels of an image, or of the cells that are given."""
    if isinstance(image, (Segmentation, DrawnCells, LabelImage)):
        return image.labels.shape, image.axes
    image_plus = as_image_plus(image, gateway)
    if image_plus is not None:
        return stack_axes_of(image_plus)
    read = from_xarray(image)[0] if is_xarray(image) else as_image(image)
    pairs = zip(read.axes, read.data.shape, strict=True)
    sizes = {letter: int(size) for letter, size in pairs if letter not in "CS"}
    order = [*(letter for letter in sizes if letter not in "YX"), "Y", "X"]
    return tuple(sizes[letter] for letter in order), "".join(order)


def labels_of(labels: Any, axes: str | None) -> tuple[NDArray[Any], str]:
    """Labels as an array, with a letter for each axis."""
    if isinstance(labels, (DrawnCells, LabelImage)):
        labels, axes = labels.labels, axes or labels.axes
    return label_stack(labels, axes)
