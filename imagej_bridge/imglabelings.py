"""Labels as an ``ImgLabeling`` of ImgLib2, where PyImageJ's ImageJ2 is there."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagej_bridge.gateway import java_class

__all__ = ["to_imglabeling"]


def to_imglabeling(imagej2: Any, labels: NDArray[Any]) -> Any:
    """``ImgLabeling`` whose label of a pixel is the whole number that it has here.

    Parameters
    ----------
    imagej2
        PyImageJ's gateway.
    labels
        Whole numbers, 0 outside cells.
    """
    numbers = java_class("java.util.ArrayList")()
    for label in range(1, int(labels.max()) + 1):
        numbers.add(java_class("java.lang.Integer").valueOf(label))
    dtype = np.uint16 if len(numbers) <= 65535 else np.int32
    image = imagej2.py.to_img(np.ascontiguousarray(labels, dtype))
    labeling = java_class("net.imglib2.roi.labeling.ImgLabeling")
    return labeling.fromImageAndLabels(image, numbers)
