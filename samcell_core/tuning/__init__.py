"""The thresholds at which a model finds the cells of annotated images best.

A search takes a few lines::

    import samcell_core as sc
    from samcell_core.datasets import find_annotated
    from samcell_core.tuning import tune, write_tuning

    with sc.Segmenter("samcell-lite") as segmenter:
        found = tune(find_annotated("my_images"), segmenter, maps="tuning/maps")
    best = found.optimum()
    write_tuning(found, "tuning")
    print(best.peak, best.fill, best.score.op_csb, best.near)

``samcell-cli tune my_images -o tuning`` does the same.
"""

from samcell_core.tuning.grid import Grid
from samcell_core.tuning.heat_map import draw_heat_map
from samcell_core.tuning.report import summary, write_tuning
from samcell_core.tuning.result import Optimum, Region, Score, TunedImage, Tuning
from samcell_core.tuning.search import tune
from samcell_core.tuning.storing import store_thresholds

__all__ = [
    "Grid",
    "Optimum",
    "Region",
    "Score",
    "TunedImage",
    "Tuning",
    "draw_heat_map",
    "store_thresholds",
    "summary",
    "tune",
    "write_tuning",
]
