"""Names of cells: unique, and sorted as the cells are."""

from __future__ import annotations

import re

from imagej_bridge.planes import Position

__all__ = ["UniqueNames", "as_file_name", "default_name", "in_one_line"]

_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\ud800-\udfff]')
_LONGEST = 120


class UniqueNames:
    """Gives each name as it is, or with a number behind it where it was given before.

    Names that differ in upper and lower case only count as the same, as they do for Windows.

    Examples
    --------
    >>> unique = UniqueNames()
    >>> [unique.add(name) for name in ("cell", "cell", "Cell")]
    ['cell', 'cell-2', 'Cell-3']
    """

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def add(self, name: str) -> str:
        """Return the name, made unique."""
        key = name.casefold()
        number = self._last.get(key, 0) + 1
        unique = name
        while number > 1 and (unique := f"{name}-{number}").casefold() in self._last:
            number += 1
        self._last[key] = number
        self._last.setdefault(unique.casefold(), 1)
        return unique


def default_name(label: int, position: Position) -> str:
    """Name of a cell by its number, and by its place in a stack.

    Examples
    --------
    >>> default_name(7, Position())
    'cell-0007'
    >>> default_name(7, Position(frame=3, plane=3))
    't003-cell-0007'
    """
    places = zip("tzc", (position.frame, position.slice, position.channel), strict=True)
    place = "".join(f"{letter}{number:03d}-" for letter, number in places if number)
    return f"{place}cell-{label:04d}"


def in_one_line(name: str) -> str:
    r"""Name with blanks for what cannot be printed, such as ends of lines.

    Examples
    --------
    >>> in_one_line("cell\n7 ")
    'cell 7'
    """
    return "".join(letter if letter.isprintable() else " " for letter in name).strip()


def as_file_name(name: str) -> str:
    """Name without what file systems refuse, and not too long.

    Examples
    --------
    >>> as_file_name("A/B: 1")
    'A_B_ 1'
    """
    return _UNFIT.sub("_", name)[:_LONGEST] or "_"
