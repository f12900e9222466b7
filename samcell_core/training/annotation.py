"""Labels that are no label image of their own: outlines, or one image's part of a larger file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Annotation", "Drawn"]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Labels of one image.

    Attributes
    ----------
    labels
        0 outside cells, and a number for each cell.
    overlapping
        Pixels that more than one cell claimed.
    notes
        Things worth knowing, each a sentence.
    """

    labels: NDArray[np.int32]
    overlapping: int = 0
    notes: tuple[str, ...] = ()


class Annotation(Protocol):
    """What draws the labels of one image, once the size of that image is known."""

    def draw(self, shape: tuple[int, int]) -> Drawn:
        """Labels of an image of this height and width. Raises `ImageError`."""

    def digest(self) -> str:
        """Checksum of what is drawn: equal where the labels are. Raises `OSError`."""
