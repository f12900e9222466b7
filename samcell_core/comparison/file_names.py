"""What the name of a file says: which image it belongs to, and whether it holds labels."""

from __future__ import annotations

import os
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable
from pathlib import Path, PurePosixPath

from samcell_core.comparison.label_files import IMAGE_ENDINGS
from samcell_core.errors import SamcellError

__all__ = ["ImageNames", "LabelNames", "Names", "grouped"]

_MICROSCOPE_ENDINGS = (*IMAGE_ENDINGS, ".jpg", ".jpeg", ".lsm", ".stk", ".nd2", ".czi", ".lif")
_SUFFIX = re.compile(
    r"(?:\.ome\.tiff?|\.ome\.btf|\.tiff?|\.btf|\.png|\.bmp|\.npy|\.jpe?g|\.lsm|\.stk|\.nd2|\.czi"
    r"|\.lif|\.zip|\.roi|\.geojson|\.json)$",
    re.IGNORECASE,
)
# `1.tif` and `1.png` of one folder become `1_tif` and `1_png` in the results of a run.
_WORN_SUFFIX = re.compile(r"[._](?:tiff?|png|bmp|npy|jpe?g|lsm|stk|nd2|czi|lif)$", re.IGNORECASE)
_LABEL_ENDING = re.compile(
    r"(?:^|[_\-. ])(?:(?:cp_)?masks?|labels?|labelled|objects?|segmentation|roi_?set|rois"
    r"|truth|ground_?truth|gt)$",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(r"^(?:man_seg|mask)(?=\d+$)", re.IGNORECASE)  # Cell Tracking Challenge
_IMAGE_ENDING = re.compile(r"(?:^|[_\-. ])(?:image|img|raw)$", re.IGNORECASE)
# Pictures that programs leave beside labels.
_NEITHER = re.compile(r"(?:_flows|_outlines|_overlay|_distance|_seg\.npy)$", re.IGNORECASE)


class Names(ABC):
    """How the names of one side are read.

    Attributes
    ----------
    inner
        Where a folder holds one of these, the first of them is meant instead.
    kinds
        Endings of the files that count.
    wants_marked
        Whether, of files of one image, those count whose names say that they hold labels, or the
        others.
    """

    inner: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    wants_marked = True

    def __init__(self, endings: Collection[str] = ()) -> None:
        longest_first = sorted(filter(None, endings), key=len, reverse=True)
        self._endings = re.compile(
            f"(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})$", re.IGNORECASE
        )

    def root(self, folder: Path) -> Path:
        """The folder that is meant: results of a run have their labels in one of their own."""
        inside = (folder / name for name in self.inner)
        return next((path for path in inside if path.is_dir()), folder)

    def files(self, root: Path) -> list[str]:
        """Files below a folder, as paths that start there."""
        names = [name for name in _walk(root) if name.lower().endswith(self.kinds)]
        chosen = []
        for group in grouped([n for n in names if not _is_neither(n)], self.bare).values():
            chosen += [n for n in group if self.marked(n) == self.wants_marked] or group
        return chosen

    def keys(self) -> tuple[Callable[[str], str], ...]:
        """Ways to read a name, the strictest first; equal ones belong together."""
        return _as_it_is, _without_suffix, self.worn, self.bare, self.barest

    @abstractmethod
    def worn(self, name: str) -> str:
        """Name as the results of a run would have it, where files differ in their type only."""

    @abstractmethod
    def called(self, first: str, second: str) -> str:
        """What to call the image of two files, the second of which is of this side."""

    def bare(self, name: str) -> str:
        """Name without its type and the endings that do not tell images apart."""
        return _folded(name, self._bare)

    def barest(self, name: str) -> str:
        """Bare name without what stands for the type of the image, such as ``_tif``."""
        return _folded(name, lambda stem: self._bare(_WORN_SUFFIX.sub("", self._bare(stem))))

    def marked(self, name: str) -> bool:
        """Whether a name says that the file holds labels."""
        stem = _stem(PurePosixPath(name).name)
        return _without_label_marks(stem) != stem or bool(self._endings.search(stem))

    def _bare(self, stem: str) -> str:
        shorter = self._endings.sub("", stem) or stem
        return _without_label_marks(shorter) or shorter


class LabelNames(Names):
    """Label files, without the images that lie beside them."""

    inner = ("labels", "masks", "rois", "geojson")

    def __init__(self, kinds: tuple[str, ...], endings: Collection[str]) -> None:
        super().__init__(endings)
        self.kinds = kinds

    def worn(self, name: str) -> str:
        """Name as it is: results of a run are named so already."""
        return _without_suffix(name)

    def called(self, first: str, second: str) -> str:
        """The shorter of both names, which has fewer endings."""
        return min(_without_suffix(first), _without_suffix(second), key=len)


class ImageNames(Names):
    """Microscope images, without the labels that lie beside them."""

    inner = ("images",)
    kinds = _MICROSCOPE_ENDINGS
    wants_marked = False

    def worn(self, name: str) -> str:
        """Name with its type, as in ``1_tif``."""
        before, _, suffix = name.rpartition(".")
        return f"{before}_{suffix}"

    def called(self, first: str, second: str) -> str:  # noqa: ARG002
        """The name of the image."""
        return second

    def _bare(self, stem: str) -> str:
        return super()._bare(_IMAGE_ENDING.sub("", stem) or stem)


def grouped(names: Iterable[str], key: Callable[[str], str]) -> dict[str, list[str]]:
    """Names by what a way to read them makes of them."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(key(name), []).append(name)
    return groups


def _walk(root: Path) -> list[str]:
    """Files below a folder, hidden ones and the results of runs left out."""

    def refuse(error: OSError) -> None:
        raise SamcellError(
            f"The folder {error.filename} cannot be read ({error.strerror}): check its rights."
        ) from error

    files = []
    for place, folders, names in os.walk(root, onerror=refuse):
        here = Path(place)
        folders[:] = [
            name
            for name in sorted(folders)
            if not name.startswith((".", "__MACOSX")) and not (here / name / "run.json").is_file()
        ]
        files += [(here / name).relative_to(root).as_posix() for name in names if name[:1] != "."]
    return sorted(files)


def _is_neither(name: str) -> bool:
    return bool(_NEITHER.search(name) or _NEITHER.search(_without_suffix(name)))


def _as_it_is(name: str) -> str:
    return name


def _stem(name: str) -> str:
    return _SUFFIX.sub("", name) or name


def _without_suffix(name: str) -> str:
    path = PurePosixPath(name)
    return str(path.with_name(_stem(path.name)))


def _folded(name: str, bare: Callable[[str], str]) -> str:
    """Folders and bare name, alike where a file system takes them for one."""
    path = PurePosixPath(name)
    whole = str(path.with_name(bare(_stem(path.name)) or path.name))
    return unicodedata.normalize("NFC", whole).casefold()


def _without_label_marks(stem: str) -> str:
    return _LABEL_ENDING.sub("", _CHALLENGE.sub("", stem))
