"""From an image to its cells: read -> 8-bit tiles -> distance map -> labels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import NoneType, TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samcell_core.devices import choose_device, choose_precision, choose_threads
from samcell_core.errors import ImageError, SettingsError
from samcell_core.images import Image, Plane, Planes, as_image, eight_bit, looks_like_labels
from samcell_core.machine import memory_size
from samcell_core.models.lite import LiteNetwork
from samcell_core.models.loading import Model, load_model
from samcell_core.postprocess import filter_labels, segment_distance
from samcell_core.predictor import Predictor
from samcell_core.resample import RowScaler, ScaledPlane, scaled_shape
from samcell_core.segmentation import ModelInfo, Segmentation
from samcell_core.settings import Settings
from samcell_core.sizing import best_scale
from samcell_core.tiling import TilePlan, blend, cut

__all__ = ["Segmenter", "Sink"]

Sink = Callable[[int, int, NDArray[np.float32]], None]
"""Takes finished rows of a distance map: number of the plane, of the first row, the rows."""

Progress = Callable[[int, int], None]
"""Takes the number of tiles done and of all tiles. What it raises stops the work."""


class Segmenter:
    """A model, ready to segment images.

    Parameters
    ----------
    model
        Checkpoint file, a model's name, or what `load_model` returned; the built-in one where not
        given.
    device
        ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``.
    precision
        ``auto``, ``fp32``, ``bf16`` or ``fp16``; *auto* is bf16 where the hardware has it.
    threads
        CPU cores to use; all, up to 16, where not given. Labels do not depend on it.
    offline, progress
        Of a download, if the model needs one: see `load_model`.

    Examples
    --------
    >>> import numpy as np, samcell_core as sc
    >>> with sc.Segmenter(sc.random_model(sc.SamcellShape(width=32, depth=1, heads=1,
    ...                   mlp_width=32, global_blocks=(0,), image_size=256))) as seg:
    ...     seg.segment(np.zeros((300, 200), np.uint8)).labels.shape
    (300, 200)
    """

    def __init__(
        self,
        model: str | Path | Model = "samcell-lite",
        *,
        device: str = "auto",
        precision: str = "auto",
        threads: int | None = None,
        offline: bool | None = None,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> None:
        self._device = choose_device(device)
        self._precision = choose_precision(precision, self._device)
        self._threads = choose_threads(threads)
        loaded = load_model(model, offline=offline, progress=progress)
        self._tile, self._multiple = loaded.tile, loaded.multiple
        self._info = loaded.info
        self._intensity = loaded.intensity
        self._measures_size = isinstance(loaded.network, LiteNetwork)
        self._predictor = Predictor(loaded, self._device, self._precision, self._threads)

    @property
    def model(self) -> ModelInfo:
        """What is known of the model."""
        return self._info

    @property
    def device(self) -> str:
        """Where the network runs."""
        return str(self._device)

    @property
    def precision(self) -> str:
        """How the network computes: ``fp32``, ``bf16`` or ``fp16``."""
        return self._precision

    @property
    def threads(self) -> int:
        """CPU cores that it may use."""
        return self._threads

    def __repr__(self) -> str:
        return f"Segmenter({self._info.name!r}, {self.device}, {self._precision})"

    def close(self) -> None:
        """End the threads and release the model."""
        self._predictor.close()

    def __enter__(self) -> Segmenter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def resolve(self, settings: Settings | None = None) -> Settings:
        """Settings with the model's own thresholds for *auto*, as every image will get them.

        Raises
        ------
        SettingsError
            The model cannot do what they ask for.
        """
        return self._settings(settings, {})

    def segment(
        self,
        image: Any,
        settings: Settings | None = None,
        *,
        mask: Any = None,
        unfiltered: bool = False,
        progress: Progress | None = None,
        **changes: Any,
    ) -> Segmentation:
        """Find the cells of an image.

        Parameters
        ----------
        image
            A file, an `Image`, or an array: 2D, RGB, several channels (with ``channel=``), or a
            stack (with ``axes=``), whose planes are segmented one by one.
        settings
            How; the defaults where not given.
        mask
            Where cells may be (not 0): height x width, or one for each plane. The network sees
            the whole image; cells end at the mask's edge, which ``discard_border`` takes as a
            border of the image.
        unfiltered
            Whether the result is also to hold the cells that are dropped by size and border.
        progress
            Is told the number of tiles done and of all tiles.
        **changes
            Settings to change, by name.
        """
        settings = self._settings(settings, changes)
        source, planes = self._planes(image, settings)
        masks = None if mask is None else _masks(mask, planes.shape)
        settings = self._scaled(settings, planes)
        all_kept = settings.replace(min_size=0, max_size=None, discard_border=False)
        # The labels of all planes, and what finding the cells of one takes.
        also = (4 if unfiltered else 2) * math.prod(planes.shape)
        also += (14 if mask is None else 20) * math.prod(planes.shape[-2:])
        distance = _space(planes.shape, np.float32, also=also)
        flat = distance.reshape(-1, *distance.shape[-2:])
        notes = list(source.notes)
        labels = np.zeros(planes.shape, np.uint16)
        before = np.zeros(planes.shape, np.uint16) if unfiltered else None

        def keep(plane: int, top: int, rows: NDArray[np.float32]) -> None:
            flat[plane, top : top + len(rows)] = rows

        for number in self._stream(planes, settings, keep, progress, notes):
            inside = None if masks is None else masks[number]
            found = segment_distance(flat[number], all_kept, threads=self._threads, mask=inside)
            if before is not None:
                before = _with_plane(before, number, found)
            if settings != all_kept:
                found = filter_labels(found, settings, mask=inside)
            labels = _with_plane(labels, number, found)
        return Segmentation(
            labels=labels,
            distance_map=distance,
            settings=settings,
            model=self._info,
            axes=planes.axes,
            pixel_size=source.pixel_size,
            device=self.device,
            precision=self._precision,
            notes=tuple(notes),
            unfiltered=before,
        )

    def predict(
        self,
        image: Any,
        settings: Settings | None = None,
        *,
        out: NDArray[Any] | Sink | None = None,
        progress: Progress | None = None,
        **changes: Any,
    ) -> NDArray[Any] | None:
        """Predict the distance map alone, of images of any size.

        Memory grows with one row of tiles, not with the image: rows are handed on when they are
        finished.

        Parameters
        ----------
        image, settings, progress, **changes
            As for `segment`.
        out
            Where finished rows go: an array or memory map of the image's shape without its
            channels, or a function of the plane's number, the first row's number and the rows.
            A new array where not given.

        Returns
        -------
        array or None
            The array that was filled; ``None`` if ``out`` is a function.
        """
        settings = self._settings(settings, changes)
        filled = None if callable(out) else out
        if filled is not None:
            _check_out(filled)
        _, planes = self._planes(image, settings)
        settings = self._scaled(settings, planes)
        if out is None:
            filled = _space(planes.shape, np.float32)
        if filled is not None and filled.shape != planes.shape:
            raise ImageError(
                f"out= has the shape {filled.shape}, but the distance map of this image needs "
                f"{planes.shape}."
            )

        def keep(plane: int, top: int, rows: NDArray[np.float32]) -> None:
            if callable(out):
                out(plane, top, rows)
            elif filled is not None:
                where: list[Any] = list(np.unravel_index(plane, planes.shape[:-2] or (1,)))
                here = (*where[: len(planes.shape) - 2], slice(top, top + len(rows)))
                filled[here] = rows

        for _ in self._stream(planes, settings, keep, progress, []):
            pass
        return filled

    def _settings(self, settings: Settings | None, changes: dict[str, Any]) -> Settings:
        if not isinstance(settings, (Settings, NoneType)):
            raise SettingsError("Settings go in as sc.Settings(...), or by name: peak=0.5.")
        settings = (settings or Settings()).replace(**changes)
        peak, fill = self._info.peak, self._info.fill
        if settings.peak is not None and settings.fill is None and fill > settings.peak:
            raise SettingsError(
                f"peak={settings.peak:g} is below the fill threshold of the model "
                f"{self._info.name!r}, {fill:g}: give fill= too."
            )
        settings = settings.with_defaults(peak=peak, fill=fill, markers=self._info.markers)
        if settings.diameter is not None and self._info.diameter is None:
            raise SettingsError(
                f"diameter={settings.diameter:g} cannot be used with the model "
                f"{self._info.name!r}, which was made for no particular cell size: give scale= "
                "to enlarge or reduce the image."
            )
        return settings

    def _planes(self, image: Any, settings: Settings) -> tuple[Image, Planes]:
        source = as_image(image, axes=settings.axes, pixel_size=settings.pixel_size)
        planes = source.planes(settings.channel)
        if looks_like_labels(planes[0]):
            raise ImageError(
                f"{source.name} looks like a label image (whole areas of the same small numbers), "
                "not like a microscope image: give the image that the labels were made from."
            )
        return source, planes

    def _scaled(self, settings: Settings, planes: Planes) -> Settings:
        """Settings with the scale that *auto* stands for: one for all planes."""
        if settings.diameter is not None or settings.scale is not None:
            return settings
        known = self._info.diameter
        if known is None or not self._measures_size:
            return settings.replace(scale=1.0)
        intensity = self._intensity_of(settings)
        some = sorted({0, len(planes) // 2, len(planes) - 1})
        scales = [
            best_scale(eight_bit(planes[number], intensity), self._predictor.sizes, known)
            for number in some
        ]
        found = [scale for scale in scales if scale is not None]
        return settings.replace(scale=float(np.median(found)) if found else 1.0)

    def _scale(self, settings: Settings) -> float:
        if settings.diameter is not None and self._info.diameter is not None:
            return self._info.diameter / settings.diameter
        return settings.scale or 1.0

    def _intensity_of(self, settings: Settings) -> str:
        return self._intensity if settings.intensity == "auto" else settings.intensity

    def _stream(
        self,
        planes: Planes,
        settings: Settings,
        sink: Sink,
        progress: Progress | None,
        notes: list[str],
    ) -> Iterator[int]:
        """Send the rows of each plane's distance map to a sink; yield each finished plane."""
        height, width = planes.shape[-2:]
        scale = self._scale(settings)
        shape = (height, width) if scale == 1.0 else scaled_shape((height, width), scale)
        plan = TilePlan.of(shape, self._tile, self._multiple)
        intensity = self._intensity_of(settings)
        tiles = (tile for plane in planes for tile in cut(_prepared(plane, intensity, shape), plan))
        maps = self._predictor.maps(tiles, batch=settings.batch, note=notes.append)
        if progress is not None:
            maps = _counted(maps, len(plan) * len(planes), progress)
        for number in range(len(planes)):
            emit = partial(sink, number)
            blend(plan, maps, emit if scale == 1.0 else RowScaler(shape, (height, width), emit))
            yield number


def _masks(mask: Any, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """A mask for each plane of that shape, from one for all or for each."""
    inside = np.asarray(mask)
    if inside.dtype.kind not in "buif":
        raise ImageError(f"The mask holds {inside.dtype}: give numbers, 0 where no cells may be.")
    if inside.shape not in (shape, shape[-2:]):
        raise ImageError(
            f"The mask has the shape {inside.shape}, but the image needs {shape[-2:]}, or "
            f"{shape} for a mask of each plane."
        )
    return np.broadcast_to(inside != 0, shape).reshape(-1, *shape[-2:])


def _with_plane(labels: NDArray[Any], number: int, found: NDArray[Any]) -> NDArray[Any]:
    """Labels in which those of one plane are set, in a larger type where it needs one."""
    labels = labels.astype(np.result_type(found, labels), copy=False)
    labels.reshape(-1, *labels.shape[-2:])[number] = found
    return labels


def _check_out(out: Any) -> None:
    """Refuse what cannot take a distance map, before any time is spent."""
    dtype = getattr(out, "dtype", None)
    if not hasattr(out, "shape") or not np.issubdtype(np.dtype(dtype), np.floating):
        kind = f"an array of {dtype}" if dtype is not None else f"a {type(out).__name__}"
        raise ImageError(f"out= is {kind}: give a floating-point array, or a function.")
    if isinstance(out, np.ndarray) and not out.flags.writeable:
        raise ImageError("out= cannot be written to: open the memory map with mode 'r+' or 'w+'.")


def _prepared(plane: Plane, intensity: str, shape: tuple[int, int]) -> Plane | ScaledPlane:
    grey = eight_bit(plane, intensity)
    return grey if grey.shape == shape else ScaledPlane(grey, shape)


def _counted(
    maps: Iterator[NDArray[np.float32]], total: int, progress: Progress
) -> Iterator[NDArray[np.float32]]:
    progress(0, total)
    for done, each in enumerate(maps, start=1):
        progress(done, total)
        yield each


def _space(shape: tuple[int, ...], dtype: type, *, also: int = 0) -> NDArray[Any]:
    """Zeros, unless they and as many bytes again as ``also`` are more than this machine has."""
    size = math.prod(shape) * np.dtype(dtype).itemsize + also
    try:
        # Some systems promise any amount and fail only when it is used.
        if size > memory_size():
            raise MemoryError
        return np.zeros(shape, dtype)
    except MemoryError as error:
        raise ImageError(
            f"An image of {' x '.join(map(str, shape))} needs {size / 2**30:,.0f} GB for its "
            "result, more than there is: predict() with out= writes the distance map to a file or "
            "function."
        ) from error
