"""Label files held against each other, against the truth, and against their images.

The command line turns these into ``evaluate``, ``compare`` and ``measure``. What reads outlines
(RoiSet.zip, GeoJSON) is passed in, for the engine knows arrays and not ImageJ.
"""

from samcell_core.comparison.agreement import (
    Agreement,
    compare_labels,
    compare_matches,
    describe_labels,
)
from samcell_core.comparison.error_page import error_page
from samcell_core.comparison.evaluation_run import EvaluatedImage, evaluate_matches, pool_images
from samcell_core.comparison.label_files import LabelReader, Labels, OutlineReader
from samcell_core.comparison.matching import (
    Ambiguity,
    Match,
    Matching,
    match_images,
    match_labels,
)
from samcell_core.comparison.measuring import measure_matches

__all__ = [
    "Agreement",
    "Ambiguity",
    "EvaluatedImage",
    "LabelReader",
    "Labels",
    "Match",
    "Matching",
    "OutlineReader",
    "compare_labels",
    "compare_matches",
    "describe_labels",
    "error_page",
    "evaluate_matches",
    "match_images",
    "match_labels",
    "measure_matches",
    "pool_images",
]
