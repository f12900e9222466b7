"""Names of results: one for each image, valid everywhere, and the same in every run."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from samcell_core.batch.inputs import Source

__all__ = ["assign_names"]

# File systems allow 255 bytes, of which the longest ending of a result takes some.
_MOST_BYTES = 230


def assign_names(
    sources: Sequence[Source], claimed: Mapping[str, str] | None = None
) -> dict[Source, str]:
    """Give each image the name of its results: its folders and file name without the suffix.

    Images that would have the same name, also where capital letters do not count, get their
    suffix as well (``1_tif`` and ``1_png``), and a number where that is not enough.

    Parameters
    ----------
    sources
        The images, in order.
    claimed
        Names that earlier runs gave, by what an image is called (`Source.shown`): they stay, so
        that an image that comes later does not rename the results of another.
    """
    claimed = claimed or {}
    taken = {_alike(name) for name in claimed.values()}
    names = {}
    # First without regard to earlier runs: one that was stopped must not change what it gives.
    for source, name in _fresh_names(sources).items():
        if source.shown in claimed:
            names[source] = claimed[source.shown]
            continue
        if _alike(name) in taken:
            name = _unused(_name(source.parts, suffix=True), taken)
        names[source] = name
        taken.add(_alike(name))
    return names


def _fresh_names(sources: Sequence[Source]) -> dict[Source, str]:
    short = {source: _name(source.parts, suffix=False) for source in sources}
    wanted = Counter(_alike(name) for name in short.values())
    taken = {name for name, times in wanted.items() if times == 1}
    names = {}
    for source, name in short.items():
        if wanted[_alike(name)] > 1:
            name = _unused(_name(source.parts, suffix=True), taken)
            taken.add(_alike(name))
        names[source] = name
    return names


def _name(parts: tuple[str, ...], *, suffix: bool) -> str:
    file = PurePath(parts[-1])
    last = f"{file.stem}_{file.suffix.lstrip('.')}" if suffix and file.suffix else file.stem
    return "/".join(_fit(part) for part in (*parts[:-1], last))


def _unused(name: str, taken: set[str]) -> str:
    number, unused = 1, name
    while _alike(unused) in taken:
        number += 1
        unused = f"{name}_{number}"
    return unused


def _fit(part: str) -> str:
    """Part of a path that can be written in UTF-8, is not hidden and not too long."""
    text = part.encode("utf-8", "replace").decode("utf-8")
    # Bytes that are no text have become "?", which Windows does not allow; nor control letters.
    unwritable = {letter for letter in text if unicodedata.category(letter) == "Cc"}
    if text != part:
        unwritable.add("?")
    text = "".join("_" if letter in unwritable else letter for letter in text)
    text = text.lstrip(".") or "image"
    whole = text.encode()
    if len(whole) <= _MOST_BYTES:
        return text
    digest = hashlib.sha256(whole).hexdigest()[:8]
    return whole[: _MOST_BYTES - 9].decode("utf-8", "ignore") + "~" + digest


def _alike(name: str) -> str:
    """The same for names that some file system takes for one."""
    return unicodedata.normalize("NFC", name).casefold()
