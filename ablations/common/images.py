"""What is learnt from, validated on and tested on: drawn images, or one's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from common.scale import Scale
from samcell_core.datasets import find_annotated
from samcell_core.errors import TrainingError
from samcell_core.synthetic.files import NamedScene, write_scenes
from samcell_core.training import load_examples, split_by_group
from samcell_core.training.command import warn
from samcell_core.training.examples import Example
from samcell_core.training.pairs import Pair

__all__ = ["Images", "draw_images", "own_images"]

_FIRST_SEEDS = {"training": 0, "validation": 10_000, "test": 20_000}  # of drawn images
_HELD_OUT = 0.2  # of one's own images: to test on, and of the rest to validate on
_FEWEST = 3


@dataclass(frozen=True, eq=False)
class Images:
    """Images by set, for each purpose.

    Attributes
    ----------
    training, validation, test
        The images.
    files
        The files of those to validate on.
    words
        What they are.
    """

    training: dict[str, list[Example]]
    validation: dict[str, list[Example]]
    test: dict[str, list[Example]]
    files: tuple[Pair, ...]
    words: str

    @property
    def sets(self) -> tuple[str, ...]:
        """Names of the sets."""
        return tuple(self.training)

    def count(self, sets: Iterable[str] | None = None) -> int:
        """Images to train on, of some sets or of all."""
        return sum(len(self.training[name]) for name in sets or self.sets)

    def of(self, sets: Sequence[str]) -> Images:
        """The images of some sets alone."""

        def some(images: dict[str, list[Example]]) -> dict[str, list[Example]]:
            return {name: images[name] for name in sets}

        files = tuple(pair for pair in self.files if pair.set in sets)
        return Images(
            some(self.training), some(self.validation), some(self.test), files, self.words
        )


def draw_images(folder: Path, kinds: Sequence[str], scale: Scale) -> Images:
    """Draw images of some kinds, or find them in the folder where they were drawn before."""
    wanted = {"training": scale.training, "validation": scale.validation, "test": scale.test}
    pairs: dict[str, list[Pair]] = {}
    for purpose, count in wanted.items():
        pairs[purpose] = [
            _drawn(folder, kind, _FIRST_SEEDS[purpose] + number, scale)
            for kind in kinds
            for number in range(max(1, count // len(kinds)))
        ]
    each = [len(pairs[purpose]) for purpose in wanted]
    words = (
        f"{each[0]} drawn images to train on, {each[1]} to validate on and {each[2]} to test on "
        f"({', '.join(kinds)}; {scale.side} x {scale.side} pixels, cells of about "
        f"{scale.diameter:g})"
    )
    return _loaded(pairs["training"], pairs["validation"], pairs["test"], folder, words)


def own_images(folder: Path, paths: Sequence[Path]) -> Images:
    """Annotated images of one's own, a fifth of each set held out to test on.

    Raises
    ------
    TrainingError
        There are none, or a set has too few.
    """
    pairs = [pair for path in paths for pair in find_annotated(path)]
    counts = {name: sum(pair.set == name for pair in pairs) for name in {p.set for p in pairs}}
    for name, count in sorted(counts.items()):
        if count < _FEWEST:
            raise TrainingError(
                f"The set {name!r} has {count} images: give at least {_FEWEST}, to train, validate "
                "and test on."
            )
    kept, test = split_by_group(pairs, fraction=_HELD_OUT, note=warn)
    training, validation = split_by_group(kept, fraction=_HELD_OUT, note=warn)
    words = (
        f"{len(training)} images to train on, {len(validation)} to validate on and {len(test)} to "
        f"test on ({', '.join(sorted(counts))})"
    )
    return _loaded(training, validation, test, folder, words, intensity="auto")


def _loaded(
    training: Sequence[Pair],
    validation: Sequence[Pair],
    test: Sequence[Pair],
    folder: Path,
    words: str,
    *,
    intensity: str = "percentile",
) -> Images:
    load = partial(load_examples, cache=folder / "targets", intensity=intensity)
    return Images(
        load(training),
        load(validation),
        load(test),
        tuple(validation),
        words,
    )


def _drawn(folder: Path, kind: str, number: int, scale: Scale) -> Pair:
    """Files of a scene, drawn if they are not there."""
    place = folder / f"{kind} {scale.side} {scale.diameter:g} {scale.crowding:g}"
    scene = NamedScene(f"{number:05}", kind, number, scale.diameter, scale.crowding)
    image, labels = (place / part / f"{scene.name}.tif" for part in ("images", "labels"))
    if not (image.exists() and labels.exists()):
        places = image.parent, labels.parent
        list(write_scenes(*places, scenes=(scene,), side=scale.side, overwrite=True))
    return Pair(image, labels, kind, scene.name, f"{kind}/{scene.name}")
