"""Outlines of single cells: how far a cell reaches from its centre in each direction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["KINDS", "outlines"]

# What a cell can look like from above.
KINDS = ("round", "oval", "polygon", "egg", "spread", "spindle", "tailed", "nucleus")

# Strength of its waves, how fast they fall with their number, least and most elongation,
# least and most number of protrusions, their least and most length in radii.
_TRAITS: dict[str, tuple[float, float, float, float, int, int, float, float]] = {
    "round": (0.02, 1.5, 1.0, 1.1, 0, 0, 0.0, 0.0),
    "oval": (0.03, 1.5, 1.1, 1.8, 0, 0, 0.0, 0.0),
    "polygon": (0.10, 1.0, 1.0, 1.7, 0, 1, 1.1, 1.4),
    "egg": (0.11, 0.9, 1.0, 1.5, 0, 2, 1.1, 1.5),
    "spread": (0.12, 0.9, 1.0, 2.2, 2, 6, 1.4, 2.8),
    "spindle": (0.08, 1.0, 2.2, 5.0, 0, 2, 1.6, 3.0),
    "tailed": (0.11, 1.0, 1.0, 2.2, 1, 5, 1.8, 4.2),
    "nucleus": (0.045, 1.1, 1.0, 1.9, 0, 0, 0.0, 0.0),
}
_WAVES = 9


def outlines(
    rng: np.random.Generator,
    kinds: NDArray[np.int64],
    radii: NDArray[np.float64],
    angles: NDArray[np.float64],
    steps: int,
    finest: float | None = None,
) -> NDArray[np.float32]:
    """Reach of each cell in `steps` directions, in pixels.

    Parameters
    ----------
    rng
        Where chance comes from.
    kinds
        Place in `KINDS` of each cell.
    radii
        Radius of the circle with the cell's area, in pixels.
    angles
        Direction of the cell's long axis, in radians.
    steps
        Directions in a full turn.
    finest
        Waves in a full turn above which detail fades: neighbours press arms back into the cell.
    """
    count = len(kinds)
    traits = np.array([_TRAITS[kind] for kind in KINDS])[kinds]
    theta = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    relative = theta[None] - angles[:, None]

    spectrum = np.zeros((count, steps // 2 + 1), complex)
    orders = np.arange(2, _WAVES)
    strength = traits[:, :1] / (orders[None] - 1.0) ** traits[:, 1:2]
    waves = rng.normal(size=(count, len(orders))) + 1j * rng.normal(size=(count, len(orders)))
    spectrum[:, 2:_WAVES] = waves * strength * steps / 2
    body = np.clip(1 + np.fft.irfft(spectrum, steps, axis=1), 0.35, 2.2)

    stretch = np.sqrt(rng.uniform(traits[:, 2], traits[:, 3]))[:, None]
    cos, sin = np.cos(relative), np.sin(relative)
    # Between an ellipse and a lens with pointed ends.
    pointed = np.where(traits[:, 2] > 2, rng.uniform(0.0, 1.0, count), 0.0)[:, None]
    ellipse = 1 / np.sqrt((cos / stretch) ** 2 + (sin * stretch) ** 2)
    lens = 1 / (np.abs(cos) / stretch + np.abs(sin) * stretch)
    reach = body * (ellipse * (1 - pointed) + lens * pointed * 1.25)
    reach = np.maximum(reach, _protrusions(rng, traits, relative, stretch[:, 0]))
    if finest is not None:
        order = np.arange(steps // 2 + 1)
        fade = np.exp(-((order / finest) ** 2))
        reach = np.fft.irfft(np.fft.rfft(reach, axis=1) * fade, steps, axis=1)
    size = np.sqrt(np.mean(reach**2, axis=1, keepdims=True))
    return np.asarray(reach / size * radii[:, None], np.float32)


def _protrusions(
    rng: np.random.Generator,
    traits: NDArray[np.float64],
    relative: NDArray[np.float64],
    stretch: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Tapering arms, mostly along the long axis, of a nearly even width unlike a wedge's."""
    most = int(traits[:, 5].max(initial=0))
    reach = np.zeros_like(relative)
    number = rng.integers(traits[:, 4].astype(int), traits[:, 5].astype(int) + 1)
    for arm in range(most):
        has = np.flatnonzero(number > arm)
        ahead = np.pi * rng.integers(0, 2, len(has)) + rng.normal(0, 0.35, len(has))
        anywhere = rng.uniform(0, 2 * np.pi, len(has))
        direction = np.where(rng.random(len(has)) < 0.6, ahead, anywhere)
        length = rng.uniform(traits[has, 6], traits[has, 7]) * np.sqrt(stretch[has])
        half_width = rng.uniform(0.1, 0.6, len(has))
        turn = relative[has] - direction[:, None]
        across = np.abs(np.sin(turn)) + 1e-3
        taper = length[:, None] / (1 + across * (length / half_width)[:, None])
        reach[has] = np.maximum(reach[has], np.where(np.cos(turn) > 0, taper, 0))
    return reach
