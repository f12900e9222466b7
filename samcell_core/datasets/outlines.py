"""Labels from the outlines that ImageJ's ROI Manager saves: ``RoiSet.zip`` or one ``.roi``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from samcell_core.errors import ImageError
from samcell_core.files import sha256_of
from samcell_core.training.annotation import Drawn
from samcell_core.training.pairs import some

__all__ = ["OUTLINE_ENDINGS", "RoiOutlines"]

OUTLINE_ENDINGS = (".zip", ".roi")
"""Endings of the files of ROIs."""

_MOST_OVERLAP = 0.1  # of the pixels of all cells


@dataclass(frozen=True)
class RoiOutlines:
    """ROIs of one image, filled as ImageJ fills them.

    Where ROIs overlap, a pixel stays with the one that comes first. That is noted up to a tenth of
    all pixels of cells, and refused above. A ROI that gets no pixel at all (a second one in the
    same place, one beside the image) is refused, too; lines, points and texts are left out.
    """

    path: Path

    def draw(self, shape: tuple[int, int]) -> Drawn:
        """Labels of an image of this height and width. Raises `ImageError`."""
        # The bridge to ImageJ knows its files. The engine does not, and asks for it only here.
        from imagej_bridge import read_roi_set

        try:
            drawn = read_roi_set(self.path, shape)
        except ImageError as error:
            if str(self.path) in str(error):
                raise
            raise ImageError(f"{self.path}: {error}") from error
        if len({cell.position for cell in drawn.cells if any(cell.position)}) > 1:
            raise ImageError(
                f"{self.path} holds ROIs of several slices of a stack: save each slice as an image "
                "of its own, with a RoiSet.zip of its ROIs."
            )
        if drawn.lost:
            raise ImageError(
                f"{len(drawn.lost)} ROIs of {self.path} have no pixel of their own "
                f"({some(drawn.lost)}): delete those that lie under others or outside the image "
                f"of {shape[0]} x {shape[1]} pixels, or give the image that they were drawn on."
            )
        notes = []
        labels = drawn.labels.astype(np.int32)
        share = drawn.overlapping / max(1, int(np.count_nonzero(labels)))
        if share > _MOST_OVERLAP:
            raise ImageError(
                f"ROIs of {self.path} overlap on {share:.0%} of the pixels of cells, and a pixel "
                f"can only be of one: delete outlines that were drawn twice, or draw them apart "
                f"(up to {_MOST_OVERLAP:.0%}, the first one gets the pixel)."
            )
        if drawn.overlapping:
            notes.append(
                f"ROIs overlap in {drawn.overlapping} pixels, which count for the first one."
            )
        if drawn.without_area:
            notes.append(
                f"{len(drawn.without_area)} ROIs are lines, points or texts and were left out "
                f"({some(drawn.without_area)})."
            )
        return Drawn(labels, drawn.overlapping, tuple(notes))

    def digest(self) -> str:
        """Checksum of the file."""
        return sha256_of(self.path)
