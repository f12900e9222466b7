"""Distance maps on disk: predicted once for each image, and found again by what made them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from samcell_core._version import __version__
from samcell_core.engine import Segmenter
from samcell_core.errors import ImageError, SamcellError
from samcell_core.files import refusal, replacing, sha256_of
from samcell_core.settings import Settings

__all__ = ["Maps"]

_SEEN_BY_NETWORK = ("diameter", "scale", "channel", "axes", "intensity")
"""Settings that the distance map depends on; the others come after it."""


class Maps:
    """What predicts distance maps, and keeps them in a folder where it has one.

    A map is found again where the image's file, the model's file, the precision, the settings and
    the version of this package are the same. Models without a file keep no maps.

    Parameters
    ----------
    segmenter
        The model.
    settings
        How the image is prepared for it.
    folder
        Where maps are kept; nowhere if not given.

    Raises
    ------
    SamcellError
        The folder cannot be made or written to.
    """

    def __init__(
        self, segmenter: Segmenter, settings: Settings, folder: Path | None = None
    ) -> None:
        self._segmenter, self._settings = segmenter, settings
        self._folder = folder if segmenter.model.sha256 else None
        if self._folder is not None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise SamcellError(
                    f"The folder {self._folder} cannot keep distance maps "
                    f"({error.strerror or error}): give another place, or keep none."
                ) from error

    def get(
        self, image: Path, progress: Callable[[int, int], None] | None = None
    ) -> tuple[NDArray[np.float32], bool]:
        """Distance map of an image of one plane, and whether it was there already.

        Raises
        ------
        ImageError
            The image cannot be read, or is none.
        SamcellError
            The map cannot be kept.
        """
        place = None if self._folder is None else self._folder / f"{self._key(image)}.npy"
        kept = None if place is None else _read(place)
        if kept is not None:
            return kept, True
        predicted = self._segmenter.predict(image, self._settings, progress=progress)
        assert predicted is not None
        distance = predicted.reshape(predicted.shape[-2:]).astype(np.float32, copy=False)
        if place is not None:
            _write(place, distance)
        return distance, False

    def _key(self, image: Path) -> str:
        settings = self._settings.to_dict()
        made_with = {
            "version": __version__,
            "model": self._segmenter.model.sha256,
            "device": self._segmenter.device.partition(":")[0],
            "precision": self._segmenter.precision,
            "image": _checksum(image),
            **{name: settings[name] for name in _SEEN_BY_NETWORK},
        }
        return hashlib.sha256(json.dumps(made_with, sort_keys=True).encode()).hexdigest()


def _checksum(image: Path) -> str:
    try:
        return sha256_of(image)
    except OSError as error:
        raise ImageError(
            f"{image} cannot be opened ({error.strerror or error}): check it and its rights."
        ) from error


def _read(place: Path) -> NDArray[np.float32] | None:
    """Map that was kept; ``None`` where there is none, or it is damaged."""
    try:
        distance = np.load(place, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if not isinstance(distance, np.ndarray) or distance.ndim != 2 or distance.dtype != np.float32:
        return None
    return distance


def _write(place: Path, distance: NDArray[np.float32]) -> None:
    try:
        with replacing(place) as draft, draft.open("wb") as stream:
            np.save(stream, distance, allow_pickle=False)
    except OSError as error:
        raise SamcellError(f"A distance map cannot be kept: {refusal(error)}") from error
