"""Units of length in the files of microscopes, and sizes of pixels that are believable."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["MICROMETRES", "is_believable"]

MICROMETRES = {
    "pm": 1e-6,
    "\u00e5": 1e-4,  # angstrom
    "nm": 1e-3,
    "nanometer": 1e-3,
    "\u00b5m": 1.0,  # micro sign
    "\u03bcm": 1.0,  # Greek mu
    "\\u00b5m": 1.0,  # as ImageJ writes the micro sign in ASCII
    "um": 1.0,
    "micron": 1.0,
    "microns": 1.0,
    "micrometer": 1.0,
    "micrometre": 1.0,
    "mm": 1e3,
    "millimeter": 1e3,
    "cm": 1e4,
    "centimeter": 1e4,
    "m": 1e6,
    "meter": 1e6,
    "inch": 25400.0,
    "in": 25400.0,
}
# Dots per inch or centimetre say how large to print. A pixel of 10 micrometres is 2540 dpi.
_PRINTED_UNITS = ("cm", "centimeter", "inch", "in")
_PLAUSIBLE = (0.001, 10.0)


def is_believable(size: Iterable[float], unit: str) -> bool:
    """Whether pixels may be so large, in micrometres, where the file gave it in such a unit."""
    lowest, highest = _PLAUSIBLE
    return unit not in _PRINTED_UNITS or all(lowest <= length <= highest for length in size)
