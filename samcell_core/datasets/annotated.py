"""Images with their labels, whatever the labels lie in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from samcell_core.datasets.outlines import OUTLINE_ENDINGS, RoiOutlines
from samcell_core.errors import ImageError
from samcell_core.files import sha256_of
from samcell_core.training.pairs import Pair
from samcell_core.training.reading import read_pair

__all__ = ["Annotated", "Dataset", "annotated"]


@dataclass(frozen=True)
class Annotated(Pair):
    """An image and its labels, of any kind: a `Pair` that can be read.

    Its attribute ``labels`` is the file that the labels are in: a label image, a set of ROIs, or a
    COCO file that holds those of other images, too.
    """

    def read(self) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
        """Image in 8 bits and labels 1..n, as `samcell_core.training` takes them.

        Raises
        ------
        ImageError
            One of the files cannot be read, is not what it should be, or does not fit the other.
        """
        return read_pair(self)

    def key(self) -> str:
        """Checksum of the image's file and of what labels it: equal where the content is.

        Raises
        ------
        ImageError
            One of the files cannot be read.
        """
        try:
            image = sha256_of(self.image)
            labels = sha256_of(self.labels) if self.annotation is None else self.annotation.digest()
        except OSError as error:
            raise ImageError(
                f"{error.filename or self.image} cannot be opened ({error.strerror or error}): "
                "check it and its rights."
            ) from error
        return hashlib.sha256(f"{image} {labels}".encode()).hexdigest()


@dataclass(frozen=True)
class Dataset(Sequence[Annotated]):
    """Annotated images, in the order of their names.

    Attributes
    ----------
    kind
        How they are annotated: ``pairs``, ``manifest``, ``coco``, ``cellpose``, ``roi`` or
        ``cellprofiler``.
    items
        The images.
    unlabelled
        Images without labels, left out.
    notes
        Things worth knowing, each a sentence.
    """

    kind: str
    items: tuple[Annotated, ...]
    unlabelled: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Annotated]:
        return iter(self.items)

    @overload
    def __getitem__(self, index: int) -> Annotated: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Annotated]: ...
    def __getitem__(self, index: int | slice) -> Annotated | Sequence[Annotated]:
        return self.items[index]


def annotated(pairs: Iterable[Pair]) -> tuple[Annotated, ...]:
    """Pairs that can be read, also those whose labels are outlines."""
    return tuple(_with_outlines(_as_annotated(pair)) for pair in pairs)


def _as_annotated(pair: Pair) -> Annotated:
    return Annotated(**{field.name: getattr(pair, field.name) for field in fields(Pair)})


def _with_outlines(item: Annotated) -> Annotated:
    if item.annotation is None and item.labels.suffix.lower() in OUTLINE_ENDINGS:
        return replace(item, annotation=RoiOutlines(item.labels))
    return item
