"""What is trained: the decoder below a frozen encoder, low-rank adapters (LoRA), both, or all.

    python ablations/trained_parts.py
    python ablations/trained_parts.py --data my_images --start sam_vit_b_01ec64.pth

On the small scale the network to start from is a tiny SAM that has learnt from drawn images of
other kinds; with --start it is the one in the file.
"""

from __future__ import annotations

import sys

from common import Ablation, Bench, Variant, compare, main
from common.kinds import USUAL
from common.pretrained import pretrained_network
from common.results import Result

PARTS = {
    "decoder alone, encoder frozen": "decoder",
    "LoRA alone": "lora",
    "LoRA and decoder": "lora and decoder",
    "encoder and decoder": "all",
}


def measure(bench: Bench) -> list[Result]:
    """Train each choice of parts from the same pretrained weights."""
    start = pretrained_network(bench)
    return compare(
        bench,
        [
            Variant("nothing", start.shape, start, untrained=True),
            *(
                Variant(name, start.shape, start, {"trained": parts})
                for name, parts in PARTS.items()
            ),
        ],
    )


ABLATION = Ablation(
    name="trained_parts",
    title="What is trained",
    question="From the same pretrained weights some parts are trained and the others stay as they "
    "are; the prompt encoder always does. Crops, updates and learning rate are the same.",
    kinds=USUAL,
    small_holds="how much each choice can change at all in few updates, and what it costs in time.",
    not_shown="which choice is best for SAM. The paper trains encoder and decoder, and found LoRA "
    "clearly worse (PLoS One 2025, 20(9): e0319532); with --start it can be tried on images of "
    "one's own.",
    measure=measure,
)

if __name__ == "__main__":
    sys.exit(main(ABLATION))
