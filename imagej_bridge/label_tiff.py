"""Labels as a TIFF file that ImageJ opens in colours, with its axes and pixel size."""

from __future__ import annotations

import os
import re
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tifffile
from numpy.typing import NDArray

from imagej_bridge.palette import colour_table
from imagej_bridge.planes import STACK_LETTERS, label_stack
from samcell_core.errors import ImageError
from samcell_core.files import new_file
from samcell_core.images import read_image
from samcell_core.metrics.inputs import as_pixel_size
from samcell_core.segmentation import Segmentation

__all__ = ["AXES_LINE", "LabelImage", "read_label_tiff", "write_label_tiff"]

_COLOUR_MAP = 320  # tag
_SAMPLES_OF_COLOURS = 768
_SHORTEST, _LONGEST = 1e-6, 1e6  # pixels in micrometres
_LARGEST_NUMBER = 2**32 - 1  # in a TIFF tag
_NAMES = {"channels": "C", "slices": "Z", "frames": "T"}
_EXACT = 2**24  # ImageJ shows 32-bit numbers as float32
AXES_LINE = re.compile(r"^label axes: ([TZCYX]+)$", re.MULTILINE)


class LabelImage(NamedTuple):
    """Labels of a file.

    Attributes
    ----------
    labels
        Whole numbers, 0 outside cells.
    axes
        A letter for each axis.
    pixel_size
        Height and width of a pixel in micrometres, where known.
    """

    labels: NDArray[Any]
    axes: str
    pixel_size: tuple[float, float] | None


def write_label_tiff(
    path: str | os.PathLike[str],
    labels: Any,
    *,
    axes: str | None = None,
    pixel_size: float | tuple[float, float] | None = None,
    overwrite: bool = False,
) -> None:
    """Write labels as uint16, or uint32 where one is above 65,535, uncompressed.

    ImageJ opens them with the colours of `colour_table`, the display range from 0 to the largest
    label (at least 255), and as a hyperstack where there are several planes. It knows 256 colours
    for all numbers, so that above 255 labels some that follow each other look alike, and above
    511 the first few look like the background; the numbers are exact all the same. Planes come in
    ImageJ's order, T, Z, C; where ``axes`` are in another, `read_label_tiff` restores it. The same
    input gives the same bytes. The file appears complete, or not at all.

    Parameters
    ----------
    path
        The file.
    labels
        A segmentation, or whole numbers (..., H, W), 0 outside cells.
    axes
        A letter for each axis, such as ``TYX``; that of the segmentation, or ``YX``, where not
        given.
    pixel_size
        Height and width of a pixel in micrometres, or one number for both; that of the
        segmentation where not given.
    overwrite
        Whether an existing file may be replaced.

    Raises
    ------
    ImageError
        There is a label of 16,777,216 or more, which ImageJ cannot show exactly.
    SamcellError
        The file exists or cannot be written.
    """
    array, axes = label_stack(labels, axes)
    if pixel_size is None and isinstance(labels, Segmentation):
        pixel_size = labels.pixel_size
    highest = int(array.max())
    if highest >= _EXACT:
        raise ImageError(
            f"The label {highest} is too large for ImageJ, which is exact below {_EXACT}: number "
            "the cells anew."
        )
    stack, sizes = _in_order_of_imagej(array, axes)
    colours = (colour_table().T.astype(np.uint16) * 257).ravel()
    with new_file(path, overwrite=overwrite) as draft:
        tifffile.imwrite(
            draft,
            stack.astype(">u2" if highest <= 65535 else ">u4"),
            byteorder=">",
            photometric="minisblack",
            metadata=None,
            software=False,
            description=_description(sizes, max(highest, 255), pixel_size is not None),
            resolution=None if pixel_size is None else _resolution(pixel_size),
            resolutionunit="NONE",
            extratags=[
                (_COLOUR_MAP, "H", _SAMPLES_OF_COLOURS, colours.tolist(), True),
                *tifffile.imagej_metadata_tag({"Info": f"label axes: {axes}\n"}, ">"),
            ],
        )


def read_label_tiff(path: str | os.PathLike[str]) -> LabelImage:
    """Read labels from a TIFF file, those of `write_label_tiff` with the axes they were given with.

    Raises
    ------
    ImageError
        The file is damaged, or what it holds is no labels.
    """
    image = read_image(path, stored=True)
    data = np.array(image.data[...])
    data = data.astype(data.dtype.newbyteorder("="), copy=False)
    if "S" in image.axes:
        raise ImageError(f"{path} holds colours, not labels: give a label image.")
    if data.dtype.kind == "f":
        data = _whole(data, path)
    axes, told = image.axes, _told_axes(Path(path))
    if set(axes) <= set(told):
        # Of axes of one plane ImageJ's format knows nothing.
        axes = "".join(letter for letter in told if letter not in axes) + axes
        data = data.reshape((1,) * (len(axes) - data.ndim) + data.shape)
        data, axes = data.transpose([axes.index(letter) for letter in told]), told
    return LabelImage(data, axes, image.pixel_size)


def _in_order_of_imagej(array: NDArray[Any], axes: str) -> tuple[NDArray[Any], dict[str, int]]:
    order = [axes.index(letter) for letter in STACK_LETTERS if letter in axes]
    stack = array.transpose(*order, array.ndim - 2, array.ndim - 1)
    sizes = dict(zip(axes, array.shape, strict=True))
    return stack.reshape(-1, *stack.shape[-2:]), {
        letter: sizes.get(letter, 1) for letter in STACK_LETTERS
    }


def _description(sizes: dict[str, int], highest: int, has_scale: bool) -> str:
    """The lines from which ImageJ learns what the planes are."""
    count = sizes["T"] * sizes["Z"] * sizes["C"]
    lines = ["ImageJ=1.53t"]
    if count > 1:
        lines += [
            f"images={count}",
            *(f"{name}={sizes[axis]}" for name, axis in _NAMES.items() if sizes[axis] > 1),
            "hyperstack=true",
            "mode=grayscale",
        ]
    if has_scale:
        lines.append("unit=micron")
    return "\n".join([*lines, "loop=false", "min=0.0", f"max={highest}.0", ""])


def _resolution(pixel_size: float | tuple[float, float]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Pixels in a micrometre along x and y, as fractions."""
    height, width = as_pixel_size(pixel_size)
    return _inverse(width), _inverse(height)


def _inverse(length: float) -> tuple[int, int]:
    """1/length as numerator and denominator, exact where two numbers of 32 bits can say it."""
    if not _SHORTEST <= length <= _LONGEST:
        raise ImageError(f"The pixel size {length} is none of a microscope: give micrometres.")
    fraction = Fraction(repr(length))
    if fraction < 1:
        fraction = fraction.limit_denominator(_LARGEST_NUMBER)
    else:
        fraction = 1 / (1 / fraction).limit_denominator(_LARGEST_NUMBER)
    return fraction.denominator, fraction.numerator


def _whole(data: NDArray[Any], path: str | os.PathLike[str]) -> NDArray[Any]:
    """Labels that another program wrote as float, exactly."""
    if not np.isfinite(data).all() or (data < 0).any() or (data != np.floor(data)).any():
        raise ImageError(
            f"{path} holds numbers that are no labels, such as fractions: give a label image."
        )
    return data.astype(np.uint16 if data.max(initial=0) <= 65535 else np.uint32)


def _told_axes(path: Path) -> str:
    with tifffile.TiffFile(path) as file:
        text = str((file.imagej_metadata or {}).get("Info", ""))
    found = AXES_LINE.search(text)
    return found[1] if found else ""
