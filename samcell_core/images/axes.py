"""Which axis of an image is which: said by the user or the file, else told from the shape."""

from __future__ import annotations

from samcell_core.errors import ImageError

__all__ = ["LETTERS", "normalise_axes", "tell_axes", "unexplained_axes"]

LETTERS = "TZCYXS"
_MEANING = "T time, Z depth, C channel, Y row, X column, S samples of RGB"
_EXAMPLES = {3: "TYX", 4: "TCYX", 5: "TZCYX", 6: "TZCYXS"}


def normalise_axes(axes: str, shape: tuple[int, ...], name: str) -> str:
    """Axes in upper case and in the letters of this project, checked against the shape.

    One other letter in front of Y and X (tifffile's ``Q`` and ``I``, a position ``P``) becomes
    ``T``: its planes are segmented one by one all the same.
    """
    letters = axes.strip().upper()
    unknown = [letter for letter in letters if letter not in LETTERS]
    if len(unknown) == 1 and unknown[0].isalpha() and "T" not in letters:
        position = letters.index(unknown[0])
        if position < min(letters.find("Y"), letters.find("X")):
            letters = letters.replace(unknown[0], "T")
            unknown = []
    if unknown:
        raise ImageError(
            f"axes={axes!r} of {name} has letters without a meaning here "
            f"({', '.join(unknown)}): give axes= in the letters {', '.join(LETTERS)} ({_MEANING})."
        )
    repeated = sorted({letter for letter in letters if letters.count(letter) > 1})
    if repeated:
        raise ImageError(
            f"axes={axes!r} of {name} names {' and '.join(repeated)} more than once: "
            f"give axes= with each letter once ({_MEANING})."
        )
    if "Y" not in letters or "X" not in letters:
        raise ImageError(
            f"axes={axes!r} of {name} lacks Y or X: give axes= with both, such as 'YX' "
            f"({_MEANING})."
        )
    if len(letters) != len(shape):
        raise ImageError(
            f"axes={axes!r} names {len(letters)} axes, but {name} has {len(shape)} "
            f"(its shape is {shape}): give axes= with one letter for each."
        )
    return letters


def tell_axes(shape: tuple[int, ...], name: str) -> str:
    """Axes of an array about which only its shape is known."""
    if len(shape) == 2:
        return "YX"
    if len(shape) == 3 and shape[-1] in (3, 4):
        return "YXS"
    if len(shape) < 2:
        raise ImageError(
            f"{name} has the shape {shape}: an image needs at least two axes, rows and columns."
        )
    raise unexplained_axes(shape, name)


def unexplained_axes(shape: tuple[int, ...], name: str) -> ImageError:
    """Return the error that asks the user for the axes."""
    example = _EXAMPLES.get(len(shape))
    such_as = f", such as {example!r}" if example else ""
    return ImageError(
        f"{name} has the shape {shape} and nothing says what its axes are: "
        f"give axes= with one letter for each{such_as} ({_MEANING})."
    )
