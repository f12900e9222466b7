"""What microscopes do to an image: other contrasts, uneven light, blur, noise, dirt.

Every function takes a random generator and a grey image of 0..1 (fp32) and returns another, whose
values may leave that range; `augment` strings them together and brings the result back into it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["augment", "empty_field"]

Image = NDArray[np.float32]
_OCTAVES = 5
_KNOTS = 6
Change = Callable[[np.random.Generator, Image], Image]


def augment(rng: np.random.Generator, image: Image, *, inversion: float = 0.2) -> Image:
    """Change an image as another microscope, camera or day would have.

    Parameters
    ----------
    rng
        Decides what is done, and how strongly.
    image
        Grey values of 0..1.
    inversion
        Share of the images that become their negative.
    """
    for chance, change in _OPTICS:
        if rng.random() < chance:
            image = change(rng, image)
    if rng.random() < inversion:
        image = np.float32(1) - image
    for chance, change in _CAMERA:
        if rng.random() < chance:
            image = change(rng, image)
    return _exposed(rng, image)


def empty_field(rng: np.random.Generator, side: int) -> Image:
    """Draw what is seen where no cell is, with the contrast that programs give it.

    The noise is finer or coarser, as the field was reduced or enlarged.
    """
    noise = rng.standard_normal((side, side), np.float32)
    if rng.random() < 0.7:
        noise = _spread(_blurred(noise, _between(rng, 0.4, 4.0)))
    light = cv2.resize(
        rng.normal(0, rng.uniform(0, 1), (3, 3)).astype(np.float32),
        (side, side),
        interpolation=cv2.INTER_CUBIC,
    )
    return np.clip(_spread(noise + light), 0, 1)


def _blurred(image: Image, sigma: float) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw a number whose logarithm is uniform."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def _spread(image: Image) -> Image:
    """Bring the bulk of the values back to 0..1."""
    low, high = np.percentile(image[::2, ::2], (0.5, 99.5))
    return np.asarray((image - low) / max(float(high - low), 1e-3), np.float32)


def _halo(rng: np.random.Generator, image: Image) -> Image:
    """Phase contrast: less of what is wide, so that edges get a halo and areas fade to grey."""
    wide = _blurred(image, _between(rng, 2, 30))
    changed = image - np.float32(rng.uniform(0.3, 1.0)) * wide
    return _spread(-changed if rng.random() < 0.5 else changed)


def _shear(rng: np.random.Generator, image: Image) -> Image:
    """Differential interference contrast: the slope along one direction."""
    angle = rng.uniform(0, 2 * math.pi)
    smooth = _blurred(image, _between(rng, 0.6, 2.5))
    slope = math.cos(angle) * cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3)
    slope += math.sin(angle) * cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3)
    mixed = _spread(slope) + np.float32(rng.uniform(0, 0.5)) * image
    return _spread(mixed)


def _bands(rng: np.random.Generator, image: Image) -> Image:
    """Another lens: fine and coarse detail passed on more or less strongly, octave by octave."""
    detail = np.exp(rng.normal(0, rng.uniform(0.2, 0.9), _OCTAVES + 1)).astype(np.float32)
    changed = np.zeros_like(image)
    for number in range(_OCTAVES):
        wider = _blurred(image, 0.8 * 2.0**number)
        changed += detail[number] * (image - wider)
        image = wider
    return _spread(changed + detail[-1] * image)


def _tones(rng: np.random.Generator, image: Image) -> Image:
    """Another relation of grey values to what is there; at times what is between is brightest."""
    steps = 0.2 + rng.exponential(1, _KNOTS)
    if rng.random() < 0.5:
        steps *= np.where(rng.random(_KNOTS) < 0.3, -1, 1)
    curve = np.concatenate([[0], np.cumsum(steps)])
    curve = (curve - curve.min()) / max(float(np.ptp(curve)), 1e-3)
    mapped = np.interp(np.clip(image, 0, 1), np.linspace(0, 1, _KNOTS + 1), curve)
    return np.asarray(mapped, np.float32)


def _defocus(rng: np.random.Generator, image: Image) -> Image:
    """Depth of focus: out of focus, edges turn into fringes of either sign."""
    sigma = _between(rng, 0.7, 3.0)
    near, far = _blurred(image, sigma), _blurred(image, 1.6 * sigma)
    return _spread(near + np.float32(rng.uniform(-4, 4)) * (near - far))


def _local(rng: np.random.Generator, image: Image) -> Image:
    """Contrast evened out locally, as many programs do before saving."""
    eight = np.clip(image * 255, 0, 255).astype(np.uint8)
    fields = int(rng.integers(2, 8))
    equalised = cv2.createCLAHE(float(rng.uniform(1, 4)), (fields, fields)).apply(eight)
    return equalised.astype(np.float32) / np.float32(255)


def _light(rng: np.random.Generator, image: Image) -> Image:
    """Uneven light: a smooth field added, multiplied, or both."""
    nodes = int(rng.integers(2, 5))
    field = cv2.resize(
        rng.normal(0, 1, (nodes, nodes)).astype(np.float32),
        (image.shape[1], image.shape[0]),
        interpolation=cv2.INTER_CUBIC,
    )
    factor = 1 + np.float32(rng.uniform(0, 0.35)) * field
    lit = image * np.maximum(factor, 0.2) + np.float32(rng.uniform(0, 0.15)) * field
    return np.asarray(lit, np.float32)


def _gamma(rng: np.random.Generator, image: Image) -> Image:
    changed = np.clip(image, 0, 1) ** np.float32(_between(rng, 0.5, 2.0))
    return np.asarray(changed, np.float32)


def _dirt(rng: np.random.Generator, image: Image) -> Image:
    """Dust, fibres and bubbles, in and out of focus."""
    image = image.copy()
    side = min(image.shape)
    drawn = np.zeros_like(image)
    for _ in range(int(rng.integers(1, 6))):
        x, y = rng.integers(0, side, 2)
        kind = rng.integers(3)
        if kind == 0:
            cv2.circle(drawn, (int(x), int(y)), int(rng.integers(1, 6)), 1.0, -1)
        elif kind == 1:
            cv2.circle(drawn, (int(x), int(y)), int(rng.integers(3, 15)), 1.0, 1)
        else:
            steps = rng.normal(0, side / 12, (6, 2)).cumsum(axis=0) + np.array([x, y])
            cv2.polylines(drawn, [steps.astype(np.int32)], isClosed=False, color=1.0, thickness=1)
    drawn = _blurred(drawn, _between(rng, 0.5, 4))
    peak = float(drawn.max())
    return image + np.float32(rng.uniform(-0.8, 0.8) / max(peak, 1e-3)) * drawn


def _soft(rng: np.random.Generator, image: Image) -> Image:
    return _blurred(image, _between(rng, 0.4, 2.0))


def _sharp(rng: np.random.Generator, image: Image) -> Image:
    return image + np.float32(rng.uniform(0.2, 1.5)) * (
        image - _blurred(image, _between(rng, 0.7, 3.0))
    )


def _coarse(rng: np.random.Generator, image: Image) -> Image:
    """A camera with larger pixels, brought to the same size."""
    height, width = image.shape
    factor = rng.uniform(0.35, 0.8)
    small = cv2.resize(
        image,
        (max(8, round(width * factor)), max(8, round(height * factor))),
        interpolation=cv2.INTER_AREA,
    )
    return np.asarray(
        cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32
    )


def _noise(rng: np.random.Generator, image: Image) -> Image:
    """Noise of the camera and of the light; at times smooth, as after compression."""
    amount = np.float32(_between(rng, 0.005, 0.1))
    noise = rng.standard_normal(image.shape, np.float32)
    if rng.random() < 0.3:
        noise = _blurred(noise, 0.8) * np.float32(2.5)
    if rng.random() < 0.5:
        noise *= np.sqrt(np.clip(image, 0.02, 1))
    return image + amount * noise


def _exposed(rng: np.random.Generator, image: Image) -> Image:
    """Brightness and contrast as they come, in 256 steps."""
    if rng.random() < 0.5:
        image = _spread(image)
    if rng.random() < 0.6:
        contrast = np.float32(_between(rng, 0.3, 1.3))
        middle = np.float32(rng.uniform(0.3, 0.7))
        image = (image - np.float32(0.5)) * contrast + middle
    steps = np.rint(np.clip(image, 0, 1) * np.float32(255))
    return np.asarray(steps / np.float32(255), np.float32)


_OPTICS: tuple[tuple[float, Change], ...] = (
    (0.22, _halo),
    (0.12, _shear),
    (0.12, _defocus),
    (0.35, _bands),
    (0.25, _tones),
)
_CAMERA: tuple[tuple[float, Change], ...] = (
    (0.10, _local),
    (0.35, _light),
    (0.35, _gamma),
    (0.12, _dirt),
    (0.25, _soft),
    (0.15, _sharp),
    (0.20, _coarse),
    (0.50, _noise),
)
