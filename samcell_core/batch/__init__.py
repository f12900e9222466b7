"""Many images at once: finding them, working on them, writing what a biologist needs.

OUT/labels, rois, overlays ...   one file an image, in the sub-folders of the input
OUT/cells.csv, images.csv        one row a cell, one row an image
OUT/report.html                  a page to look at
OUT/run.json                     what is needed to repeat the run
OUT/.samcell                     what is finished, so that a run can go on
"""

from samcell_core.batch.events import (
    Event,
    ImageDone,
    ImageFailed,
    ImageSkipped,
    Listener,
    RunFinished,
    RunStarted,
    TilesDone,
)
from samcell_core.batch.inputs import Found, Problem, Source, find_inputs, printable
from samcell_core.batch.overlay import write_overlay
from samcell_core.batch.planes import write_distance_map, write_mask
from samcell_core.batch.results import Output, Result
from samcell_core.batch.run import Outcome, Planned, plan_run, run_images
from samcell_core.batch.tables import ImageRow

__all__ = [
    "Event",
    "Found",
    "ImageDone",
    "ImageFailed",
    "ImageRow",
    "ImageSkipped",
    "Listener",
    "Outcome",
    "Output",
    "Planned",
    "Problem",
    "Result",
    "RunFinished",
    "RunStarted",
    "Source",
    "TilesDone",
    "find_inputs",
    "plan_run",
    "printable",
    "run_images",
    "write_distance_map",
    "write_mask",
    "write_overlay",
]
