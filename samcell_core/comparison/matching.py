"""Which file of one folder belongs to which of another: by name, as people mean it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from samcell_core.batch.inputs import natural, printable
from samcell_core.comparison.file_names import ImageNames, LabelNames, Names, grouped
from samcell_core.comparison.label_files import IMAGE_ENDINGS
from samcell_core.errors import SamcellError

__all__ = ["Ambiguity", "Match", "Matching", "match_images", "match_labels"]


@dataclass(frozen=True)
class Match:
    """Two files of one image.

    Attributes
    ----------
    name
        What to call it: that of the image itself where it is one of them.
    first, second
        The files.
    """

    name: str
    first: Path
    second: Path


@dataclass(frozen=True)
class Ambiguity:
    """Files that share a name, so that nobody can say which belong together."""

    name: str
    first: tuple[Path, ...]
    second: tuple[Path, ...]

    def __str__(self) -> str:
        files = ", ".join(printable(path.name) for path in (*self.first, *self.second))
        return f"several files are called {self.name!r} ({files}): keep one of them on each side"


@dataclass(frozen=True)
class Matching:
    """What belongs together, and what does not.

    Attributes
    ----------
    matches
        In an order that people expect (2 before 10).
    first_alone, second_alone
        Files without a partner.
    ambiguous
        Files with several possible partners.
    """

    matches: tuple[Match, ...]
    first_alone: tuple[Path, ...] = ()
    second_alone: tuple[Path, ...] = ()
    ambiguous: tuple[Ambiguity, ...] = ()


def match_labels(
    first: Path,
    second: Path,
    *,
    outlines: Collection[str] = (),
    endings: Collection[str] = (),
) -> Matching:
    """Match label files of two folders, or two files.

    Names are compared without their type and without endings such as ``_labels``, ``_cp_masks``
    or ``_RoiSet``; capital letters count only where they have to. Sub-folders must be the same.
    Where a folder holds a folder ``labels`` (or ``masks``, ``rois``, ``geojson``), as the results
    of a run do, that one is taken. Where it holds ``x_labels`` beside ``x``, the latter is an image
    and is left out.

    Parameters
    ----------
    first, second
        Two folders, or two files, which belong together whatever their names are.
    outlines
        Endings of files with outlines, such as ``.zip``.
    endings
        Further endings of names that are not compared, such as ``_Cells``.

    Raises
    ------
    SamcellError
        A path that cannot be read, or a file on one side and a folder on the other.
    """
    kinds = (*IMAGE_ENDINGS, *(ending for ending in outlines if ending != ".json"))
    return _match(first, second, LabelNames(kinds, endings), LabelNames(kinds, endings))


def match_images(
    labels: Path,
    images: Path,
    *,
    outlines: Collection[str] = (),
    endings: Collection[str] = (),
) -> Matching:
    """Match label files with the images they were made from, which may lie in the same folder.

    As `match_labels`; where a folder of images holds a folder ``images``, that one is taken.
    """
    kinds = (*IMAGE_ENDINGS, *(ending for ending in outlines if ending != ".json"))
    return _match(labels, images, LabelNames(kinds, endings), ImageNames(endings))


def _match(first: Path, second: Path, first_side: Names, second_side: Names) -> Matching:
    for path in (first, second):
        if not path.exists():
            raise SamcellError(f"{path} does not exist: check its name and folder.")
    if first.is_file() and second.is_file():
        name = printable(second_side.called(first.name, second.name))
        return Matching((Match(name, first, second),))
    if first.is_file() or second.is_file():
        file, folder = (first, second) if first.is_file() else (second, first)
        raise SamcellError(
            f"{file} is a file and {folder} a folder: give two files, or two folders."
        )
    roots = first_side.root(first), second_side.root(second)
    left, right = first_side.files(roots[0]), second_side.files(roots[1])
    return _by_names(roots, (left, right), (first_side, second_side))


def _by_names(
    roots: tuple[Path, Path], names: tuple[list[str], list[str]], sides: tuple[Names, Names]
) -> Matching:
    """Match what is equal letter by letter first, then ever more loosely."""
    matches: list[Match] = []
    unclear: list[Ambiguity] = []
    left, right = names
    rules = list(zip(sides[0].keys(), sides[1].keys(), strict=True))
    for number, rule in enumerate(rules, start=1):
        mine, theirs = grouped(left, rule[0]), grouped(right, rule[1])
        for key in mine.keys() & theirs.keys():
            paths = (
                tuple(roots[0] / name for name in mine[key]),
                tuple(roots[1] / name for name in theirs[key]),
            )
            if len(mine[key]) == len(theirs[key]) == 1:
                name = printable(sides[1].called(mine[key][0], theirs[key][0]))
                matches.append(Match(name, paths[0][0], paths[1][0]))
            elif number == len(rules):
                unclear.append(Ambiguity(printable(key), *paths))
            else:
                continue
            left = [name for name in left if name not in mine[key]]
            right = [name for name in right if name not in theirs[key]]
    return Matching(
        tuple(sorted(_told_apart(matches, roots[1]), key=lambda match: natural(match.name))),
        tuple(roots[0] / name for name in sorted(left, key=natural)),
        tuple(roots[1] / name for name in sorted(right, key=natural)),
        tuple(sorted(unclear, key=lambda ambiguity: natural(ambiguity.name))),
    )


def _told_apart(matches: Sequence[Match], root: Path) -> list[Match]:
    """Matches with names of their own: where only the type of the files differs, with it."""
    count = Counter(match.name for match in matches)
    return [
        match
        if count[match.name] == 1
        else replace(match, name=printable(match.second.relative_to(root).as_posix()))
        for match in matches
    ]
