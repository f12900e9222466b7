"""Putting the file of a named model in its place by hand, and deleting it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from samcell_core.errors import ModelError
from samcell_core.files import replacing
from samcell_core.models.cache import beside, exclusive, sha256_of, verify
from samcell_core.models.registry import (
    ModelEntry,
    as_text,
    find_entry,
    local_file,
    place_of,
    unknown_model,
)

__all__ = ["import_model", "remove_model"]


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
    source = local_file(as_text(path), named=False)
    if source is None:
        raise ModelError(f"There is no checkpoint {as_text(path)!r} to place as {entry.name}.")
    if source.suffix.lower() != Path(entry.file).suffix:
        raise ModelError(
            f"{source} is not of the kind of {entry.file}: use it by its path instead of the name "
            f"{entry.name}."
        )
    target = place_of(entry)
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
                with replacing(target) as draft:
                    shutil.copyfile(source, draft)
            elif sha256_of(target) != actual:
                raise ModelError(
                    f"{entry.name} is on this computer already, as another file ({target}): "
                    f"remove that one first, with remove_model({entry.name!r})."
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
    target = place_of(_downloadable(name))
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


def _downloadable(name: str) -> ModelEntry:
    name = as_text(name)
    entry = find_entry(name.strip())
    if entry is None:
        raise unknown_model(name)
    if not entry.url:
        raise ModelError(f"{entry.name} is part of this program: it is neither placed nor removed.")
    return entry
