"""The search for the thresholds at which a model finds the cells of annotated images best."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from samcell_core.batch.events import ImageDone, ImageFailed, ImageSkipped, Listener, TilesDone
from samcell_core.engine import Segmenter
from samcell_core.errors import ImageError, SettingsError, TrainingError
from samcell_core.metrics import evaluate
from samcell_core.postprocess import segment_distance
from samcell_core.settings import Settings
from samcell_core.training.pairs import Pair
from samcell_core.training.reading import read_pair
from samcell_core.tuning.grid import Grid
from samcell_core.tuning.maps import Maps
from samcell_core.tuning.result import Score, TunedImage, Tuning
from samcell_core.tuning.sweep import Sweep

__all__ = ["tune"]


def tune(
    images: Iterable[Pair],
    segmenter: Segmenter,
    *,
    grid: Grid | None = None,
    settings: Settings | None = None,
    maps: str | os.PathLike[str] | None = None,
    listen: Listener = lambda _: None,
) -> Tuning:
    """Score a model at all pairs of a grid of peak and fill thresholds.

    The network sees each image once. The scores are exactly those of segmenting and evaluating
    each image with each pair.

    Parameters
    ----------
    images
        Images with labels, as `samcell_core.datasets.find_annotated` and
        `samcell_core.training.pairs_in_folder` give them. An image that cannot be read or scored
        does not stop the others.
    segmenter
        The model. Its threads score the pairs, too.
    grid
        The thresholds; as in the paper, 20 x 20 from 0.05 to 0.9, where not given.
    settings
        All other choices, such as ``min_size``. Its own thresholds, or the model's, are those that
        the result is compared with.
    maps
        Folder in which the distance maps are kept, so that the next search, or this one after an
        interruption, begins where the network has ended; nowhere if not given.
    listen
        Is told what happens. The counts are those of the cells found with the present thresholds.

    Raises
    ------
    SettingsError
        Settings that the model cannot do.
    DeviceError
        The network cannot run.
    TrainingError
        There is no image, or none could be scored.
    SamcellError
        Maps cannot be kept.
    """
    images = list(images)
    if not images:
        raise TrainingError("There are no annotated images to tune on: give at least one.")
    grid = grid or Grid.spanning()
    resolved = segmenter.resolve(settings)
    keeper = Maps(segmenter, resolved, None if maps is None else Path(maps))
    tuned = []
    with ThreadPoolExecutor(segmenter.threads) as pool:
        for pair in images:
            try:
                tuned.append(_tuned(pair, keeper, grid, resolved, pool, listen))
            except (ImageError, SettingsError) as error:
                tuned.append(TunedImage(_name(pair), pair.set, pair.image, error=str(error)))
                listen(ImageFailed(_name(pair), str(error)))
    result = Tuning(grid, resolved, segmenter.model, tuple(tuned))
    if not result.sets:
        reason = f"the first one failed because: {tuned[0].error}"
        raise TrainingError(f"None of the {len(tuned)} images could be scored; {reason}")
    return result


def _tuned(
    pair: Pair,
    maps: Maps,
    grid: Grid,
    settings: Settings,
    pool: ThreadPoolExecutor,
    listen: Listener,
) -> TunedImage:
    name, start = _name(pair), time.monotonic()
    _, truth = read_pair(pair)
    distance, kept = maps.get(pair.image, lambda done, all_: listen(TilesDone(name, done, all_)))
    found = segment_distance(distance, settings)
    present = evaluate(found, truth)
    sweep = Sweep(distance, truth, grid, settings)
    scores = np.full((3, len(grid.peaks), len(grid.fills)), np.nan)
    for row, line in enumerate(pool.map(sweep.detections, grid.peaks)):
        for column, detection in enumerate(line):
            scores[:, row, column] = Score.of(detection)
    count = present.predicted_count
    listen(
        ImageSkipped(name, count)
        if kept
        else ImageDone(name, count, round(time.monotonic() - start, 3))
    )
    return TunedImage(
        name,
        pair.set,
        pair.image,
        cells=present.truth_count,
        scores=scores,
        present=Score.of(present.detection),
    )


def _name(pair: Pair) -> str:
    return pair.name or f"{pair.set}/{pair.image.name}"
