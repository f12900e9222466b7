"""How each kind of microscope shows the cells: from maps of the canvas to intensity."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import fft

from samcell_core.synthetic.anatomy import Anatomy
from samcell_core.synthetic.layout import Colony
from samcell_core.synthetic.noise import Field, blur, fractal, smooth_noise, speckles, wide_blur
from samcell_core.synthetic.shapes import KINDS

__all__ = ["MODALITIES", "image_cells"]

_BALLS = [KINDS.index(kind) for kind in ("round", "oval")]


def image_cells(rng: np.random.Generator, modality: str, anatomy: Anatomy) -> Field:
    """Intensity where the bare ground is about 1 (transmitted light) or 0 (fluorescence, phase)."""
    return _MICROSCOPES[modality](rng, anatomy)


def _light(anatomy: Anatomy, phase: Field, sharpness: float) -> Field:
    """Real and imaginary part of the light behind the cells, as sharp as the lens lets through."""
    strength = np.exp(-anatomy.absorption)
    return blur(np.dstack([strength * np.cos(phase), strength * np.sin(phase)]), sharpness)


def _typical_phase(anatomy: Anatomy) -> float:
    inside = anatomy.phase[anatomy.body > 0]
    return max(float(np.median(inside)), 0.1) if inside.size else 1.0


def _substrate(rng: np.random.Generator, phase: Field) -> Field:
    """Phase of cells and of a floor that is never quite clean."""
    shape = (phase.shape[0], phase.shape[1])
    # Where the cells are thin, so is what lies between them.
    thin = min(1.0, float(np.percentile(phase[::4, ::4], 98)))
    coarse = fractal(rng, shape, rng.uniform(3, 40), 3, 0.7)
    floor = coarse * np.float32(thin * 0.08 * rng.random() ** 2)
    if rng.random() < 0.5:
        specks = rng.integers(0, phase.size, int(0.004 * rng.random() ** 3 * phase.size))
        floor += speckles(rng, specks, shape, rng.uniform(0.6, 1.6)) * np.float32(
            thin * rng.uniform(-0.3, 0.4)
        )
    return np.asarray(phase + floor, np.float32)


def _phase_contrast(rng: np.random.Generator, anatomy: Anatomy) -> Field:
    """Zernike's: the light that passed straight through is turned by a quarter wave and dimmed.

    The ring in the lens also takes the light that cells bend little: hence halo and shade-off.
    """
    shape = anatomy.shape
    dim = np.float32(rng.uniform(0.35, 0.9))
    # Delays near `dim` are black, those of twice as much as bright as the ground again.
    aim = np.exp(rng.uniform(np.log(0.12), np.log(0.75)))
    round_up = np.isin(anatomy.colony.kinds, _BALLS).mean() > 0.5
    aim *= rng.uniform(1, 4 if round_up else 1.3)
    phase = anatomy.phase * np.float32(aim * dim / _typical_phase(anatomy))
    grain = fractal(rng, shape, rng.uniform(2, 7), 2, 0.8)
    grain *= np.minimum(anatomy.depth * 3, 1) * (1 - np.float32(0.7) * anatomy.nucleus)
    phase += grain * np.float32(dim * min(aim, 1) * 0.16 * rng.random() ** 2)
    phase = _substrate(rng, phase)
    light = _light(anatomy, phase, rng.uniform(0.5, 1.1))
    if rng.random() < 0.6:  # seldom in full focus
        reach = rng.uniform(0.5, 3.0)
        light = _propagate(light, float(np.pi * reach**2 * rng.choice([-1, 1])), reach**2)
    # The halo is as wide as the lens makes it, whatever the size of the cells.
    halo = float(np.exp(rng.uniform(np.log(1.6), np.log(min(12.0, 3 + 0.15 * anatomy.diameter)))))
    far = np.float32(rng.uniform(0.0, 0.4) * (rng.random() < 0.6))
    straight = (1 - far) * wide_blur(light, halo) + far * wide_blur(light, halo * rng.uniform(2, 5))
    share = np.float32(rng.uniform(0.85, 1.0))
    straight = share * straight + (1 - share) * light.mean((0, 1), keepdims=True)
    sign = np.float32(1 if rng.random() < 0.15 else -1)
    bent = light - straight
    real = bent[..., 0] - sign * dim * straight[..., 1]
    imaginary = bent[..., 1] + sign * dim * straight[..., 0]
    bright = (real**2 + imaginary**2) / dim**2
    if rng.random() < 0.5:
        bright += _glare(rng, anatomy)
    # Highlights of round cells do not outshine everything.
    limit = np.float32(rng.uniform(1.2, 4))
    return np.asarray(1 + limit * np.tanh((bright - 1) / limit), np.float32)


def _glare(rng: np.random.Generator, anatomy: Anatomy) -> Field:
    """Round cells gather light like lenses and shine, inside or in a ring around."""
    colony = anatomy.colony
    ball = np.append(False, np.isin(colony.kinds, _BALLS) | colony.raised)[colony.owner]
    mask = ball.astype(np.float32)
    ring = blur(mask, rng.uniform(1.2, 3.5)) * (1 - blur(mask, 0.6))
    core = mask * np.clip(anatomy.depth, 0, 1) ** np.float32(rng.uniform(0.7, 3))
    shine = np.float32(rng.uniform(0, 2.0)) * core + np.float32(rng.uniform(0, 3.0)) * ring
    return np.asarray(shine, np.float32)


def _propagate(light: Field, distance: float, damping: float) -> Field:
    """The light `distance` out of focus, in units of square pixels over pi."""
    height, width = light.shape[:2]
    rows, columns = fft.next_fast_len(height + 16), fft.next_fast_len(width + 16)
    field = np.pad(
        light[..., 0] + 1j * light[..., 1],
        ((0, rows - height), (0, columns - width)),
        mode="symmetric",
    ).astype(np.complex64)
    square = (fft.fftfreq(rows)[:, None] ** 2 + fft.fftfreq(columns)[None] ** 2).astype(np.float32)
    transfer = np.exp(-square * np.complex64(damping + 1j * distance))
    behind = fft.ifft2(fft.fft2(field) * transfer)[:height, :width]
    return np.dstack([behind.real, behind.imag]).astype(np.float32)


def _intensity(light: Field) -> Field:
    return np.asarray(light[..., 0] ** 2 + light[..., 1] ** 2, np.float32)


def _brightfield(rng: np.random.Generator, anatomy: Anatomy) -> Field:
    """Out of focus, the bending of light by thick and thin shows; in focus almost nothing does."""
    phase = _substrate(rng, anatomy.phase * np.float32(rng.uniform(0.5, 1.5)))
    light = _light(anatomy, phase, rng.uniform(0.4, 1.0))
    reach = rng.uniform(1.0, 0.16 * anatomy.diameter + 2.0)
    distance = float(np.pi * reach**2 * rng.choice([-1, 1]))
    damping = float(np.pi * reach**2 * rng.uniform(0.15, 0.6))
    bright = _intensity(_propagate(light, distance, damping))
    if rng.random() < 0.4:
        bright = 0.5 * (
            bright + _intensity(_propagate(light, distance * rng.uniform(0.3, 0.8), damping))
        )
    if rng.random() < 0.3:  # light from one side
        shift = np.roll(phase, (int(rng.integers(-2, 3)), int(rng.integers(-2, 3))), (0, 1))
        bright += (phase - shift) * np.float32(rng.uniform(0.1, 0.5))
    return np.asarray(blur(bright, rng.uniform(0.3, 0.8)), np.float32)


def _interference_contrast(rng: np.random.Generator, anatomy: Anatomy) -> Field:
    """Nomarski's: two copies of the light, a shear apart, interfere."""
    shape = anatomy.shape
    phase = _substrate(rng, anatomy.phase * np.float32(rng.uniform(0.5, 1.6)))
    phase = blur(phase, rng.uniform(0.5, 1.2))
    roughness = rng.uniform(0, 0.12) * min(1.0, _typical_phase(anatomy))
    phase += anatomy.body * smooth_noise(rng, shape, rng.uniform(1.8, 6)) * np.float32(roughness)
    angle, shear = rng.uniform(0, 2 * np.pi), rng.uniform(0.8, 2.0)
    across, down = np.gradient(phase, axis=1), np.gradient(phase, axis=0)
    delay = shear * (np.cos(angle) * across + np.sin(angle) * down)
    bias = rng.uniform(0.5, 1.5)
    ground = 1 - np.cos(bias)
    bright = (1 - np.cos(np.clip(delay, -2.5, 2.5) + bias)) / ground
    if rng.random() < 0.5:
        bright -= (phase - wide_blur(phase, anatomy.diameter * 0.5)) * np.float32(
            rng.uniform(-0.15, 0.2)
        )
    return np.asarray(bright, np.float32)


def _expression(rng: np.random.Generator, colony: Colony, sigma: float) -> Field:
    levels = np.exp(rng.normal(0, sigma, len(colony.radii)))
    return np.asarray(np.append(0, levels).astype(np.float32)[colony.owner])


def _fluorescent_cytoplasm(rng: np.random.Generator, anatomy: Anatomy) -> Field:
    """Stain by thickness, in membranes, in fibres; nuclei spared or full."""
    shape = anatomy.shape
    thick = np.clip(anatomy.phase, 0.05, None) / (np.percentile(anatomy.phase, 95) + 0.1)
    glow = anatomy.body * thick ** np.float32(rng.uniform(0.3, 1.0))
    glow *= 1 + anatomy.nucleus * np.float32(rng.uniform(-0.8, 0.7))
    texture = fractal(rng, shape, max(3, anatomy.diameter * rng.uniform(0.06, 0.3)), 3, 0.8)
    glow *= np.clip(1 + texture * np.float32(rng.uniform(0.02, 0.45)), 0.1, 3)
    if rng.random() < 0.4:
        glow += (
            _fibres(rng, shape, anatomy.diameter) * anatomy.body * np.float32(rng.uniform(0.2, 0.8))
        )
    if rng.random() < 0.4:
        width = np.float32(max(1, anatomy.diameter * rng.uniform(0.02, 0.06)))
        membrane = anatomy.body * np.exp(-((anatomy.edge / width) ** 2))
        glow += membrane * np.clip(1 + 0.5 * texture, 0.1, 2) * np.float32(rng.uniform(0.2, 1.2))
    glow += np.maximum(anatomy.granules, 0) * np.float32(rng.uniform(0, 0.6) * (rng.random() < 0.5))
    glow *= _expression(rng, anatomy.colony, rng.uniform(0.1, 0.7))
    return _haze(rng, glow, anatomy.diameter)


def _fibres(rng: np.random.Generator, shape: tuple[int, int], diameter: float) -> Field:
    """Ridges of noise: where it passes through 0."""
    ridges = np.zeros(shape, np.float32)
    for _ in range(2):
        noise = fractal(rng, shape, max(5, diameter * rng.uniform(0.15, 0.4)), 2, 0.5)
        ridges += np.exp(-((noise / np.float32(rng.uniform(0.08, 0.2))) ** 2))
    return ridges


def _fluorescent_nuclei(rng: np.random.Generator, anatomy: Anatomy) -> Field:
    """Flat-topped discs with chromatin; some bright and small in division."""
    shape = anatomy.shape
    wall = np.float32(max(0.8, anatomy.diameter * rng.uniform(0.02, 0.12)))
    glow = anatomy.body * (1 - np.exp(-(anatomy.edge + 0.7) / wall))
    chromatin = fractal(rng, shape, max(2.5, anatomy.diameter * rng.uniform(0.08, 0.3)), 3, 0.8)
    glow *= np.clip(1 + chromatin * np.float32(rng.uniform(0.03, 0.35)), 0.2, 2.5)
    if rng.random() < 0.5:
        glow *= np.clip(
            1 - np.maximum(anatomy.granules, 0) * np.float32(rng.uniform(-0.5, 0.6)), 0.2, 2
        )
    round_kind = KINDS.index("oval")
    lift = np.where(anatomy.colony.kinds == round_kind, rng.uniform(1.0, 2.5), 1.0)
    glow *= np.append(0, lift).astype(np.float32)[anatomy.colony.owner]
    glow *= _expression(rng, anatomy.colony, rng.uniform(0.1, 0.6))
    return _haze(rng, glow, anatomy.diameter)


def _haze(rng: np.random.Generator, glow: Field, diameter: float) -> Field:
    """Blur of the lens, and light from out of focus."""
    sharp = blur(glow, rng.uniform(0.5, 1.2) if rng.random() < 0.7 else rng.uniform(1.2, 2.5))
    veil = wide_blur(glow, max(3, diameter * rng.uniform(0.2, 1.0)))
    return np.asarray(sharp + veil * np.float32(rng.uniform(0, 0.35)), np.float32)


def _quantitative_phase(rng: np.random.Generator, anatomy: Anatomy) -> Field:
    """The delay itself, over a ground that drifts."""
    shape = anatomy.shape
    phase = blur(anatomy.phase * np.float32(rng.uniform(0.3, 1.3)), rng.uniform(0.5, 1.5))
    phase *= 1 + (_expression(rng, anatomy.colony, 0.3) - 1) * anatomy.body
    drift = fractal(rng, shape, max(shape) * rng.uniform(0.3, 1), 3, 0.6) * np.float32(
        rng.uniform(0, 0.12)
    )
    grain = fractal(rng, shape, rng.uniform(2, 12), 2, 0.7) * np.float32(rng.uniform(0.0, 0.05))
    return np.asarray(phase + drift + grain, np.float32)


_MICROSCOPES: dict[str, Callable[[np.random.Generator, Anatomy], Field]] = {
    "phase contrast": _phase_contrast,
    "brightfield": _brightfield,
    "DIC": _interference_contrast,
    "fluorescent cytoplasm": _fluorescent_cytoplasm,
    "fluorescent nuclei": _fluorescent_nuclei,
    "quantitative phase": _quantitative_phase,
}
MODALITIES = tuple(_MICROSCOPES)
