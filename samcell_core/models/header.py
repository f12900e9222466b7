"""The header of this project's checkpoints: JSON in the metadata of a safetensors file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from samcell_core.errors import ModelError

__all__ = ["HEADER_KEY", "NETWORKS", "damaged_header", "read_header", "threshold_of"]

HEADER_KEY = "samcell"
"""Entry of the metadata that holds it."""

NETWORKS = ("lite", "samcell")
"""The networks whose checkpoints have one."""


def read_header(path: Path, *networks: str) -> dict[str, Any] | None:
    """Header of a checkpoint of these networks; ``None`` where it is of another, or has none.

    Raises
    ------
    ModelError
        The header is damaged, or of a network that this version does not know.
    """
    try:
        with safe_open(path, framework="np") as file:
            text = (file.metadata() or {}).get(HEADER_KEY)
    except (SafetensorError, OSError):
        return None
    if text is None:
        return None
    try:
        values: dict[str, Any] = json.loads(text)
        found = values["network"]
    except (KeyError, TypeError, ValueError) as error:
        raise damaged_header(path, error) from error
    if found not in NETWORKS:
        raise ModelError(
            f"{path} holds a network {found!r}, which this version does not know: "
            "update samcell-suite."
        )
    return values if found in networks else None


def damaged_header(path: Path, error: Exception) -> ModelError:
    """The error that says so."""
    return ModelError(f"{path} is damaged: its header does not describe a network ({error}).")


def threshold_of(value: Any) -> float:
    """A threshold from a header. Raises `ValueError` where it is none."""
    number = float(value)
    if not 0 < number < 1:
        raise ValueError(f"a threshold of {number}")
    return number
