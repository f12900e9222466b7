"""The models that have a name, and the way from a name or a path to a checkpoint file."""

from __future__ import annotations

import difflib
import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from samcell_core.errors import ModelError
from samcell_core.models.cache import beside, exclusive, models_folder, sha256_of, verify

if TYPE_CHECKING:
    from samcell_core.models.download import Progress

__all__ = [
    "CHECKPOINT_SUFFIXES",
    "MODELS",
    "ListedModel",
    "ModelEntry",
    "find_model",
    "import_model",
    "list_models",
    "remove_model",
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
        Its own thresholds, used where the settings say *auto*.
    diameter
        Diameter in pixels of the cells it knows; ``None`` where any size will do.
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
    diameter: float | None = None


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
    asked = os.fspath(name_or_path).strip()
    entry = _entry(asked)
    path = _local_file(asked, named=entry is not None)
    if path is not None:
        return path, None
    if entry is None:
        raise _unknown(asked)
    path = _place(entry)
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

        logger.info("Downloading %s to %s. Licence: %s.", entry.name, path, entry.licence)
        download(entry.url, path, sha256=entry.sha256, progress=progress)
    if entry.url:
        verify(path, entry.sha256)
    return path, entry


def list_models() -> list[ListedModel]:
    """Every named model with its place on this computer. Nothing is downloaded or read."""
    return [
        ListedModel(entry, place, place.is_file())
        for entry, place in ((entry, _place(entry)) for entry in MODELS)
    ]


def import_model(name: str, path: str | os.PathLike[str]) -> Path:
    """Place a file that came by another way under the name of a model.

    Parameters
    ----------
    name
        The name of a model that would be downloaded.
    path
        Its file, or a folder that holds it. It is copied, and its checksum is verified against
        the published one, or recorded where none is known.

    Returns
    -------
    Path
        The copy.
    """
    entry = _downloadable(name)
    source = _local_file(os.fspath(path), named=False)
    if source is None:
        raise ModelError(f"There is no checkpoint {os.fspath(path)!r} to place as {entry.name}.")
    if source.suffix.lower() != Path(entry.file).suffix:
        raise ModelError(
            f"{source} is not of the kind of {entry.file}: use it by its path instead of the name "
            f"{entry.name}."
        )
    target = _place(entry)
    try:
        actual = sha256_of(source)
        if entry.sha256 and actual != entry.sha256.lower():
            raise ModelError(
                f"{source} is not the published {entry.name}: its sha256 is {actual}, published "
                f"is {entry.sha256.lower()}."
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        with exclusive(target):
            if not target.exists():
                _copy(source, target)
            elif sha256_of(target) != actual:
                raise ModelError(
                    f"{entry.name} is on this computer already, as another file ({target}): "
                    "remove that one first."
                )
    except OSError as error:
        raise ModelError(
            f"{source} cannot be copied to {target} ({error.strerror or error}): free some space "
            "or set SAMCELL_HOME to another folder."
        ) from error
    verify(target, entry.sha256)
    return target


def remove_model(name: str) -> bool:
    """Delete a downloaded model with its record and any unfinished download of it.

    Returns
    -------
    bool
        Whether there was anything to delete.
    """
    target = _place(_downloadable(name))
    if not target.parent.is_dir():
        return False
    try:
        with exclusive(target):
            family = [target, *(beside(target, end) for end in (".json", ".part", ".part.json"))]
            found = [path for path in family if path.exists()]
            for path in found:
                path.unlink()
    except OSError as error:
        raise ModelError(f"{target} cannot be deleted ({error.strerror or error}).") from error
    return bool(found)


def _copy(source: Path, target: Path) -> None:
    draft = beside(target, f".import-{os.urandom(4).hex()}")
    try:
        shutil.copyfile(source, draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _entry(name: str) -> ModelEntry | None:
    return next((entry for entry in MODELS if entry.name == name.lower()), None)


def _place(entry: ModelEntry) -> Path:
    return (models_folder() if entry.url else _BUILT_IN) / entry.file


def _downloadable(name: str) -> ModelEntry:
    entry = _entry(name.strip())
    if entry is None:
        raise _unknown(name)
    if not entry.url:
        raise ModelError(f"{entry.name} is part of this program: it is neither placed nor removed.")
    return entry


def _forbidden(offline: bool | None) -> bool:
    if offline is not None:
        return offline
    word = os.environ.get("SAMCELL_OFFLINE", "").strip().lower()
    return word not in ("", "0", "false", "no", "off")


def _local_file(asked: str, *, named: bool) -> Path | None:
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


def _unknown(asked: str) -> ModelError:
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
