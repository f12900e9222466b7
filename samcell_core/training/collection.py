"""From pairs of files, and from the generator of scenes, to examples in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from samcell_core.images import as_image, eight_bit
from samcell_core.machine import available_cores
from samcell_core.synthetic import make_scene
from samcell_core.training.examples import Example, make_example
from samcell_core.training.pairs import Pair
from samcell_core.training.reading import read_pair
from samcell_core.training.settings import SYNTHETIC

__all__ = ["load_examples", "make_scenes"]

_SIDE = 320


def load_examples(
    pairs: Iterable[Pair], *, progress: Callable[[int, int], None] = lambda _, __: None
) -> dict[str, list[Example]]:
    """Read pairs and compute their targets: examples by set, in the order of the pairs."""
    pairs = list(pairs)

    def load(pair: Pair) -> Example:
        image, labels = read_pair(pair)
        name = pair.name or f"{pair.set}/{pair.image.parent.name}/{pair.image.name}"
        return make_example(image, labels, name=name, set_name=pair.set)

    examples: dict[str, list[Example]] = {}
    with ThreadPoolExecutor(available_cores()) as pool:
        for done, example in enumerate(pool.map(load, pairs), start=1):
            examples.setdefault(example.set, []).append(example)
            progress(done, len(pairs))
    return examples


def make_scenes(
    count: int, *, seed: int, progress: Callable[[int, int], None] = lambda _, __: None
) -> list[Example]:
    """Synthetic scenes of all kinds, to train on; the seed and the number decide each."""

    def make(number: int) -> Example:
        scene = make_scene(seed=seed * 1_000_003 + number, shape=(_SIDE, _SIDE))
        return make_example(
            _grey(scene.image),
            scene.labels,
            name=f"{SYNTHETIC}/{number} ({scene.modality})",
            set_name=SYNTHETIC,
        )

    scenes = []
    with ThreadPoolExecutor(available_cores()) as pool:
        for done, example in enumerate(pool.map(make, range(count)), start=1):
            scenes.append(example)
            progress(done, count)
    return scenes


def _grey(image: NDArray[np.generic]) -> NDArray[np.uint8]:
    plane = as_image(image).planes()[0]
    height, width = plane.shape
    grey: NDArray[np.uint8] = eight_bit(plane, "percentile").read(0, height, 0, width)
    return grey
