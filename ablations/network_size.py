"""Network size: SAMs of growing width and depth, from nothing or from weights of each size.

    python ablations/network_size.py
    python ablations/network_size.py --start sam_vit_b_01ec64.pth --start sam_vit_l_0b3195.pth

With --large and no weights, new networks of SAM's sizes B and L are trained.
"""

from __future__ import annotations

import sys

from common import Ablation, Bench, Variant, compare, main
from common.kinds import USUAL
from common.results import Result
from common.scale import tiny_sam

from samcell_core.training.sam import SamcellShape, read_start

TINY = ((16, 2), (32, 2), (48, 2), (48, 4), (96, 4))
VIT_L = SamcellShape(width=1024, depth=24, heads=16, mlp_width=4096, global_blocks=(5, 11, 17, 23))


def measure(bench: Bench) -> list[Result]:
    """Train a network of each size."""
    return compare(bench, variants(bench))


def variants(bench: Bench) -> list[Variant]:
    """The networks: those of the weights given, else new ones."""
    if bench.choices.starts:
        found = [(path, read_start(path)) for path in bench.choices.starts]
        return [Variant(f"{net.shape.name} ({path.name})", net.shape, net) for path, net in found]
    if bench.choices.large:
        return [Variant(shape.name, shape) for shape in (SamcellShape(), VIT_L)]
    return [
        Variant(f"width {width}, depth {depth}", tiny_sam(width=width, depth=depth))
        for width, depth in TINY
    ]


ABLATION = Ablation(
    name="network_size",
    title="Network size",
    question="SAMs of growing width and depth of the image encoder learn from the same crops with "
    "as many updates.",
    kinds=USUAL,
    small_holds="with so few updates the time it takes to learn decides rather than what a network "
    "could learn in the end; a larger one is not better of itself.",
    not_shown="what the larger of SAM's own networks is worth. The paper has OP_CSB .637 for "
    "SAM-L against .598 for SAM-B on PBL-HEK, and .842 against .824 on PBL-N2a "
    "(PLoS One 2025, 20(9): e0319532); with --start it can be tried on images of one's own.",
    measure=measure,
    several_starts=True,
)

if __name__ == "__main__":
    sys.exit(main(ABLATION))
