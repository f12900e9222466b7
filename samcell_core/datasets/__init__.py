"""Annotated images as people have them: found, surveyed, and brought to one size.

>>> from samcell_core.datasets import KINDS
>>> KINDS
('pairs', 'manifest', 'coco', 'cellpose', 'roi', 'cellprofiler')

What is found is read, split and trained on as pairs of files are::

    from samcell_core import training
    from samcell_core.datasets import find_annotated, make_survey

    images = find_annotated("my_images")
    print(make_survey(images).to_text())
    kept, held = training.split_by_group(images)
    examples = training.load_examples(kept, cache="targets")
"""

from samcell_core.datasets.annotated import Annotated, Dataset
from samcell_core.datasets.finding import KINDS, find_annotated
from samcell_core.datasets.fitting import fit
from samcell_core.datasets.survey import SetSummary, Survey, make_survey

__all__ = [
    "KINDS",
    "Annotated",
    "Dataset",
    "SetSummary",
    "Survey",
    "find_annotated",
    "fit",
    "make_survey",
]
