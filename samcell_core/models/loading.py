"""From a checkpoint to a model that is ready to run."""

from __future__ import annotations

import copy
import dataclasses
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from samcell_core.errors import ModelError
from samcell_core.models.cache import known_sha256
from samcell_core.models.checkpoint import read_tensors
from samcell_core.models.contrast import published_contrast
from samcell_core.models.lite import LiteNetwork
from samcell_core.models.lite_file import LiteHeader, batch_counts, read_lite_header
from samcell_core.models.naming import to_meta_names
from samcell_core.models.recognise import samcell_shape
from samcell_core.models.registry import ModelEntry, find_model
from samcell_core.models.samcell import SamcellNetwork, SamcellShape
from samcell_core.models.samcell_file import SamcellHeader, read_samcell_header
from samcell_core.segmentation import ModelInfo

__all__ = [
    "Model",
    "lite_model",
    "load_model",
    "random_model",
    "read_lite",
    "read_samcell",
    "samcell_model",
]

_TILE = 256
_LITE_TILE = 640

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, eq=False)
class Model:
    """A network and what is known of it.

    Attributes
    ----------
    network
        Maps prepared uint8 tiles, batch x side x side, to fp32 distance maps of the same shape.
    info
        Name, checksum, thresholds and licence.
    prepare
        What a uint8 tile goes through before the network.
    tile
        Side of a tile in pixels, or the largest.
    multiple
        Tiles may be smaller, by this number of pixels each time; 0 if they may not.
    intensity
        What ``intensity="auto"`` means for it: see `eight_bit`.
    """

    network: nn.Module
    info: ModelInfo
    prepare: Callable[[NDArray[np.uint8]], NDArray[np.uint8]] = published_contrast
    tile: int = _TILE
    multiple: int = 0
    intensity: str = "auto"

    def __repr__(self) -> str:
        return f"Model({self.info.name!r}, {self.info.architecture})"

    def on(self, device: torch.device, precision: torch.dtype) -> nn.Module:
        """Network on a device, computing in a precision; this model's own one stays as it is."""
        if device.type == "cpu" and precision == torch.float32:
            return self.network
        network = copy.deepcopy(self.network)
        if isinstance(network, SamcellNetwork):
            network.attention = "product" if device.type == "cuda" else "bias"
        if isinstance(network, (SamcellNetwork, LiteNetwork)):
            network.products_in(precision)
        return network.to(device)


def load_model(
    source: str | Path | Model,
    *,
    progress: Progress | None = None,
    offline: bool | None = None,
) -> Model:
    """Read a model, whatever the naming and size of SAM in its checkpoint.

    Parameters
    ----------
    source
        A checkpoint file, a folder that holds one, or a model's name; a loaded model is returned
        as it is.
    progress
        Told the bytes that have arrived, and those there are, if the model has to be downloaded.
    offline
        True never downloads; ``None`` asks the environment variable ``SAMCELL_OFFLINE``.
    """
    if isinstance(source, Model):
        return source
    path, entry = find_model(source, progress=progress, offline=offline)
    if (header := read_lite_header(path)) is not None:
        return _lite_from(path, header, entry)
    network, own = _samcell_from(path)
    said = own or _header_of(entry, path)
    info = ModelInfo(
        name=entry.name if entry is not None else said.name,
        architecture=network.shape.name,
        source=str(path),
        sha256=known_sha256(path),
        peak=said.peak,
        fill=said.fill,
        licence=(entry.licence if entry is not None else said.licence) or "",
    )
    return samcell_model(network, info)


def samcell_model(network: SamcellNetwork, info: ModelInfo) -> Model:
    """Make a model of the SAM-based network, which keeps no gradients."""
    return Model(network=network.eval().requires_grad_(False), info=info, tile=network.tile)


def lite_model(network: LiteNetwork, info: ModelInfo) -> Model:
    """Make a model of the small network, which is folded for running and keeps no gradients."""
    return Model(
        network=network.folded(),
        info=dataclasses.replace(info, markers="summit"),
        prepare=_as_it_is,
        tile=_LITE_TILE,
        multiple=network.shape.multiple,
        intensity="percentile",
    )


def read_lite(path: str | Path) -> tuple[LiteNetwork, LiteHeader]:
    """Network and header of a checkpoint of the small network, as training goes on from it."""
    path = Path(path)
    tensors = read_tensors(path)
    header = read_lite_header(path)
    if header is None:
        raise ModelError(
            f"{path} is not a checkpoint of samcell-lite: training goes on from one of those only."
        )
    network = LiteNetwork(header.shape)
    counts = {name: torch.zeros((), dtype=torch.float32) for name in batch_counts(network)}
    _fill(network, {**tensors, **counts}, str(path))
    return network, header


def read_samcell(path: str | Path) -> tuple[SamcellNetwork, SamcellHeader | None]:
    """Network and header of a checkpoint of SAM or SAMCell, as training goes on from it."""
    path = Path(path)
    if path.is_file() and read_lite_header(path) is not None:
        raise ModelError(
            f"{path} is a samcell-lite, another network: give a checkpoint of SAM or SAMCell."
        )
    return _samcell_from(path)


def _samcell_from(path: Path) -> tuple[SamcellNetwork, SamcellHeader | None]:
    tensors = to_meta_names(read_tensors(path))
    shape = samcell_shape(tensors, str(path))
    header = read_samcell_header(path)
    network = _build(shape, str(path), tile=_TILE if header is None else header.tile)
    _fill(network, tensors, str(path))
    return network, header


def _header_of(entry: ModelEntry | None, path: Path) -> SamcellHeader:
    """What is known of a model whose file says nothing of itself, as published ones do not."""
    if entry is None:
        return SamcellHeader(name=path.stem)
    return SamcellHeader(name=entry.name, peak=entry.peak, fill=entry.fill)


def _lite_from(path: Path, header: LiteHeader, entry: ModelEntry | None) -> Model:
    network, _ = read_lite(path)
    info = ModelInfo(
        name=entry.name if entry is not None else header.name,
        architecture="samcell-lite",
        source=str(path),
        sha256=known_sha256(path),
        peak=header.peak,
        fill=header.fill,
        diameter=header.diameter,
        licence=(entry.licence if entry is not None else header.licence) or "",
    )
    return lite_model(network.eval().requires_grad_(False), info)


def _as_it_is(tile: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return tile


def random_model(shape: SamcellShape | None = None, *, seed: int = 0) -> Model:
    """Make a model with seeded random weights: to try the machinery, its cells mean nothing."""
    shape = shape or SamcellShape()
    network = _build(shape, "this shape").to_empty(device="cpu")
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in network.state_dict().items():
        if tensor.ndim == 1:
            tensor.fill_(1.0 if name.endswith(".weight") else 0.0)  # norms, biases
        else:
            # A wide spread in the last layers, so that the maps are not all of one grey.
            last = "output_upscaling" in name or "hypernetworks" in name
            spread = (
                1.0 if "gaussian" in name else (2.0 if last else 0.7) / tensor[0].numel() ** 0.5
            )
            tensor.normal_(std=spread, generator=generator)
    return samcell_model(network, ModelInfo(name=f"random-{seed}", architecture=shape.name))


def _build(shape: SamcellShape, source: str, *, tile: int = _TILE) -> SamcellNetwork:
    """Network without storage for its parameters."""
    if shape.image_size % tile:
        raise ModelError(
            f"{source} was made for images of {shape.image_size} pixels, which is not a multiple "
            f"of the tile of {tile} pixels."
        )
    try:
        with torch.device("meta"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # initialising tensors without storage does nothing
            return SamcellNetwork(shape, tile=tile)
    except (AssertionError, ValueError, RuntimeError, ZeroDivisionError) as error:
        raise ModelError(
            f"{source} is damaged: the sizes of its tensors do not make a network."
        ) from error


def _fill(network: nn.Module, tensors: Mapping[str, Tensor], source: str) -> None:
    wanted = network.state_dict()
    missing = sorted(wanted.keys() - tensors.keys())
    surplus = sorted(tensors.keys() - wanted.keys())
    if missing:
        raise ModelError(f"{source} is incomplete: {_names(missing)} missing.")
    if surplus:
        raise ModelError(f"{source} is not a plain SAMCell checkpoint: {_names(surplus)} too many.")
    for name, tensor in tensors.items():
        if tensor.shape != wanted[name].shape:
            raise ModelError(
                f"{source} does not fit: {name!r} has the shape {tuple(tensor.shape)}, "
                f"not {tuple(wanted[name].shape)}."
            )
        if not tensor.is_floating_point():
            raise ModelError(f"{source} does not fit: {name!r} holds {tensor.dtype}, not floats.")
    # A mapped file may change or vanish while it is used: copy.
    copies = {
        name: tensor.detach().to(torch.float32, copy=True) for name, tensor in tensors.items()
    }
    network.load_state_dict(copies, assign=True)
    if not all(bool(torch.isfinite(tensor).all()) for tensor in copies.values()):
        raise ModelError(f"{source} is damaged: it holds values that are not numbers.")


def _names(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{shown}{more} {'is' if len(names) == 1 else 'are'}"
