"""Synthetic scenes as files, for demonstrations: images, and the true cells beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from samcell_core.files import new_file
from samcell_core.synthetic.scene import make_scene

__all__ = ["DEMONSTRATION", "NamedScene", "write_scenes"]

_PIXEL = 0.65  # micrometres: what a 10x objective and a common camera give


@dataclass(frozen=True)
class NamedScene:
    """A scene to be drawn, and the name of its files."""

    name: str
    modality: str
    seed: int
    diameter: float
    crowding: float


DEMONSTRATION = (
    NamedScene("phase_contrast", "phase contrast", seed=11, diameter=36, crowding=0.6),
    NamedScene("phase_contrast_crowded", "phase contrast", seed=21, diameter=26, crowding=0.9),
    NamedScene("brightfield", "brightfield", seed=14, diameter=40, crowding=0.5),
    NamedScene("dic", "DIC", seed=12, diameter=44, crowding=0.5),
    NamedScene(
        "fluorescent_cytoplasm", "fluorescent cytoplasm", seed=15, diameter=38, crowding=0.7
    ),
    NamedScene("fluorescent_nuclei", "fluorescent nuclei", seed=13, diameter=24, crowding=0.5),
)
"""Scenes that look like what people bring: drawn, not photographed."""


def write_scenes(
    images: Path,
    truth: Path,
    *,
    scenes: tuple[NamedScene, ...] = DEMONSTRATION,
    side: int = 512,
    overwrite: bool = False,
) -> Iterator[NamedScene]:
    """Write each scene as ``images/<name>.tif`` and its true cells as ``truth/<name>.tif``.

    The same scenes always become the same files. Each is told when it is written.

    Raises
    ------
    SamcellError
        A file exists already, or cannot be written.
    """
    for scene in scenes:
        drawn = make_scene(
            scene.modality,
            seed=scene.seed,
            shape=(side, side),
            diameter=scene.diameter,
            crowding=scene.crowding,
        )
        _write(images / f"{scene.name}.tif", drawn.image, overwrite)
        _write(truth / f"{scene.name}.tif", drawn.labels.astype(np.uint16), overwrite)
        yield scene


def _write(path: Path, pixels: NDArray[Any], overwrite: bool) -> None:
    with new_file(path, overwrite=overwrite, kind="scene", folders=True) as draft:
        tifffile.imwrite(
            draft,
            pixels,
            imagej=True,
            resolution=(1 / _PIXEL, 1 / _PIXEL),
            metadata={"axes": "YX", "unit": "um"},
        )
