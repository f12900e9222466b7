"""The one result type that every door turns into its own currency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.settings import Settings

__all__ = ["ModelInfo", "Segmentation"]


@dataclass(frozen=True)
class ModelInfo:
    """What is known of a model, apart from its weights.

    Attributes
    ----------
    name
        Its name: from the registry, or the file's name.
    architecture
        Its kind and size in words, such as ``SAM ViT-B``.
    source
        The file it was read from; empty for one made in memory.
    sha256
        Checksum of that file; empty for one made in memory.
    peak, fill
        Its own thresholds, used where the settings say *auto*.
    markers
        What starts a cell in its maps, where the settings say *auto*.
    diameter
        Diameter in pixels of the cells it knows; ``None`` where any size will do.
    licence
        Licence of the weights, where known.
    """

    name: str
    architecture: str
    source: str = ""
    sha256: str = ""
    peak: float = 0.47
    fill: float = 0.09
    markers: str = "component"
    diameter: float | None = None
    licence: str = ""


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Cells of one image.

    Attributes
    ----------
    labels
        Whole numbers, 0 outside cells, 1..n without gaps in each plane; uint16, or uint32 where
        a plane has more than 65,535 cells. The shape is that of the image without its channels.
    distance_map
        float32 in 0..1, of the same shape: the predicted distance to the cell's border.
    settings
        The settings used, *auto* thresholds replaced by the values they stood for.
    model
        The model used.
    axes
        A letter for each axis of the two arrays, such as ``TYX``.
    pixel_size
        Height and width of a pixel in micrometres, where known.
    device, precision
        Where and how the network ran.
    notes
        Things worth knowing, such as less memory on the GPU than wished.
    unfiltered
        The labels before cells were dropped by size and border, numbered anew; ``None`` where
        they were not asked for.
    """

    labels: NDArray[Any]
    distance_map: NDArray[np.float32]
    settings: Settings
    model: ModelInfo
    axes: str = "YX"
    pixel_size: tuple[float, float] | None = None
    device: str = ""
    precision: str = ""
    notes: tuple[str, ...] = ()
    unfiltered: NDArray[Any] | None = None

    @property
    def count(self) -> int:
        """Number of cells, over all planes."""
        planes = self.labels.reshape(-1, *self.labels.shape[-2:])
        return int(sum(int(plane.max(initial=0)) for plane in planes))

    def __repr__(self) -> str:
        return (
            f"Segmentation({self.count} cells, {self.axes} {self.labels.shape}, "
            f"model {self.model.name!r})"
        )
