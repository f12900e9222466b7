"""Labels as images in ImageJ, with the colours, axes and pixel size that their files have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagej_bridge.arrays import from_image_plus, planes_of, to_image_plus
from imagej_bridge.calibration import Steps
from imagej_bridge.gateway import java_class
from imagej_bridge.label_tiff import AXES_LINE, LabelImage
from imagej_bridge.palette import colour_table
from samcell_core.errors import ImageError
from samcell_core.images import Image

__all__ = ["from_label_image", "to_label_image"]

_EXACT = 2**24  # ImageJ's numbers above 65,535 are float32


def to_label_image(labels: NDArray[Any], axes: str, steps: Mapping[str, Steps], title: str) -> Any:
    """16-bit image of labels, or 32-bit where one is above 65,535."""
    highest = int(labels.max())
    if highest >= _EXACT:
        raise ImageError(
            f"The label {highest} is too large for ImageJ, which is exact below {_EXACT}: number "
            "the cells anew."
        )
    data = labels.astype(np.uint16 if highest <= 65535 else np.float32)
    image_plus = to_image_plus(Image(data, axes, None, name=title), steps, title)
    # Numbers of Java's bytes have a sign.
    channels = [channel.tolist() for channel in colour_table().view(np.int8).T]
    image_plus.setLut(java_class("ij.process.LUT")(*channels))
    image_plus.setDisplayRange(0, max(highest, 255))
    # ImageJ knows no axes of one plane, and planes in its own order only.
    image_plus.setProperty("Info", f"label axes: {axes}\n")
    return image_plus


def from_label_image(image_plus: Any) -> LabelImage:
    """Labels of an image, in the axes that `to_label_image` or a label TIFF file had."""
    image = from_image_plus(image_plus)
    if "S" in image.axes:
        raise ImageError(f"{image.name} holds colours, not labels: give a label image.")
    whole = planes_of(image_plus).astype(np.float64)
    if not (whole == np.floor(whole)).all() or whole.min() < 0:  # NaN equals nothing
        raise ImageError(
            f"{image.name} holds numbers that are no labels, such as fractions: give a label image."
        )
    data = image.data.astype(np.uint16 if whole.max() <= 65535 else np.uint32)
    axes = image.axes
    found = AXES_LINE.search(str(image_plus.getProperty("Info") or ""))
    if found and set(axes) <= set(found[1]):
        told = found[1]
        axes = "".join(letter for letter in told if letter not in axes) + axes
        data = data.reshape((1,) * (len(axes) - data.ndim) + data.shape)
        data, axes = data.transpose([axes.index(letter) for letter in told]), told
    return LabelImage(data, axes, image.pixel_size)
