"""Thresholds that were found, as the defaults of a new checkpoint."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from samcell_core.errors import SettingsError, TrainingError
from samcell_core.models.checkpoint import read_tensors
from samcell_core.models.lite_file import lite_bytes, read_lite_header
from samcell_core.models.loading import read_lite
from samcell_core.models.naming import to_meta_names
from samcell_core.models.recognise import samcell_shape
from samcell_core.models.registry import (
    MODELS,
    as_text,
    find_entry,
    find_model,
    local_file,
    place_of,
)
from samcell_core.models.samcell_file import SamcellHeader, read_samcell_header, samcell_bytes
from samcell_core.training.whole import write_whole

__all__ = ["check_place", "store_thresholds"]


def store_thresholds(
    model: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    peak: float,
    fill: float,
    told: Mapping[str, Any] | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a model anew, with other thresholds as its own: whole, or not at all.

    Its weights stay what they are. It is called like the new file, so that results tell the two
    apart.

    Parameters
    ----------
    model
        The model's name or checkpoint.
    out
        The new checkpoint, which ends in ``.safetensors``.
    peak, fill
        The thresholds.
    told
        What the header is to tell of how they were found.
    overwrite
        Whether an existing file may be replaced. Built-in and downloaded models never are.

    Raises
    ------
    ModelError
        There is no such model.
    SettingsError
        Thresholds out of range, or an ``out`` that may not be written.
    TrainingError
        The file cannot be written.
    """
    if not 0 < fill <= peak < 1:
        raise SettingsError(
            f"peak={peak} with fill={fill} cannot be stored: give thresholds above 0 and below 1, "
            "fill at most peak."
        )
    out = Path(out)
    check_place(out, model=model, overwrite=overwrite)
    path, entry = find_model(model)
    lite = read_lite_header(path)
    if lite is not None:
        header = dataclasses.replace(
            lite, name=out.stem, peak=peak, fill=fill, training=_telling(lite.training, told)
        )
        network, _ = read_lite(path)
        half = any(tensor.dtype == torch.float16 for tensor in read_tensors(path).values())
        content = lite_bytes(network, header, half=half)
    else:
        tensors = read_tensors(path)
        samcell_shape(to_meta_names(tensors), str(path))
        said = read_samcell_header(path) or SamcellHeader(
            name=out.stem, licence=None if entry is None else entry.licence
        )
        training = _telling(said.training, told)
        content = samcell_bytes(
            tensors,
            dataclasses.replace(said, name=out.stem, peak=peak, fill=fill, training=training),
        )
    write_whole(out, content)
    return out


def check_place(
    out: str | os.PathLike[str], *, model: str | os.PathLike[str], overwrite: bool
) -> None:
    """Refuse, before any work, a place that a new checkpoint must not or cannot be written to.

    Raises
    ------
    SettingsError, TrainingError
        As `store_thresholds` does.
    """
    out = Path(out)
    if out.suffix.lower() != ".safetensors":
        raise SettingsError(f"{out} should end in .safetensors: give another name.")
    if not out.parent.is_dir():
        raise TrainingError(f"There is no folder {out.parent}: make it, or give another name.")
    if any(out.resolve().is_relative_to(place_of(entry).parent.resolve()) for entry in MODELS):
        raise SettingsError(
            f"{out} is where built-in and downloaded models lie, which stay as they are: give "
            "another folder."
        )
    if not out.exists():
        return
    asked = as_text(model).strip()
    source = local_file(asked, named=find_entry(asked) is not None)
    if source is not None and out.samefile(source):
        raise SettingsError(f"{out} is the model itself, which stays as it is: give another name.")
    if not overwrite:
        raise SettingsError(f"{out} exists: give another name, or allow it to be overwritten.")


def _telling(training: Mapping[str, Any], told: Mapping[str, Any] | None) -> dict[str, Any]:
    return {**training, **({} if told is None else {"thresholds": dict(told)})}
