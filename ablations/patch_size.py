"""Patch size: crops of 128, 256 and 512 pixels, each enlarged to the network's input.

    python ablations/patch_size.py
    python ablations/patch_size.py --data my_images --start sam_vit_b_01ec64.pth

As in the paper, each patch is enlarged to the same input of the network.
"""

from __future__ import annotations

import dataclasses
import sys

from common import Ablation, Bench, compare, main
from common.kinds import USUAL
from common.results import Result
from common.scale import SMALL, tiny_sam

SIDES = (128, 256, 512)


def measure(bench: Bench) -> list[Result]:
    """Train with each patch size."""
    return compare(bench, [bench.variant(f"{side} pixels", tile=side) for side in SIDES])


ABLATION = Ablation(
    name="patch_size",
    title="Patch size",
    question="The network sees patches of 128, 256 or 512 pixels, in training and after it, all of "
    "which are enlarged to the same input; crops and updates are as many.",
    kinds=USUAL,
    small=dataclasses.replace(
        SMALL,
        shape=tiny_sam(image_size=max(SIDES)),
        training=24,
        validation=2,
        test=4,
        side=max(SIDES),
        seeds=2,
    ),
    small_holds="a smaller patch shows each cell larger and fewer cells, so that one network is "
    "compared at three magnifications; its input is 512 pixels here, not SAM's 1024, so that "
    "the map of a 512-pixel patch has a quarter of its resolution along each side.",
    not_shown="which size is best for SAM. The paper has OP_CSB .487, .598 and .540 with 128, 256 "
    "and 512 pixels on PBL-HEK, and .820, .824 and .765 on PBL-N2a (PLoS One 2025, 20(9): "
    "e0319532).",
    measure=measure,
)

if __name__ == "__main__":
    sys.exit(main(ABLATION))
