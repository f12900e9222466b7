"""How good a network is on images that had no part in its training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from samcell_core.engine import Segmenter
from samcell_core.metrics import evaluate
from samcell_core.models.loading import Model
from samcell_core.training.examples import Example
from samcell_core.tuning import Score

__all__ = ["score_sets"]


def score_sets(
    model: Model | Path, images: Mapping[str, Sequence[Example]], device: str
) -> dict[str, Score]:
    """Mean scores of each set, with the thresholds of the model."""
    with Segmenter(model, device=device, precision="fp32") as segmenter:
        return {
            name: Score.mean(
                Score.of(evaluate(segmenter.segment(each.image).labels, each.labels).detection)
                for each in examples
            )
            for name, examples in images.items()
        }
