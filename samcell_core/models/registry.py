"""The models that have a name, and the way from a name or a path to a checkpoint file."""

from __future__ import annotations

import difflib
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from samcell_core.errors import ModelError
from samcell_core.models.cache import Progress, models_folder, verify

__all__ = [
    "CHECKPOINT_SUFFIXES",
    "MODELS",
    "ListedModel",
    "ModelEntry",
    "as_text",
    "find_entry",
    "find_model",
    "list_models",
    "local_file",
    "place_of",
    "unknown_model",
]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ModelEntry:
    """A model that can be asked for by name.

    Attributes
    ----------
    name
        What people type.
    file
        Name of its file.
    url
        Where the file is published; empty for one that is part of this package.
    licence
        Licence of the weights, and whatever else limits their use.
    citation
        What to cite when publishing results made with it.
    summary
        One line: what it is for.
    sha256
        The published checksum; empty where none is known.
    size
        Size of the file in bytes, for people; ``None`` where unknown.
    peak, fill
        Its own thresholds, used where the settings say *auto* and its file says nothing of itself.
    """

    name: str
    file: str
    url: str
    licence: str
    citation: str
    summary: str
    sha256: str = ""
    size: int | None = None
    peak: float = 0.47
    fill: float = 0.09


@dataclass(frozen=True)
class ListedModel:
    """A named model, where its file lies or would lie, and whether it is there."""

    entry: ModelEntry
    path: Path
    present: bool


_SAMCELL_RELEASE = "https://github.com/saahilsanganeriya/SAMCell/releases/download/v1"
_SAMCELL_CITATION = (
    "VandeLoo AD, Malta NJ, Sanganeriya S, Aponte E, van Zyl C, Xu D, et al. (2025) SAMCell: "
    "Generalized label-free biological cell segmentation with segment anything. PLoS One 20(9): "
    "e0319532. https://doi.org/10.1371/journal.pone.0319532"
)

MODELS: tuple[ModelEntry, ...] = (
    ModelEntry(
        name="samcell-lite",
        file="samcell-lite.safetensors",
        url="",
        licence=(
            "BSD-3-Clause, as this package; trained on images under MIT (Usiigaci, (c) 2018 OIST), "
            "BSD-3-Clause (QPI, (c) 2020 tomasvicar) and CC0 (BBBC038, BBBC039)"
        ),
        citation="samcell-lite, the built-in model of samcell-suite (docs/samcell-lite.md)",
        summary="Small and built in: any cells, on any computer, in seconds.",
    ),
    ModelEntry(
        name="samcell-generalist",
        file="samcell-generalist.pt",
        url=f"{_SAMCELL_RELEASE}/samcell-generalist.pt",
        size=375_043_010,
        licence=(
            "MIT, as its authors publish it; trained on CC BY-NC data (LIVECell, Cellpose "
            "cytoplasm), so settle with the owners of the data before any commercial use"
        ),
        citation=_SAMCELL_CITATION,
        summary="SAMCell of the paper for label-free cells of any kind: the one to try first.",
    ),
    ModelEntry(
        name="samcell-cyto",
        file="samcell-cyto.pt",
        url=f"{_SAMCELL_RELEASE}/samcell-cyto.pt",
        licence=(
            "MIT, as its authors publish it; trained on CC BY-NC data (Cellpose cytoplasm), so "
            "settle with the owners of the data before any commercial use"
        ),
        citation=_SAMCELL_CITATION,
        summary="SAMCell of the paper, trained on cytoplasm images of many microscopes alone.",
    ),
)

CHECKPOINT_SUFFIXES = (".pt", ".pth", ".bin", ".safetensors")
"""Endings of the files that hold models."""

_HUGGING_FACE = ("model.safetensors", "pytorch_model.bin")
_BUILT_IN = Path(__file__).parent / "weights"


def find_model(
    name_or_path: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
    offline: bool | None = None,
) -> tuple[Path, ModelEntry | None]:
    """Find the checkpoint file of a model, downloading it where it has to be.

    Parameters
    ----------
    name_or_path
        A checkpoint file, or a folder that holds one, or the name of a model. What exists as a
        path wins over a name.
    progress
        Called during a download with the bytes that have arrived and those there are in all
        (``None`` where unknown).
    offline
        True never touches the network. ``None`` asks the environment variable
        ``SAMCELL_OFFLINE``.

    Returns
    -------
    tuple
        The file, and its entry where it was asked for by name.

    Raises
    ------
    ModelError
        Where there is no such file or model, or the file cannot be had or trusted.
    """
    asked = as_text(name_or_path).strip()
    entry = find_entry(asked)
    path = local_file(asked, named=entry is not None)
    if path is not None:
        return path, None
    if entry is None:
        raise unknown_model(asked)
    path = place_of(entry)
    if not path.is_file():
        if not entry.url:
            raise ModelError(
                f"{entry.name} is missing from this installation ({path}): install it again."
            )
        if _forbidden(offline):
            raise ModelError(
                f"{entry.name} is not on this computer and downloads are switched off "
                f"(SAMCELL_OFFLINE): fetch {entry.url} on another computer and save it as {path}"
            )
        # Only a download needs the network modules of Python, which are slow to import.
        from samcell_core.models.download import download

        # A warning, for these terms have to reach people who have set up no logging.
        logger.warning("Downloading %s to %s. Licence: %s.", entry.name, path, entry.licence)
        download(entry.url, path, sha256=entry.sha256, progress=progress)
    if entry.url:
        verify(path, entry.sha256)
    return path, entry


def list_models() -> list[ListedModel]:
    """Every named model with its place on this computer. Nothing is downloaded or read."""
    return [
        ListedModel(entry, place, place.is_file())
        for entry, place in ((entry, place_of(entry)) for entry in MODELS)
    ]


def as_text(name_or_path: object) -> str:
    """What was asked for as text; anything but text or a path is refused."""
    text = os.fspath(name_or_path) if isinstance(name_or_path, os.PathLike) else name_or_path
    if not isinstance(text, str):
        raise ModelError(
            f"{repr(name_or_path)[:200]} is no model: give the name of one, or the path of a "
            "checkpoint, as text."
        )
    return text


def find_entry(name: str) -> ModelEntry | None:
    """The model of that name; ``None`` where there is none."""
    return next((entry for entry in MODELS if entry.name == name.lower()), None)


def place_of(entry: ModelEntry) -> Path:
    """Where the file of a model lies or would lie."""
    return (models_folder() if entry.url else _BUILT_IN) / entry.file


def _forbidden(offline: bool | None) -> bool:
    if offline is not None:
        return offline
    word = os.environ.get("SAMCELL_OFFLINE", "").strip().lower()
    return word not in ("", "0", "false", "no", "off")


def local_file(asked: str, *, named: bool) -> Path | None:
    """The checkpoint file at a path; ``None`` where the path does not exist.

    Where ``named``, a folder without any checkpoint only happens to be called like a model.
    """
    try:
        # Not resolved: a Hugging Face cache links to files whose own names say nothing.
        path = Path(asked).expanduser().absolute()
        if not asked or not path.exists():
            return None
        if not path.is_dir():
            return path
        inside = sorted(
            p for p in path.iterdir() if p.suffix.lower() in CHECKPOINT_SUFFIXES and p.is_file()
        )
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ModelError(f"{asked[:200]!r} cannot be looked up ({reason}).") from error
    for usual in _HUGGING_FACE:
        if path / usual in inside:
            return path / usual
    if len(inside) == 1:
        return inside[0]
    if inside:
        names = ", ".join(p.name for p in inside)
        raise ModelError(f"{path} holds several checkpoints ({names}): name one of them.")
    if named:
        return None
    raise ModelError(f"{path} holds no checkpoint: one ends in {', '.join(CHECKPOINT_SUFFIXES)}.")


def unknown_model(asked: str) -> ModelError:
    """The error that says what there is instead of what was asked for."""
    names = [entry.name for entry in MODELS]
    looks_like_file = Path(asked).suffix.lower() in CHECKPOINT_SUFFIXES or any(
        s in asked for s in "/\\"
    )
    near = difflib.get_close_matches(Path(asked).name.lower(), names, n=2, cutoff=0.6)
    if looks_like_file:
        start = f"There is no file or folder {asked[:200]!r}"
    else:
        start = f"There is no model, file or folder {asked[:200]!r}"
    if near:
        return ModelError(f"{start}: did you mean the model {' or '.join(map(repr, near))}?")
    known = ", ".join(map(repr, names))
    return ModelError(f"{start}: known models are {known}, or give the path of a checkpoint.")
