"""Data sets: trained on one kind of image, on the others, and on all; scored on each.

    python ablations/data_sets.py
    python ablations/data_sets.py --data my_phase --data my_fluorescence --epochs 40

Other sets are other folders, or a manifest with a column set.
"""

from __future__ import annotations

import sys

from common import Ablation, Bench, compare, main
from common.kinds import BRIGHT
from common.results import Result

from samcell_core.errors import TrainingError


def measure(bench: Bench) -> list[Result]:
    """Train on each set, on all but each, and on all."""
    sets = bench.images.sets
    if len(sets) < 2:
        raise TrainingError(
            f"There is one set alone ({', '.join(sets)}): give --data once for each folder, or a "
            "manifest with a column set."
        )
    variants = [bench.variant(f"{name} alone", sets=[name]) for name in sets]
    if len(sets) > 2:
        for name in sets:
            others = [other for other in sets if other != name]
            variants.append(bench.variant(f"all but {name}", sets=others))
    return compare(bench, [*variants, bench.variant("all")])


ABLATION = Ablation(
    name="data_sets",
    title="Data sets to train on",
    question="The same network learns from one set, from all others, or from all, with as many "
    "updates each time, and is scored on every set.",
    kinds=BRIGHT,
    small_holds="whether the cells of a set are found by a network that never saw their like. "
    "Within so few updates a set with harder cells may teach more than the set that is asked for, "
    "and than all sets together, of each of which a network then sees less.",
    not_shown="which public set generalises best. On cells that no training had seen the paper has "
    "OP_CSB .598 (PBL-HEK) and .824 (PBL-N2a) after LIVECell and Cellpose's Cytoplasm together, "
    ".454 and .807 after Cytoplasm alone, .467 and .720 after LIVECell alone "
    "(PLoS One 2025, 20(9): e0319532).",
    measure=measure,
)

if __name__ == "__main__":
    sys.exit(main(ABLATION))
