"""Units of length in the files of microscopes, and sizes of pixels that are believable."""

from __future__ import annotations

__all__ = ["MICROMETRES", "PLAUSIBLE", "PRINTED_UNITS"]

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
PRINTED_UNITS = ("cm", "centimeter", "inch", "in")
PLAUSIBLE = (0.001, 10.0)
