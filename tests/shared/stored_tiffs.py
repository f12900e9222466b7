"""TIFF files whose pixels do not lie there as one block of what they mean."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tifffile

KINDS = ("lzw", "zlib", "tiled", "miniswhite", "bilevel", "palette")


def write_stored(path: Path, image: np.ndarray, kind: str) -> None:
    """Write 8-bit grey values; they become 1 bit, or yellow by a palette, where a kind says so."""
    if kind == "palette":
        ramp = np.arange(256, dtype=np.uint16) * 257
        yellow = np.stack([ramp, ramp, ramp * 0])
        tifffile.imwrite(path, image, photometric="palette", colormap=yellow)
    elif kind == "miniswhite":
        tifffile.imwrite(path, 255 - image, photometric="miniswhite")
    elif kind == "bilevel":
        tifffile.imwrite(path, image > 127, photometric="minisblack")
    elif kind == "tiled":
        tifffile.imwrite(path, image, photometric="minisblack", tile=(16, 16))
    else:
        tifffile.imwrite(path, image, photometric="minisblack", compression=kind)


def bright_value(kind: str, grey: int) -> dict[str, float]:
    """Mean intensities, by their columns, of a cell that has one bright grey value."""
    if kind == "palette":
        yellow = enumerate((grey, grey, 0))
        return {f"intensity_mean_c{channel}": value for channel, value in yellow}
    return {"intensity_mean": 1 if kind == "bilevel" else grey}
