"""How good a network is on images it does not learn from, as users would get it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from samcell_core.engine import Segmenter
from samcell_core.metrics import evaluate
from samcell_core.models.lite import LiteNetwork
from samcell_core.models.lite_file import LiteHeader
from samcell_core.models.loading import Model, lite_model
from samcell_core.segmentation import ModelInfo, Segmentation
from samcell_core.settings import Settings
from samcell_core.training.examples import Example, Examples

__all__ = ["Validation", "validate", "validate_model"]


@dataclass(frozen=True)
class Validation:
    """Mean OP_CSB of each set, and over the sets."""

    by_set: Mapping[str, float]

    @property
    def score(self) -> float:
        """Mean over the sets."""
        return float(np.mean(list(self.by_set.values())))


def validate(
    network: LiteNetwork, examples: Examples, header: LiteHeader, *, device: str = "cpu"
) -> tuple[Validation, dict[str, tuple[Example, Segmentation]]]:
    """Validate the small network, with the thresholds of a header: see `validate_model`."""
    info = ModelInfo(
        name=header.name,
        architecture="samcell-lite",
        peak=header.peak,
        fill=header.fill,
        diameter=header.diameter,
    )
    model = lite_model(copy.deepcopy(network).eval().requires_grad_(False), info)
    return validate_model(model, examples, device=device)


def validate_model(
    model: Model, examples: Examples, *, device: str = "cpu"
) -> tuple[Validation, dict[str, tuple[Example, Segmentation]]]:
    """Segment every image with default settings and the thresholds of a model.

    Returns
    -------
    tuple
        The scores, and the first image of each set with its segmentation.
    """
    by_set: dict[str, float] = {}
    shown: dict[str, tuple[Example, Segmentation]] = {}
    with Segmenter(model, device=device, precision="fp32") as segmenter:
        for name in sorted(examples):
            scores = []
            for example in examples[name]:
                segmentation = segmenter.segment(example.image, Settings())
                shown.setdefault(name, (example, segmentation))
                scores.append(evaluate(segmentation.labels, example.labels).op_csb)
            by_set[name] = float(np.mean(scores))
    return Validation(by_set), shown
