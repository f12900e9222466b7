"""Which channel of an image is meant."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence

from samcell_core.errors import ImageError

__all__ = ["choose_channel"]

_COLOURS = ("red", "green", "blue")


def choose_channel(
    sizes: Mapping[str, int],
    names: Sequence[str],
    channel: int | str | None,
    image: str,
) -> dict[str, int]:
    """Fixed positions on the axes C and S; S is left out where RGB is to become grey.

    Parameters
    ----------
    sizes
        Length of each axis by its letter.
    names
        Names of the channels, or nothing.
    channel
        Index or name; ``None`` takes the only channel, or all of RGB.
    image
        Name of the image, for messages.
    """
    channels, samples = sizes.get("C", 1), sizes.get("S", 1)
    fixed = {}
    if "C" in sizes:
        fixed["C"] = 0
    if samples < 3:
        if "S" in sizes:
            fixed["S"] = 0  # a second sample is transparency
    elif channels == 1 and channel is not None:
        fixed["S"] = _find(channel, len(_COLOURS), _COLOURS, image)
        return fixed
    if channels > 1 and channel is None:
        raise ImageError(
            f"{image} has {channels} channels ({_listed(channels, names)}): "
            "say which one to segment with channel=, its index or its name."
        )
    if channel is not None:
        index = _find(channel, channels, names, image)
        if "C" in sizes:
            fixed["C"] = index
    return fixed


def _find(channel: int | str, count: int, names: Sequence[str], image: str) -> int:
    if isinstance(channel, str):
        wanted = channel.strip()
        matches = [i for i, name in enumerate(names) if name == wanted]
        if not matches:
            matches = [i for i, name in enumerate(names) if name.casefold() == wanted.casefold()]
        if len(matches) == 1:
            return matches[0]
        if len(matches) > 1:
            raise ImageError(
                f"{image} has {len(matches)} channels named {channel!r} "
                f"({_listed(count, names)}): give the index as channel=."
            )
        if wanted.isdecimal() and int(wanted) < count:
            return int(wanted)
    elif 0 <= operator.index(channel) < count:
        return operator.index(channel)
    raise ImageError(
        f"{image} has no channel {channel!r}: give one of {_listed(count, names)} as channel=."
    )


def _listed(count: int, names: Sequence[str]) -> str:
    if not names:
        return ", ".join(str(i) for i in range(count))
    return ", ".join(f"{i} {name!r}" if name else str(i) for i, name in enumerate(names[:count]))
