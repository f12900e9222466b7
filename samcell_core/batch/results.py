"""One image on its way through the steps, and the kinds of files that can be made of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.batch.pictures import Picture, picture_of
from samcell_core.images import Image
from samcell_core.metrics import Table
from samcell_core.segmentation import Segmentation

__all__ = ["Output", "Result", "plane_name"]


@dataclass(frozen=True, eq=False)
class Result:
    """Everything that is known of one image when its files are written.

    Attributes
    ----------
    shown
        What people call the image.
    image
        Its pixels.
    segmentation
        Its cells.
    table
        Their measures: one row a cell, planes in order, labels ascending.
    """

    shown: str
    image: Image
    segmentation: Segmentation
    table: Table
    _pictures: dict[int, Picture] = field(default_factory=dict, init=False, repr=False)

    def picture(self, plane: int) -> Picture:
        """A plane to look at; the last one is kept, for several files show it."""
        if plane not in self._pictures:
            channel = self.segmentation.settings.channel
            picture = picture_of(self.image, self.planes[plane], plane, channel=channel)
            self._pictures.clear()
            self._pictures[plane] = picture
        return self._pictures[plane]

    @property
    def planes(self) -> NDArray[Any]:
        """Labels as planes x height x width."""
        labels = self.segmentation.labels
        return labels.reshape(-1, *labels.shape[-2:])


@dataclass(frozen=True)
class Output:
    """A kind of file that is made of each image.

    Attributes
    ----------
    kind
        What people ask for.
    folder
        Folder inside OUT.
    ending
        What is added to the name of the image.
    help
        One line for people.
    write
        Writes the file for a result. The file does not exist before.
    by_plane
        One file a plane: for stacks the ending is added to the number of the plane, in a folder
        of the image's name.
    """

    kind: str
    folder: str
    ending: str
    help: str
    write: Callable[[Path, Result, int], None]
    by_plane: bool = False

    def targets(self, name: str, axes: str, planes: int) -> list[str]:
        """Paths inside OUT of the files for an image."""
        if not self.by_plane or axes == "YX":
            return [f"{self.folder}/{name}{self.ending}"]
        return [f"{self.folder}/{name}/{number:04d}{self.ending}" for number in range(planes)]


def plane_name(result: Result, plane: int) -> str:
    """Where a plane is in its stack, for people: ``t 3/10, z 1/5``; empty for a single plane."""
    segmentation = result.segmentation
    leading = segmentation.labels.shape[:-2]
    places = np.unravel_index(plane, leading) if leading else ()
    return ", ".join(
        f"{letter.lower()} {int(place) + 1}/{size}"
        for letter, place, size in zip(segmentation.axes, places, leading, strict=False)
        if size > 1
    )
