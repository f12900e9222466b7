"""What every training begins with: images in both parts, and what its checkpoint says of them."""

from __future__ import annotations

from typing import Any

import torch

from samcell_core._version import __version__
from samcell_core.errors import TrainingError
from samcell_core.training.examples import Examples

__all__ = ["facts_of", "with_images"]


def with_images(training: Examples, validation: Examples) -> tuple[Examples, Examples]:
    """Leave out sets without images.

    Raises
    ------
    TrainingError
        There is nothing to train or validate on.
    """
    training = {name: each for name, each in training.items() if each}
    validation = {name: each for name, each in validation.items() if each}
    if not training:
        raise TrainingError("There is no image to train on.")
    if not validation:
        raise TrainingError("There is no image to validate on.")
    return training, validation


def facts_of(training: Examples, validation: Examples) -> dict[str, Any]:
    """How many images of each set there were, and by which programs it was trained."""
    return {
        "images": {name: len(each) for name, each in sorted(training.items())},
        "validation": {name: len(each) for name, each in sorted(validation.items())},
        "versions": {"samcell": __version__, "torch": torch.__version__},
    }
