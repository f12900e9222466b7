"""Pretrained or random start.

    python ablations/pretraining.py
    python ablations/pretraining.py --data my_images --start sam_vit_b_01ec64.pth

On the small scale the pretrained network is a tiny SAM that has learnt from drawn images of other
kinds; with --start it is the one in the file.
"""

from __future__ import annotations

import sys

from common import Ablation, Bench, Variant, compare, main
from common.kinds import USUAL
from common.pretrained import pretrained_network
from common.results import Result


def measure(bench: Bench) -> list[Result]:
    """Train from random and from pretrained weights, and score the latter untrained."""
    start = pretrained_network(bench)
    return compare(
        bench,
        [
            Variant("random start", start.shape),
            Variant("pretrained", start.shape, start),
            Variant("pretrained, not trained further", start.shape, start, untrained=True),
        ],
    )


ABLATION = Ablation(
    name="pretraining",
    title="Pretrained or random start",
    question="The same network, crops and updates; what differs are the first weights.",
    kinds=USUAL,
    small_holds="first weights that have seen cells of other kinds are worth many updates. They "
    "were learnt on the same task and for as many updates, which SAM's were not.",
    not_shown="what SAM's own pretraining on eleven million photographs is worth. The paper has "
    "OP_CSB .772 with it against .309 without on LIVECell, and .598 against .418 on PBL-HEK "
    "(PLoS One 2025, 20(9): e0319532); with --start it can be tried on images of one's own.",
    measure=measure,
)

if __name__ == "__main__":
    sys.exit(main(ABLATION))
