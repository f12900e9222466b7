"""What the reply of the engine says beside the labels."""

from __future__ import annotations

from typing import Any

__all__ = ["thresholds_and_scale"]


def thresholds_and_scale(header: dict[str, Any]) -> dict[str, float]:
    """Peak and fill threshold, and the factor by which the network saw the image enlarged.

    Under the names of their measurements.
    """
    used, scale = header["settings"], header["settings"]["scale"]
    if scale is None:  # where a diameter was given
        scale = header["model"]["diameter"] / used["diameter"]
    return {
        "PeakThreshold": float(used["peak"]),
        "FillThreshold": float(used["fill"]),
        "Scale": float(scale),
    }
