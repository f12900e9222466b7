"""Images between numpy and ImageJ: the same numbers, or a refusal."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagej_bridge.calibration import Steps, pixel_size_of, read_steps, write_steps
from imagej_bridge.gateway import java_class
from imagej_bridge.planes import STACK_LETTERS
from samcell_core.errors import ImageError
from samcell_core.images import Image

__all__ = ["from_image_plus", "planes_of", "selection_mask", "stack_axes_of", "to_image_plus"]

_EXACT = 2**24  # up to here float32 holds every whole number
_OFFSET = 2**15  # of signed numbers in ImageJ's 16 bits


def to_image_plus(image: Image, steps: Mapping[str, Steps], title: str) -> Any:
    """Image of ImageJ with the same pixels, in its order of planes: T, Z, C.

    Parameters
    ----------
    image
        Pixels and axes; ``S`` becomes RGB where it is 8 bits, else channels.
    steps
        Along the axes.
    title
        Its title.

    Raises
    ------
    ImageError
        ImageJ has no type that holds its numbers exactly.
    """
    data = np.asarray(image.data[...])
    axes = image.axes
    data = _exact(data.astype(data.dtype.newbyteorder("="), copy=False), image.name)
    is_signed = data.dtype == np.int16
    if is_signed:
        data = (data.astype(np.int32) + _OFFSET).astype(np.uint16)
    if "S" in axes:
        data, axes = _coloured(data, axes, image.name)
    letters = [letter for letter in (*STACK_LETTERS, "Y", "X") if letter in axes]
    data = np.ascontiguousarray(data.transpose([axes.index(letter) for letter in letters]))
    sizes = dict(zip(letters, data.shape, strict=True))
    height, width = data.shape[-2:]
    stack = java_class("ij.ImageStack")(width, height)
    names = image.channel_names if len(image.channel_names) == sizes.get("C", 1) > 1 else ()
    for number, plane in enumerate(data.reshape(-1, height * width)):
        stack.addSlice(names[number % len(names)] if names else None, _java_array(plane))
    image_plus = java_class("ij.ImagePlus")(title, stack)
    counts = [sizes.get(letter, 1) for letter in "CZT"]
    image_plus.setDimensions(*counts)
    image_plus.setOpenAsHyperStack(max(counts) > 1)
    write_steps(image_plus, steps)
    if is_signed:
        image_plus.getCalibration().setSigned16BitCalibration()
    image_plus.resetDisplayRange()
    return image_plus


def from_image_plus(image_plus: Any) -> Image:
    """Pixels of an image of ImageJ, with the axes T, Z, C, Y, X, S of which there are several."""
    data = planes_of(image_plus)
    if image_plus.getCalibration().isSigned16Bit():
        data = (data.astype(np.int32) - _OFFSET).astype(np.int16)
    counts = {"T": image_plus.getNFrames(), "Z": image_plus.getNSlices()}
    counts["C"] = image_plus.getNChannels()
    axes = "".join(letter for letter in STACK_LETTERS if counts[letter] > 1)
    shape = tuple(int(counts[letter]) for letter in axes)
    title = str(image_plus.getTitle())
    return Image(
        data.reshape(*shape, *data.shape[1:]),
        f"{axes}YX{'S' if data.ndim == 4 else ''}",
        pixel_size_of(read_steps(image_plus)),
        _channel_names(image_plus),
        title,
    )


def planes_of(image_plus: Any) -> NDArray[Any]:
    """Pixels of all planes in ImageJ's order: (N, Y, X), or (N, Y, X, 3) of RGB."""
    stack = image_plus.getStack()
    height, width = int(image_plus.getHeight()), int(image_plus.getWidth())
    planes = [
        np.array(stack.getProcessor(number).getPixels()).reshape(height, width)
        for number in range(1, int(image_plus.getStackSize()) + 1)
    ]
    data = np.stack(planes)
    if data.dtype == np.int32:  # red, green and blue in one number
        return np.stack([(data >> shift & 255).astype(np.uint8) for shift in (16, 8, 0)], axis=-1)
    if data.dtype.kind == "i":  # Java has no numbers without a sign
        data = data.view(f"u{data.dtype.itemsize}")
    return data


def stack_axes_of(image_plus: Any) -> tuple[tuple[int, ...], str]:
    """Shape and axes of labels of an image: those of its planes, without channels."""
    counts = {"T": int(image_plus.getNFrames()), "Z": int(image_plus.getNSlices())}
    axes = "".join(letter for letter in "TZ" if counts[letter] > 1)
    shape = [counts[letter] for letter in axes]
    return (*shape, int(image_plus.getHeight()), int(image_plus.getWidth())), f"{axes}YX"


def selection_mask(image_plus: Any) -> NDArray[np.bool_] | None:
    """Pixels inside the selection of an image; ``None`` without one, or of one without area."""
    roi = image_plus.getRoi()
    if roi is None or not roi.isArea():
        return None
    pixels = np.array(image_plus.createRoiMask().getPixels())
    mask: NDArray[np.bool_] = pixels != 0
    return mask.reshape(int(image_plus.getHeight()), int(image_plus.getWidth()))


def _java_array(plane: NDArray[Any]) -> Any:
    signed = plane.view(f"i{plane.itemsize}") if plane.dtype.kind == "u" else plane
    return importlib.import_module("jpype").JArray.of(signed)


def _exact(data: NDArray[Any], name: str) -> NDArray[Any]:
    """The same numbers in a type that ImageJ has: uint8, uint16, int16 or float32."""
    if data.dtype in (np.uint8, np.uint16, np.int16, np.float32):
        return data
    if data.dtype.kind == "b":
        return data.astype(np.uint8) * np.uint8(255)
    if data.dtype == np.float16:
        return data.astype(np.float32)
    if data.dtype.kind in "iu":
        low, high = int(data.min()), int(data.max())
        if low >= 0 and high < 2**16:
            return data.astype(np.uint16)
        if low >= -(2**15) and high < 2**15:
            return data.astype(np.int16)
        if low >= -_EXACT and high <= _EXACT:
            return data.astype(np.float32)
    else:
        with np.errstate(over="ignore"):
            single = data.astype(np.float32)
        if np.array_equal(single.astype(data.dtype), data, equal_nan=True):
            return single
    raise ImageError(
        f"{name} holds numbers of the type {data.dtype} that ImageJ cannot hold exactly: give it "
        "as uint16 or float32."
    )


def _coloured(data: NDArray[Any], axes: str, name: str) -> tuple[NDArray[Any], str]:
    """RGB of 8 bits as one number a pixel, as ImageJ has it; of more bits as channels."""
    place = axes.index("S")
    rest = axes.replace("S", "")
    if data.shape[place] < 3:
        raise ImageError(
            f"{name} has {data.shape[place]} samples in each pixel, and RGB has 3: give axes= with "
            "C in place of S if they are channels."
        )
    samples = np.moveaxis(data, place, 0)[:3]  # opacity is no grey value
    if data.dtype == np.uint8:
        red, green, blue = samples.astype(np.int32)
        opaque = np.int32(-(2**24))
        return red << 16 | green << 8 | blue | opaque, rest
    if "C" in axes:
        raise ImageError(
            f"{name} has both channels and RGB of more than 8 bits, which ImageJ does not know: "
            "give one of its channels."
        )
    return samples, f"C{rest}"


def _channel_names(image_plus: Any) -> tuple[str, ...]:
    """Names that all planes of a channel have, and no other channel; else none."""
    count = int(image_plus.getNChannels())
    stack = image_plus.getStack()
    labels = [stack.getSliceLabel(number) for number in range(1, int(stack.getSize()) + 1)]
    names = [str(label) for label in labels[:count] if label is not None]
    if count < 2 or len(set(names)) < count:
        return ()
    fits = all(str(label) == names[place % count] for place, label in enumerate(labels))
    return tuple(names) if fits else ()
