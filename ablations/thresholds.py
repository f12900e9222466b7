"""Thresholds: peak x fill, searched on images to validate on and tried on others.

    python ablations/thresholds.py
    python ablations/thresholds.py --data my_images --start samcell-generalist.pt

Also writes heat_map.png, that of the first seed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from common import Ablation, Bench, main
from common.kinds import BRIGHT
from common.results import Result

from samcell_core.engine import Segmenter
from samcell_core.metrics import evaluate
from samcell_core.postprocess import segment_distance
from samcell_core.settings import Settings
from samcell_core.training.examples import Example
from samcell_core.tuning import Score, draw_heat_map, tune

PAPER = (0.47, 0.09)


def measure(bench: Bench) -> list[Result]:
    """Search the thresholds of a network from each seed."""
    return [each for seed in bench.seeds for each in _tuned(bench, seed)]


def _tuned(bench: Bench, seed: int) -> Iterator[Result]:
    trained = bench.train(bench.variant("all"), seed)
    with Segmenter(trained.checkpoint, device=bench.choices.device, precision="fp32") as segmenter:
        found = tune(bench.images.files, segmenter)
        if seed == bench.seeds[0]:
            draw_heat_map(found, bench.choices.out / "thresholds" / "heat_map.png", overwrite=True)
        over_all = found.optimum()
        for name, examples in bench.images.test.items():
            own = found.optimum(name)
            maps = [segmenter.predict(example.image) for example in examples]
            for variant, peak, fill in (
                ("the paper's", *PAPER),
                ("best over all", over_all.peak, over_all.fill),
                ("best of the set", own.peak, own.fill),
            ):
                score = _score(maps, examples, peak, fill)
                more = {"peak": peak, "fill": fill}
                yield Result(variant, name, seed, score, trained.seconds, trained.parameters, more)


def _score(maps: Sequence[Any], examples: Sequence[Example], peak: float, fill: float) -> Score:
    settings = Settings(peak=peak, fill=fill)
    return Score.mean(
        Score.of(evaluate(segment_distance(distance, settings), each.labels).detection)
        for distance, each in zip(maps, examples, strict=True)
    )


ABLATION = Ablation(
    name="thresholds",
    title="Peak and fill thresholds",
    question="One network for each seed, trained on all sets; 20 x 20 thresholds from .05 to .9 "
    "are searched on the images to validate on, and the best are tried on those to test on.",
    kinds=BRIGHT,
    small_holds="the search itself, and that thresholds found on two images of a set may do worse "
    "on its other images than the paper's, or than those found on all sets: tune on more images. "
    "heat_map.png shows how flat the score is around the best.",
    not_shown="the thresholds of SAMCell's published weights. The paper found .50/.08 on PBL-HEK, "
    ".45/.10 on PBL-N2a and .47/.09 overall, in the same grid (PLoS One 2025, 20(9): e0319532).",
    measure=measure,
)

if __name__ == "__main__":
    sys.exit(main(ABLATION))
