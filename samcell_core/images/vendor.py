"""Microscope makers' files, read by bioio where the extra ``formats`` is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from samcell_core.errors import ImageError
from samcell_core.images.image import Image

__all__ = ["VENDOR_SUFFIXES", "read_vendor"]

VENDOR_SUFFIXES = (".czi", ".lif", ".nd2")


def read_vendor(path: Path, axes: str | None) -> Image:
    """Open an ND2, CZI or LIF file lazily; its first scene where it has several."""
    try:
        from bioio import BioImage
    except ImportError as error:
        raise ImageError(
            f"{path} needs a reader for {path.suffix[1:].upper()} files that is not installed: "
            'run pip install "samcell-suite[formats]" or export it as OME-TIFF.'
        ) from error
    try:
        return _read(BioImage(path), path, axes)
    except ImageError:
        raise
    except Exception as error:  # each of its readers raises its own kinds
        raise ImageError(
            f"{path} cannot be read as {path.suffix[1:].upper()} ({type(error).__name__}): copy it "
            'again, run pip install "samcell-suite[formats]" again, or export it as OME-TIFF.'
        ) from error


def _read(source: Any, path: Path, axes: str | None) -> Image:
    data, told = source.dask_data, str(source.dims.order)
    names = tuple(str(name) for name in source.channel_names or ())
    channels = dict(zip(told, data.shape, strict=True)).get("C", 1)
    # bioio always has T, C and Z: those of length 1 are nothing that the file has.
    empty = [letter in "TZCM" and size == 1 for letter, size in zip(told, data.shape, strict=True)]
    data = data[tuple(0 if drop else slice(None) for drop in empty)]
    told = "".join(letter for letter, drop in zip(told, empty, strict=True) if not drop)
    sizes = source.physical_pixel_sizes
    scenes = len(source.scenes)
    return Image(
        data,
        told if axes is None else axes,
        (sizes.Y, sizes.X) if sizes.Y and sizes.X else None,
        channel_names=names if "C" in told and len(names) == channels else (),
        name=path.name,
        notes=(f"{path} holds {scenes} images; only the first is read.",) if scenes > 1 else (),
    )
