"""From a predicted map to cells: arrays in, labels out."""

from samcell_core.postprocess.cleaning import clean_labels
from samcell_core.postprocess.markers import cell_markers
from samcell_core.postprocess.watershed import (
    filter_labels,
    segment_distance,
    watershed_labels,
)

__all__ = [
    "cell_markers",
    "clean_labels",
    "filter_labels",
    "segment_distance",
    "watershed_labels",
]
