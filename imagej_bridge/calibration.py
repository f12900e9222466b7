"""Steps along the axes of an ImageJ image, and the size of its pixels in micrometres."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from samcell_core.images.units import MICROMETRES, is_believable

__all__ = ["Steps", "as_pixel_steps", "pixel_size_of", "read_steps", "write_steps"]

_PIXEL = "pixel"


class Steps(NamedTuple):
    """Where the planes, rows or columns along an axis lie: ``(index - origin) * step``.

    Attributes
    ----------
    step, unit
        From one to the next.
    origin
        Index of the one that lies at 0.
    """

    step: float
    unit: str
    origin: float = 0.0


def read_steps(image_plus: Any) -> dict[str, Steps]:
    """Steps along X, Y, Z and T, as far as ImageJ knows them."""
    scale = image_plus.getCalibration()
    steps = {
        "X": Steps(float(scale.pixelWidth), str(scale.getXUnit()), float(scale.xOrigin)),
        "Y": Steps(float(scale.pixelHeight), str(scale.getYUnit()), float(scale.yOrigin)),
        "Z": Steps(float(scale.pixelDepth), str(scale.getZUnit()), float(scale.zOrigin)),
        "T": Steps(float(scale.frameInterval), str(scale.getTimeUnit())),
    }
    return {axis: each for axis, each in steps.items() if _is_known(each)}


def write_steps(image_plus: Any, steps: Mapping[str, Steps]) -> None:
    """Set what `read_steps` reads."""
    scale = image_plus.getCalibration()
    for axis, name in (("X", "Width"), ("Y", "Height"), ("Z", "Depth")):
        if axis not in steps:
            continue
        step, unit, origin = steps[axis]
        setattr(scale, f"pixel{name}", step)
        setattr(scale, f"{axis.lower()}Origin", origin)
        # The unit of x is that of y and z where these have none of their own.
        setter = scale.setUnit if axis == "X" else getattr(scale, f"set{axis}Unit")
        setter(unit)
    if "T" in steps:
        scale.frameInterval = steps["T"].step
        scale.setTimeUnit(steps["T"].unit)
    image_plus.setCalibration(scale)


def as_pixel_steps(pixel_size: tuple[float, float] | None) -> dict[str, Steps]:
    """Steps of pixels of a height and width in micrometres; none where it is not known."""
    if pixel_size is None:
        return {}
    height, width = pixel_size
    return {"X": Steps(width, "micron"), "Y": Steps(height, "micron")}


def pixel_size_of(steps: Mapping[str, Steps]) -> tuple[float, float] | None:
    """Height and width of a pixel in micrometres; ``None`` where they are not known."""
    if "X" not in steps or "Y" not in steps:
        return None
    units = [steps[axis].unit.strip().lower() for axis in "YX"]
    height, width = (
        abs(steps[axis].step) * MICROMETRES.get(unit, math.nan)
        for axis, unit in zip("YX", units, strict=True)
    )
    believed = all(is_believable((height, width), unit) for unit in units)
    return (height, width) if height > 0 and width > 0 and believed else None


def _is_known(steps: Steps) -> bool:
    if not (math.isfinite(steps.step) and steps.step):
        return False
    return steps != Steps(1.0, _PIXEL) and steps != Steps(1.0, "pixels")
