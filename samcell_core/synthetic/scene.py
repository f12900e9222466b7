"""Synthetic scenes: an image as a microscope would give it, and the exact cells in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import SettingsError
from samcell_core.synthetic.anatomy import dissect
from samcell_core.synthetic.camera import expose, light_unevenly, typical_signal
from samcell_core.synthetic.culture import Culture, choose_culture
from samcell_core.synthetic.dirt import dirt
from samcell_core.synthetic.labels import label_pieces, median_diameter
from samcell_core.synthetic.layout import Colony, grow
from samcell_core.synthetic.optics import MODALITIES, image_cells

__all__ = ["MODALITIES", "Scene", "make_scene"]

_CHANCES = (0.36, 0.15, 0.15, 0.15, 0.07, 0.12)
_LEAST_SIDE = 64
_SIZE_TOLERANCE = 0.13


@dataclass(frozen=True, eq=False)
class Scene:
    """One synthetic picture.

    Attributes
    ----------
    image
        Height x width; uint8 or uint16, float32 in radians for quantitative phase.
    labels
        int32, 0 outside cells, 1..n, each one 4-connected piece.
    modality
        One of `MODALITIES`.
    diameter
        Median diameter in pixels of circles with the area of the cells clear of the border.
    """

    image: NDArray[Any]
    labels: NDArray[np.int32]
    modality: str
    diameter: float


def make_scene(
    modality: str | None = None,
    *,
    seed: int,
    shape: tuple[int, int] = (384, 384),
    diameter: float | None = None,
    crowding: float | None = None,
) -> Scene:
    """Draw a scene; what is not given is drawn at random.

    Parameters
    ----------
    modality
        One of `MODALITIES`.
    seed
        The same arguments always give the same scene.
    shape
        Height and width, 64 pixels or more each.
    diameter
        Median diameter of the cells, in pixels.
    crowding
        Part of the ground that is covered by cells, above 0, up to 1.

    Raises
    ------
    SettingsError
        For an unknown modality, or a number out of its range.
    """
    _check(modality, seed, shape, diameter, crowding)
    rng = np.random.default_rng(seed)
    drawn = str(rng.choice(MODALITIES, p=_CHANCES))
    modality = modality or drawn
    room = math.sqrt(shape[0] * shape[1] / 6)
    size = math.exp(rng.uniform(math.log(14), math.log(max(15.0, min(90.0, room)))))
    crowd = rng.uniform(0.05, 0.75) if rng.random() < 0.6 else rng.uniform(0.7, 1.0)
    size = size if diameter is None else float(diameter)
    crowd = crowd if crowding is None else float(crowding)

    margin = int(min(40, 8 + size / 3))
    canvas = (shape[0] + 2 * margin, shape[1] + 2 * margin)
    view = (slice(margin, margin + shape[0]), slice(margin, margin + shape[1]))
    culture = choose_culture(rng, modality)
    if crowding is None and modality == "fluorescent nuclei":
        crowd *= 0.65  # there is cytoplasm between nuclei
    plan = int(rng.integers(2**31))
    colony, labels, measured = _grow_to_size(plan, culture, canvas, view, size, crowd)
    anatomy = dissect(rng, culture, colony, size)
    bright = image_cells(rng, modality, anatomy)[view]
    return Scene(_photograph(rng, modality, bright, labels, size), labels, modality, measured)


def _photograph(
    rng: np.random.Generator,
    modality: str,
    bright: NDArray[np.float32],
    labels: NDArray[np.int32],
    size: float,
) -> NDArray[Any]:
    """The file that the camera would write."""
    signal = typical_signal(bright, labels)
    if modality == "quantitative phase":
        noise = min(rng.uniform(0, 0.04), signal)
        grain = rng.standard_normal(bright.shape, dtype=np.float32) * np.float32(noise)
        return np.asarray(bright + grain, np.float32)
    transmitted = not modality.startswith("fluorescent")
    shape = (bright.shape[0], bright.shape[1])
    # Dirt stands out from pale cells, but not so that nothing else is left to see.
    strength = np.float32(min(max(4 * signal, 0.15), 1.0))
    if transmitted:
        bright = np.asarray(bright + strength * dirt(rng, shape, size), np.float32)
    elif rng.random() < 0.3:
        bits = np.maximum(dirt(rng, shape, size), 0) * 0.5
        bright = np.asarray(bright + bits, np.float32)
    return expose(rng, light_unevenly(rng, bright), signal=signal, transmitted=transmitted)


def _grow_to_size(
    plan: int,
    culture: Culture,
    canvas: tuple[int, int],
    view: tuple[slice, slice],
    size: float,
    crowd: float,
) -> tuple[Colony, NDArray[np.int32], float]:
    """Grow; grow again, larger or smaller, where neighbours took too much or too little.

    With few cells in view luck has the last word on their size: then other cells are tried.
    """
    aim, best, tries = size, math.inf, 7
    for attempt in range(tries):
        rng = np.random.default_rng([plan, attempt // 2])
        grown = grow(rng, culture, canvas, aim, crowd)
        pieces = label_pieces(grown.owner[view])
        found = median_diameter(pieces)
        off = abs(math.log(max(found, 1) / size))
        if off < best:
            best, colony, labels, measured = off, grown, pieces, found
        if off < _SIZE_TOLERANCE:
            break
        aim = size if attempt % 2 else aim * min(1.6, max(0.6, size / max(found, 1)))
    return colony, labels, measured


def _check(
    modality: str | None,
    seed: int,
    shape: tuple[int, int],
    diameter: float | None,
    crowding: float | None,
) -> None:
    if modality is not None and modality not in MODALITIES:
        raise SettingsError(
            f"Unknown modality {modality!r}; choose one of {', '.join(MODALITIES)}."
        )
    if seed < 0:
        raise SettingsError(f"The seed is {seed}; give a whole number of 0 or more.")
    if len(shape) != 2 or min(shape) < _LEAST_SIDE:
        raise SettingsError(
            f"A scene of shape {tuple(shape)} is too small; give a height and a width of "
            f"{_LEAST_SIDE} pixels or more."
        )
    if diameter is not None and not 6 <= diameter <= min(shape):
        raise SettingsError(
            f"A cell diameter of {diameter} pixels does not fit a scene of {tuple(shape)}; "
            f"give 6 to {min(shape)}."
        )
    if crowding is not None and not 0 < crowding <= 1:
        raise SettingsError(
            f"A crowding of {crowding} is out of range; give a share above 0, up to 1."
        )
