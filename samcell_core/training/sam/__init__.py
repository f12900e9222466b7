"""Training of the SAM-based network on images and labels of one's own, as SAMCell's paper does it.

>>> from samcell_core.training.sam import SamTrainingSettings
>>> SamTrainingSettings(trained="decoder").learning_rate
0.0001

A run takes a few lines::

    from samcell_core import training
    from samcell_core.training.sam import train_sam

    kept, held = training.split_by_group(training.pairs_in_folder("my_images"))
    result = train_sam(
        training.load_examples(kept, intensity="auto"),
        training.load_examples(held, intensity="auto"),
        "my_run",
        start="sam_vit_b_01ec64.pth",
    )
    print(result)  # best at epoch 31, validation 0.0123, stopped by patience
"""

from __future__ import annotations

from samcell_core.models.samcell import SamcellShape
from samcell_core.training.sam.crops import count_validation_crops
from samcell_core.training.sam.loop import train_sam
from samcell_core.training.sam.memory import Estimate, estimate
from samcell_core.training.sam.reports import SamReport, SamResult
from samcell_core.training.sam.settings import SamTrainingSettings
from samcell_core.training.sam.starting import new_network, read_start

__all__ = [
    "Estimate",
    "SamReport",
    "SamResult",
    "SamTrainingSettings",
    "SamcellShape",
    "count_validation_crops",
    "estimate",
    "new_network",
    "read_start",
    "train_sam",
]
