"""From intensity to the file: uneven light, exposure, noise, bit depth."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from samcell_core.synthetic.noise import Field, blur, smooth_noise

__all__ = ["expose", "light_unevenly", "typical_signal"]


def typical_signal(bright: Field, labels: NDArray[np.int32]) -> float:
    """Deviation of brightness within a cell, the median over cells; 0 without cells."""
    count = int(labels.max())
    if not count:
        return 0.0
    deviations = ndimage.standard_deviation(bright, labels, np.arange(1, count + 1))
    return float(np.median(deviations))


def light_unevenly(rng: np.random.Generator, bright: Field) -> Field:
    """Slope, vignette, the shade of a well's wall."""
    height, width = bright.shape
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    strength = rng.uniform(0, 0.12) if rng.random() < 0.75 else rng.uniform(0.1, 0.4)
    slope = rng.normal(0, 1, 5).astype(np.float32)
    tilt = 0.5 * (slope[0] * x + slope[1] * y)
    bow = 0.3 * (slope[2] * x * y + slope[3] * x * x + slope[4] * y * y)
    lamp = 1 + np.float32(strength) * (tilt + bow)
    if rng.random() < 0.2:
        middle = rng.uniform(-0.4, 0.4, 2)
        far = (x - middle[0]) ** 2 + (y - middle[1]) ** 2
        lamp = lamp * (1 - rng.uniform(0.05, 0.25) * far)
    if rng.random() < 0.06:
        angle = rng.uniform(0, 2 * np.pi)
        wall = np.cos(angle) * x + np.sin(angle) * y - rng.uniform(0.5, 1.0)
        step = 1 / (1 + np.exp(-wall / rng.uniform(0.02, 0.2)))
        lamp = lamp * (1 + rng.uniform(-0.6, 0.8) * step)
    return np.asarray(bright * np.clip(lamp, 0.2, 3), np.float32)


def expose(
    rng: np.random.Generator, bright: Field, *, signal: float, transmitted: bool
) -> NDArray[Any]:
    """Grey levels: contrast and offset, shot and read noise, 8 to 16 bits.

    Parameters
    ----------
    rng
        Where chance comes from.
    bright
        Intensity.
    signal
        Its deviation within a typical cell: what the exposure is set for, whatever outshines it.
    transmitted
        Whether the ground is bright.
    """
    low, middle, high = np.percentile(bright, [1, 50, 99])
    span = max(float(high - low), 1e-3)
    if signal > 0:
        span = min(span, rng.uniform(8, 16) * signal)
    if transmitted:
        # Some cameras show a grey haze with little in it, others span black to white.
        contrast = float(rng.choice([rng.uniform(0.12, 0.4), rng.uniform(0.3, 1.1)]))
        level = rng.uniform(0.3, 0.65) * (1 - 0.3 * contrast)
        grey = level + (bright - middle) / span * contrast
    else:
        contrast = float(rng.choice([rng.uniform(0.08, 0.4), rng.uniform(0.3, 1.1)]))
        grey = rng.uniform(0.005, 0.12) + (bright - low) / span * contrast
        grey = np.maximum(grey, 0) ** float(rng.choice([1.0, 1.0, rng.uniform(0.5, 1.4)]))
    noise = rng.uniform(0.002, 0.03) * (0.3 + contrast)
    if signal > 0:
        noise = min(noise, 0.6 * signal / span * contrast)
    grey = _add_noise(rng, np.asarray(grey, np.float32), noise)
    return _digitise(rng, grey)


def _add_noise(rng: np.random.Generator, grey: Field, noise: float) -> Field:
    """Read noise and shot noise in some mixture; stripes where rows are read unevenly."""
    grain = rng.standard_normal(grey.shape, dtype=np.float32)
    if rng.random() < 0.35:  # resampled or compressed by the microscope's program
        grain = blur(grain, rng.uniform(0.4, 0.9)) * np.float32(1.5)
    shot = np.float32(rng.uniform(0, 1))
    grain *= np.sqrt(1 - shot + shot * np.clip(grey, 0.02, 1.5))
    noisy = grey + grain * np.float32(noise)
    if rng.random() < 0.04:
        noisy += smooth_noise(rng, (grey.shape[0], 1), 1.5) * np.float32(noise * 0.4)
    return np.asarray(noisy, np.float32)


def _digitise(rng: np.random.Generator, grey: Field) -> NDArray[Any]:
    if rng.random() < 0.15:
        top = float(rng.choice([4095, 16383, 65535])) * rng.uniform(0.2, 1)
        deep = np.clip(grey * top + 0.5 + int(rng.integers(0, 200)), 0, 65535)
        return np.asarray(deep, np.uint16)
    shallow = np.asarray(np.clip(grey * 255 + 0.5, 0, 255), np.uint8)
    if rng.random() < 0.1:
        quality = int(rng.integers(55, 95))
        packed = cv2.imencode(".jpg", shallow, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)
    return shallow
