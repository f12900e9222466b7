"""The published contrast step, applied to each tile on its own before the network."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["published_contrast"]


def published_contrast(tile: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Equalise with a contrast limit of 1 on 8 x 8 fields, then stretch to the full 8-bit range."""
    equalised = cv2.createCLAHE(clipLimit=1, tileGridSize=(8, 8)).apply(np.ascontiguousarray(tile))
    stretched = np.empty(tile.shape, np.uint8)
    cv2.normalize(equalised, stretched, 0, 255, cv2.NORM_MINMAX)
    return stretched
