"""Reading tensors from a file, never code, with an error that says what is wrong with it."""

from __future__ import annotations

import json
import pickle
import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from samcell_core.errors import ModelError
from samcell_core.models.registry import CHECKPOINT_SUFFIXES

__all__ = ["read_tensors"]

# Where training programs put the weights inside a larger dictionary.
_WRAPPERS = ("state_dict", "model_state_dict", "model")


def read_tensors(path: str | Path) -> dict[str, Tensor]:
    """Tensors of a checkpoint by name.

    Those of ``.safetensors`` and of zip-based torch files are mapped from the disk, not loaded.
    """
    path = Path(path)
    if path.is_dir():
        raise ModelError(f"{path} is a folder: give the checkpoint file inside it.")
    if not path.is_file():
        raise ModelError(f"There is no checkpoint {path}: check the path.")
    if path.suffix.lower() not in CHECKPOINT_SUFFIXES:
        raise ModelError(
            f"{path} is not a checkpoint: its name should end in "
            + ", ".join(CHECKPOINT_SUFFIXES[:-1])
            + f" or {CHECKPOINT_SUFFIXES[-1]}."
        )
    start = _first_bytes(path)
    if not start:
        raise ModelError(f"{path} is empty: download or copy it again.")
    if _is_web_page(start):
        raise ModelError(
            f"{path} is a web page, not a checkpoint (the link led to a page about the file): "
            "download the file itself."
        )
    if path.suffix.lower() == ".safetensors" or _is_safetensors(start):
        return _read_safetensors(path)
    if start.lstrip()[:1] in (b"{", b"["):
        raise ModelError(f"{path} is a text (JSON), not a checkpoint: download the file itself.")
    return _read_torch(path, start)


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(512)
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror}): check its permissions."
        ) from error


def _is_web_page(start: bytes) -> bool:
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return text.startswith((b"<!doctype", b"<html", b"<head", b"<?xml"))


def _is_safetensors(start: bytes) -> bool:
    return start[8:9] == b"{" and start[:8].endswith(b"\0\0\0")


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            names = file.keys()
            return {name: file.get_tensor(name) for name in names}
    except (SafetensorError, OSError, json.JSONDecodeError, RuntimeError) as error:
        raise ModelError(
            f"{path} is not a whole safetensors file ({_reason(error)}): download or copy it again."
        ) from error


def _read_torch(path: Path, start: bytes) -> dict[str, Tensor]:
    is_zip = zipfile.is_zipfile(path)
    if start.startswith(b"PK") and not is_zip:
        raise ModelError(
            f"{path} is cut short (the end of the archive is missing): download or copy it again."
        )
    try:
        with warnings.catch_warnings():
            # Only says that a mapped file must not be written to; nothing here does.
            warnings.simplefilter("ignore", UserWarning)
            content = torch.load(path, map_location="cpu", weights_only=True, mmap=is_zip)
    except pickle.UnpicklingError as error:
        raise ModelError(
            f"{path} holds more than tensors, or is no torch file, and was not opened because it "
            "could run a stranger's code: save its state_dict alone, or convert it to .safetensors."
        ) from error
    except Exception as error:
        # torch raises whatever its unpickler stumbled over: EOFError, KeyError, RuntimeError...
        raise ModelError(
            f"{path} cannot be read as a torch checkpoint ({_reason(error)}): "
            "download or copy it again."
        ) from error
    return _tensors_only(path, content)


def _tensors_only(path: Path, content: Any) -> dict[str, Tensor]:
    inner: Any = content
    while isinstance(inner, dict):
        content = inner
        inner = next((content[w] for w in _WRAPPERS if isinstance(content.get(w), dict)), None)
    if not isinstance(content, dict) or not content:
        raise ModelError(f"{path} holds no tensors by name: it is not the state_dict of a model.")
    wrong = [str(name) for name, tensor in content.items() if not isinstance(tensor, Tensor)]
    if wrong:
        raise ModelError(
            f"{path} is not the state_dict of a model: {wrong[0]!r} in it is not a tensor."
        )
    odd = [n for n, t in content.items() if t.layout != torch.strided or t.device.type == "meta"]
    if odd:
        raise ModelError(f"{path} cannot be used: {str(odd[0])!r} in it is not a plain tensor.")
    return {str(name): tensor for name, tensor in content.items()}


def _reason(error: BaseException) -> str:
    """First line of a library's message, short enough for a sentence."""
    line = str(error).strip().split("\n")[0] or type(error).__name__
    return line if len(line) <= 160 else line[:157] + "..."
