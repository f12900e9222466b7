"""Training of the small network on images and labels of one's own.

>>> from samcell_core.training import TrainingSettings
>>> TrainingSettings(steps=1000).validate_every
500

A run takes a few lines::

    from samcell_core import training

    kept, held = training.split_by_group(training.pairs_in_folder("my_images"))
    result = training.train(
        training.load_examples(kept), training.load_examples(held), "my_run"
    )

``python -m samcell_core.training my_images --out my_run`` does the same.
"""

from __future__ import annotations

from samcell_core.training.collection import load_examples, make_scenes
from samcell_core.training.examples import make_example
from samcell_core.training.loop import train
from samcell_core.training.manifest import pairs_in_manifest, write_manifest
from samcell_core.training.pairs import pairs_in_folder
from samcell_core.training.recipe import Recipe, read_recipe
from samcell_core.training.reports import Report, Result
from samcell_core.training.settings import TrainingSettings
from samcell_core.training.splitting import split_by_group
from samcell_core.training.targets import make_targets

__all__ = [
    "Recipe",
    "Report",
    "Result",
    "TrainingSettings",
    "load_examples",
    "make_example",
    "make_scenes",
    "make_targets",
    "pairs_in_folder",
    "pairs_in_manifest",
    "read_recipe",
    "split_by_group",
    "train",
    "write_manifest",
]
