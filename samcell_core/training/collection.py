"""From pairs of files, and from the generator of scenes, to examples in memory."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from samcell_core.errors import ImageError
from samcell_core.images import as_image, eight_bit
from samcell_core.machine import available_cores
from samcell_core.synthetic import make_scene
from samcell_core.training.examples import Example, make_example
from samcell_core.training.pairs import Pair
from samcell_core.training.reading import read_pair
from samcell_core.training.settings import SYNTHETIC
from samcell_core.training.target_cache import TargetCache
from samcell_core.training.targets import make_targets

__all__ = ["load_examples", "make_scenes"]

# Scenes are so large that some of their cells are whole.
_DIAMETERS = (14.0, 130.0)
_SIDES = (320, 512)
_ACROSS = 6.4  # cells in a row

Planes = tuple[NDArray[np.uint8], NDArray[np.int32]]
Change = Callable[[NDArray[np.uint8], NDArray[np.int32]], Planes]


def load_examples(
    pairs: Iterable[Pair],
    *,
    progress: Callable[[int, int], None] = lambda _, __: None,
    cache: TargetCache | str | os.PathLike[str] | None = None,
    intensity: str = "percentile",
    change: Change | None = None,
) -> dict[str, list[Example]]:
    """Read pairs and compute their targets: examples by set, in the order of the pairs.

    Parameters
    ----------
    pairs
        Images with their labels, from `pairs_in_folder`, `pairs_in_manifest` or
        `samcell_core.datasets.find_annotated`.
    progress
        Told how many are done, of how many.
    cache
        Where targets are kept, so that they are computed once: a folder, or a `TargetCache`. The
        examples are the same to the last bit.
    intensity
        How images become 8 bits: ``"percentile"`` for the small network, ``"auto"`` for SAM's.
    change
        What image and labels go through first, such as `samcell_core.datasets.fit`.
    """
    pairs = list(pairs)
    if cache is not None and not isinstance(cache, TargetCache):
        cache = TargetCache(cache)
    make = make_targets if cache is None else cache.targets

    def load(pair: Pair) -> Example:
        image, labels = read_pair(pair, intensity=intensity)
        if change is not None:
            image, labels = change(image, labels)
            if not labels.any():
                raise ImageError(
                    f"{pair.image} has no cell left once it is brought to {image.shape[0]} x "
                    f"{image.shape[1]} pixels: choose another size or way, or leave it out."
                )
        name = pair.name or f"{pair.set}/{pair.image.parent.name}/{pair.image.name}"
        return make_example(image, labels, name=name, set_name=pair.set, make=make)

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
        seed_of_scene = seed * 1_000_003 + number
        rng = np.random.default_rng((seed_of_scene, 320))  # other numbers than the scene's own
        smallest, largest = _DIAMETERS
        diameter = math.exp(rng.uniform(math.log(smallest), math.log(largest)))
        side = round(min(max(_ACROSS * diameter, _SIDES[0]), _SIDES[1]))
        scene = make_scene(seed=seed_of_scene, shape=(side, side), diameter=diameter)
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
