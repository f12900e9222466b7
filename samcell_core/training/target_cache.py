"""Targets on disk: computed once for each label image, and found again by its content."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from contextlib import suppress
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import SettingsError, TrainingError
from samcell_core.files import refusal, replacing
from samcell_core.training.targets import Targets, make_targets

__all__ = ["TARGETS_VERSION", "TargetCache"]

TARGETS_VERSION = 2
"""To be raised whenever `make_targets` gives other numbers, so that no old ones are found."""

_ENDING = ".targets"


class TargetCache:
    """A folder of targets.

    Several processes may use it at the same time. A damaged entry is computed anew. Where no more
    can be written, targets are computed each time.

    Parameters
    ----------
    folder
        Is made where it is not there yet.
    limit
        Most bytes to keep. Above, what was not used for longest is dropped. No limit if not given.

    Raises
    ------
    SettingsError
        A limit of no bytes.
    TrainingError
        The folder cannot be made.

    Attributes
    ----------
    note
        Why targets could not be kept, in a sentence; empty where they could.
    """

    def __init__(self, folder: str | os.PathLike[str], *, limit: int | None = None) -> None:
        if limit is not None and limit < 1:
            raise SettingsError(f"limit={limit} is not allowed: give a number of bytes, or none.")
        self.folder = Path(folder)
        self.limit = limit
        self.note = ""
        self._lock = Lock()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TrainingError(
                f"The folder {folder} cannot keep targets ({error.strerror}): give another, or "
                "train without a cache."
            ) from error

    @classmethod
    def beside(cls, run: str | os.PathLike[str], *, limit: int | None = None) -> TargetCache:
        """The folder ``targets`` beside that of a run, so that other runs find it, too."""
        return cls(Path(run).absolute().parent / "targets", limit=limit)

    def targets(self, labels: NDArray[np.integer]) -> Targets:
        """What `make_targets` gives for these labels, from the disk where it is there.

        Raises
        ------
        ImageError
            They are no labels.
        """
        path = self.folder / f"{_key(labels)}{_ENDING}"
        found = _read(path, labels)
        if found is not None:
            with suppress(OSError):  # the time of its last use; others may just drop it
                os.utime(path)
            return found
        made = make_targets(labels)
        try:
            with replacing(path) as draft:
                draft.write_bytes(_packed(made, labels))
            if self.limit is not None:
                self._drop_old(self.limit)
        except OSError as error:
            self.note = f"Targets are not kept, and computed each time: {refusal(error)}"
        return made

    @property
    def size(self) -> int:
        """Bytes that the entries take."""
        return sum(size for _, size, _ in self._entries())

    def _drop_old(self, limit: int) -> None:
        with self._lock:
            entries = sorted(self._entries(), key=lambda entry: entry[0])
            total = sum(size for _, size, _ in entries)
            while total > limit and entries:
                _, size, path = entries.pop(0)
                with suppress(OSError):
                    path.unlink(missing_ok=True)
                total -= size

    def _entries(self) -> list[tuple[int, int, Path]]:
        """Time of the last use, size and path of each."""
        entries = []
        for path in self.folder.glob(f"*{_ENDING}"):
            with suppress(OSError):  # another process has just dropped it
                status = path.stat()
                entries.append((status.st_mtime_ns, status.st_size, path))
        return entries


def _key(labels: NDArray[np.integer]) -> str:
    labels = np.asarray(labels)
    digest = hashlib.sha256(f"{TARGETS_VERSION} {labels.dtype.str} {labels.shape}".encode())
    digest.update(np.ascontiguousarray(labels).data)
    return digest.hexdigest()


def _packed(targets: Targets, labels: NDArray[np.integer]) -> bytes:
    """Bytes of the targets; outside cells the distance is 0."""
    inside = np.asarray(labels) != 0
    stream = io.BytesIO()
    np.savez(
        stream,
        distance=targets.distance[inside],
        contact=np.packbits(targets.contact),
        diameter=targets.diameter,
        cut=targets.cut,
    )
    return stream.getvalue()


def _read(path: Path, labels: NDArray[np.integer]) -> Targets | None:
    """Targets of these labels, or nothing where there are none or they are damaged."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    inside = np.asarray(labels) != 0
    whole = np.zeros(inside.shape, np.float32)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:  # which looks at its checksums
            distance, contact, diameter, cut = (
                np.lib.format.read_array(io.BytesIO(archive.read(f"{name}.npy")))
                for name in ("distance", "contact", "diameter", "cut")
            )
        whole[inside] = distance
        touching = np.unpackbits(contact, count=inside.size).view(np.bool_).reshape(inside.shape)
    except Exception:  # a damaged archive raises whatever it likes
        return None
    return Targets(whole, touching, diameter, cut)
