"""Finding the images that are to be segmented: results of earlier runs are never among them."""

from __future__ import annotations

import fnmatch
import functools
import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from samcell_core.batch.folders import RESULT_FOLDERS, WORK, is_out, result_above
from samcell_core.errors import SamcellError
from samcell_core.files import expanded, sha256_of
from samcell_core.images import files_of_image

__all__ = [
    "IMAGE_SUFFIXES",
    "Found",
    "Problem",
    "Source",
    "find_inputs",
    "natural",
    "printable",
]

IMAGE_SUFFIXES = (
    *(".tif", ".tiff", ".btf", ".tf8", ".lsm", ".stk", ".png", ".jpg", ".jpeg", ".bmp", ".npy"),
    *(".nd2", ".czi", ".lif"),
)
"""Endings of the files that are taken from a folder."""


@dataclass(frozen=True)
class Source:
    """An image file.

    Attributes
    ----------
    path
        Where it lies, absolute.
    parts
        Its folders and file name below the folder that was asked for, for people and for OUT.
    """

    path: Path
    parts: tuple[str, ...]

    @property
    def shown(self) -> str:
        """What tables and messages call it; bytes that are no text are replaced."""
        return printable("/".join(self.parts))

    def checksum(self) -> str:
        """SHA-256 of the file; of several files that make up the image, that of their SHA-256."""
        each = [sha256_of(path) for path in files_of_image(self.path)]
        return each[0] if len(each) == 1 else hashlib.sha256("\n".join(each).encode()).hexdigest()


@dataclass(frozen=True)
class Problem:
    """Something that was asked for and cannot be looked into, and why."""

    shown: str
    reason: str


@dataclass(frozen=True)
class Found:
    """What a search found."""

    sources: tuple[Source, ...]
    problems: tuple[Problem, ...]


def find_inputs(
    inputs: Sequence[Path],
    *,
    out: Path,
    recursive: bool = False,
    pattern: str | None = None,
) -> Found:
    """Find images in files and folders, in an order that people expect (2 before 10).

    Of files that OME-TIFF or Micro-Manager link to one image, one is taken: the one that it begins
    in, else the first one found. The notes of that image say which files it is made of.

    Parameters
    ----------
    inputs
        Files are taken whatever their names are, folders are searched.
    out
        Where results will go: what is in its folders of results is no input.
    recursive
        Search sub-folders, too. Links are followed, each folder is visited once.
    pattern
        Take from folders only files whose name matches, such as ``*_phase.tif``. A pattern that
        ends in a suffix takes files with any suffix, else only those of images.

    Raises
    ------
    SamcellError
        An input does not exist, is no file or folder, or is itself a result; there are no images.
    """
    search = _Search(out.absolute(), recursive=recursive, pattern=pattern)
    paths = list(dict.fromkeys(_absolute(given) for given in inputs))
    top = _top(paths)
    sources: dict[Path, Source] = {}
    for path in paths:
        _check(path)
        parts = () if path == top else path.relative_to(top).parts if top else path.parts[1:]
        if path.is_dir():
            for source in search.folder(path, parts):
                sources.setdefault(source.path, source)
        else:
            sources.setdefault(path, Source(path, parts))
    ordered = sorted(sources.values(), key=lambda each: [natural(part) for part in each.parts])
    found = Found(tuple(search.distinct(_each_once(ordered))), tuple(search.problems))
    if not found.sources and not found.problems:
        wanted = pattern or "*" + ", *".join(IMAGE_SUFFIXES)
        deeper = "" if recursive else " (its sub-folders only with --recursive)"
        raise SamcellError(
            f"There are no images in {', '.join(printable(str(path)) for path in paths)}{deeper}: "
            f"looked for {wanted}."
        )
    return found


class _Search:
    """One walk over folders: what it has visited, and what stood in its way."""

    def __init__(self, out: Path, *, recursive: bool, pattern: str | None) -> None:
        self._out = out
        self._recursive = recursive
        self._pattern = pattern
        names_suffix = pattern is not None and re.fullmatch(r"\.\w+", Path(pattern).suffix)
        self._any_suffix = bool(names_suffix)
        self._visited: set[tuple[int, int]] = set()
        self.problems: list[Problem] = []

    def folder(self, folder: Path, parts: tuple[str, ...]) -> Iterator[Source]:
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in self._visited:
                return
            self._visited.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            self._note(parts or (folder.name,), f"the folder cannot be read ({_why(error)})")
            return
        skipped = RESULT_FOLDERS if self._holds_results(folder) else ()
        for entry in entries:
            here = (*parts, entry.name)
            if entry.name.startswith(".") or entry.name == WORK:
                continue
            try:
                if entry.is_dir():
                    if self._recursive and entry.name not in skipped:
                        yield from self.folder(folder / entry.name, here)
                elif self._wanted(entry.name):
                    if entry.is_file():
                        yield Source(folder / entry.name, here)
                    elif entry.is_symlink():
                        self._note(here, "the link leads nowhere")
            except OSError as error:  # a link to itself
                if self._wanted(entry.name):
                    self._note(here, f"it cannot be looked up ({_why(error)})")

    def distinct(self, sources: Sequence[Source]) -> Iterator[Source]:
        """Those that people can tell apart."""
        seen: set[str] = set()
        for source in sources:
            if source.shown in seen:
                self._note(
                    source.parts, "its name looks like that of another image: rename one of them"
                )
                continue
            seen.add(source.shown)
            yield source

    def _holds_results(self, folder: Path) -> bool:
        return is_out(folder) or folder == self._out or _same(folder, self._out)

    def _wanted(self, name: str) -> bool:
        # A Mac may store an umlaut as a letter and its dots.
        if self._pattern is not None and not fnmatch.fnmatch(_nfc(name), _nfc(self._pattern)):
            return False
        return self._any_suffix or name.lower().endswith(IMAGE_SUFFIXES)

    def _note(self, parts: tuple[str, ...], reason: str) -> None:
        self.problems.append(Problem(printable("/".join(parts)), reason))


def printable(text: str) -> str:
    """Text that can be written as UTF-8 on one line."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return "".join("?" if unicodedata.category(letter) == "Cc" else letter for letter in text)


def natural(name: str) -> list[tuple[int, int, str]]:
    """Return a sorting key in which numbers count as numbers."""
    key: list[tuple[int, int, str]] = []
    for part in re.split(r"(\d+)", name.casefold()):
        key.append((0, int(part), "") if part.isdecimal() else (1, 0, part))
    return [*key, (1, 0, name)]


def _each_once(sources: Sequence[Source]) -> list[Source]:
    """Images without the files that are read as parts of others."""
    files_of = functools.cache(files_of_image)
    at: dict[str, Source] = {}
    kept: set[str] = set()
    parts: set[str] = set()
    for source in sources:
        if parts and _place(source.path) in parts:
            continue
        if len(files_of(source.path)) == 1:
            continue
        files = [_place(path) for path in files_of(source.path)]
        at = at or {_place(each.path): each for each in sources}
        first = at.get(files[0], source)
        # It may not know of the others.
        knows = {_place(path) for path in files_of(first.path)} == set(files)
        kept.add(_place((first if knows else source).path))
        parts.update(files)
    left_out = parts - kept
    return [each for each in sources if not left_out or _place(each.path) not in left_out]


def _place(path: Path) -> str:
    """Where a file really is, the same for names that some file system takes for one."""
    return os.path.normcase(_nfc(os.path.realpath(path)))


def _nfc(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _absolute(path: Path) -> Path:
    # Not resolved: people know a link by its own name.
    return Path(os.path.abspath(expanded(path)))  # noqa: PTH100 - removes "..", links stay


def _top(paths: Sequence[Path]) -> Path | None:
    """The folder whose sub-folders are mirrored: a single folder itself, else that above all."""
    if len(paths) == 1:
        return paths[0] if paths[0].is_dir() else paths[0].parent
    try:
        return Path(os.path.commonpath([path.parent for path in paths]))
    except ValueError:  # on several drives, or none at all
        return None


def _check(path: Path) -> None:
    shown = printable(str(path))
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise SamcellError(
            f"{shown} cannot be found ({_why(error)}): check its name and folder."
        ) from error
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        raise SamcellError(f"{shown} is neither a file nor a folder: give images.")
    result = result_above(path)
    if result is not None:
        raise SamcellError(
            f"{shown} is a result of an earlier run (in {result}): give the images themselves."
        )


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _why(error: OSError) -> str:
    return error.strerror or str(error)
