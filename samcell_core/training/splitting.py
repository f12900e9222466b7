"""Which images train and which validate: what belongs together stays together."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence

from samcell_core.errors import SettingsError, TrainingError
from samcell_core.training.pairs import Pair

__all__ = ["split_by_group"]


def split_by_group(
    pairs: Iterable[Pair],
    *,
    fraction: float = 0.15,
    seed: int = 0,
    left_out: Sequence[str] = (),
    note: Callable[[str], None] | None = None,
) -> tuple[list[Pair], list[Pair]]:
    """Pairs to train on, and pairs to validate on, that have no group in common.

    The same pairs are split in the same way in whatever order and place they are; other sets
    that come or go change nothing for a set.

    Parameters
    ----------
    pairs
        All of them.
    fraction
        Part of the images of each set that validate, as near as whole groups come to it: at
        least one group, never all. A set with a single group is split by image.
    seed
        Another one chooses other groups.
    left_out
        Sets that are not trained on at all, only validated on.
    note
        Gets a sentence where a group had to be split.

    Raises
    ------
    SettingsError
        A fraction outside its range, or an unknown set.
    TrainingError
        Nothing is left to train on, or to validate on.
    """
    if not 0 <= fraction < 1:
        raise SettingsError(f"fraction={fraction} is not allowed: give a number from 0 to below 1.")
    left_out = (left_out,) if isinstance(left_out, str) else tuple(left_out)
    sets: dict[str, dict[str, list[Pair]]] = {}
    for pair in sorted(pairs, key=lambda pair: (pair.set, pair.image, pair.labels)):
        sets.setdefault(pair.set, {}).setdefault(pair.group, []).append(pair)
    for name in left_out:
        if name not in sets:
            raise SettingsError(
                f"There is no set {name!r} to leave out: known are {', '.join(sets) or 'none'}."
            )
    if fraction > 0:
        sets = {
            name: groups if name in left_out else _split_where_single(name, groups, note)
            for name, groups in sets.items()
        }
    training: list[Pair] = []
    validation: list[Pair] = []
    for name, groups in sets.items():
        held = groups.keys() if name in left_out else _held_out(groups, fraction, f"{seed}/{name}")
        for group, members in groups.items():
            (validation if group in held else training).extend(members)
    for left, use in ((training, "train"), (validation, "validate")):
        if not left:
            raise TrainingError(
                f"There is nothing to {use} on ({len(training) + len(validation)} images in "
                f"{sum(map(len, sets.values()))} groups): give more images or groups, or leave "
                "other sets out."
            )
    return training, validation


def _split_where_single(
    name: str, groups: dict[str, list[Pair]], note: Callable[[str], None] | None
) -> dict[str, list[Pair]]:
    """Each image as its own group where there is one group only."""
    (pairs, *others) = groups.values()
    if others or len(pairs) == 1:
        return groups
    if note is not None:
        note(
            f"All images of {name!r} are of one group, so they are split one by one: the "
            "validation may look better than images from elsewhere would."
        )
    alone: dict[str, list[Pair]] = {}
    for pair in pairs:  # the folder's name, too, as all files may have the same name
        alone.setdefault("/".join(pair.image.parts[-2:]), []).append(pair)
    return alone


def _held_out(groups: Mapping[str, Sequence[Pair]], fraction: float, salt: str) -> set[str]:
    """Names of groups to validate on. The order of a checksum is the same everywhere."""

    def place(group: str) -> str:
        return hashlib.sha256(os.fsencode(f"{salt}/{group}")).hexdigest()

    wanted = fraction * sum(map(len, groups.values()))
    held: set[str] = set()
    count = 0
    for group in sorted(groups, key=place):
        size = len(groups[group])
        if abs(count + size - wanted) < abs(count - wanted) and len(held) < len(groups) - 1:
            held.add(group)
            count += size
    if not held and fraction > 0 and len(groups) > 1:
        held.add(min(groups, key=lambda group: (len(groups[group]), place(group))))
    return held
