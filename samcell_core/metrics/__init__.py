"""What biologists measure in cells, and how good a segmentation is.

>>> table = measure(labels=[[1, 1, 0, 2]])
>>> summarize(table, labels=[[1, 1, 0, 2]])["count"]
2
>>> evaluate([[1, 1, 0, 2]], [[1, 1, 0, 2]]).seg
1.0
"""

from samcell_core.metrics.average_precision import Matches
from samcell_core.metrics.cells import measure, summarize
from samcell_core.metrics.columns import COLUMNS, SUMMARY_COLUMNS, Column, describe
from samcell_core.metrics.ctc import Detection
from samcell_core.metrics.evaluation import (
    Evaluation,
    PooledEvaluation,
    Scores,
    evaluate,
    evaluate_planes,
    pool,
)
from samcell_core.metrics.table import Table

__all__ = [
    "COLUMNS",
    "SUMMARY_COLUMNS",
    "Column",
    "Detection",
    "Evaluation",
    "Matches",
    "PooledEvaluation",
    "Scores",
    "Table",
    "describe",
    "evaluate",
    "evaluate_planes",
    "measure",
    "pool",
    "summarize",
]
