"""Random fields: the smooth, grainy and speckled textures that everything else is made of."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["blur", "fractal", "smooth_noise", "speckles", "wide_blur"]

Field = NDArray[np.float32]


def blur(field: Field, sigma: float) -> Field:
    """Gaussian blur; unchanged below a tenth of a pixel."""
    if sigma < 0.1:
        return field
    reach = 2 * int(np.ceil(2.5 * sigma)) + 1
    return np.asarray(
        cv2.GaussianBlur(field, (reach, reach), sigma, borderType=cv2.BORDER_REFLECT), np.float32
    )


def wide_blur(field: Field, sigma: float) -> Field:
    """Gaussian blur over many pixels, made on a coarser grid where that loses nothing."""
    step = int(min(8, sigma // 2))
    if step < 2:
        return blur(field, sigma)
    height, width = field.shape[:2]
    small = cv2.resize(
        field, (max(2, width // step), max(2, height // step)), interpolation=cv2.INTER_AREA
    )
    soft = blur(np.asarray(small, np.float32), sigma / step)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> Field:
    """Noise of mean about 0 and deviation 1 whose bumps are about `scale` pixels apart."""
    if scale < 2:
        grain = rng.standard_normal(shape, dtype=np.float32)
        soft = blur(grain, scale / 2)
        return np.asarray(soft / (soft.std() + 1e-6), np.float32)
    height, width = shape
    rows, columns = int(height / scale) + 5, int(width / scale) + 5
    grid = rng.standard_normal((rows, columns), dtype=np.float32)
    shift_y, shift_x = rng.uniform(1, 2, 2)
    # A true shift and scale, so that the bumps are no whole number to the image's side.
    matrix = np.array([[1 / scale, 0, shift_x], [0, 1 / scale, shift_y]], np.float32)
    field = cv2.warpAffine(
        grid,
        matrix,
        (width, height),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT,
    )
    return np.asarray(field * 1.35, np.float32)


def fractal(
    rng: np.random.Generator, shape: tuple[int, int], scale: float, octaves: int, gain: float
) -> Field:
    """Noise of several scales, each half as wide as the last and `gain` times as strong."""
    field = smooth_noise(rng, shape, scale)
    weight, total = 1.0, 1.0
    for _ in range(octaves - 1):
        scale, weight = scale / 2, weight * gain
        field = field + np.float32(weight) * smooth_noise(rng, shape, scale)
        total += weight**2
    return np.asarray(field / np.float32(total**0.5), np.float32)


def speckles(
    rng: np.random.Generator,
    where: NDArray[np.int64],
    shape: tuple[int, int],
    sigma: float,
) -> Field:
    """Spots of peak about 1 and varied strength at the flat positions `where`."""
    field = np.zeros(shape[0] * shape[1], np.float32)
    field[where] = rng.uniform(0.3, 1.0, len(where)).astype(np.float32)
    peak = max(1.0, 2 * np.pi * sigma**2)
    return np.asarray(blur(field.reshape(shape), sigma) * np.float32(peak), np.float32)
