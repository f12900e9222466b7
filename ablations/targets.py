"""Targets: a distance map against two and three classes.

    python ablations/targets.py
    python ablations/targets.py --data my_images --start sam_vit_b_01ec64.pth

Network, crops, updates and optimizer are the same. Each is trained and turned into cells so:

distance map    mean squared error; watershed from where it is above .47, as far as it is above .09
two classes     inside and outside, cells that touch held apart by 2 pixels each; cross-entropy;
                connected components of inside above .5, grown by up to 2 pixels into
                the gaps between them
three classes   background, inside, and a border of 2 pixels within each cell; cross-entropy over
                three of SAM's masks; connected components of inside, grown by up to 4 pixels into
                what is not background
"""

from __future__ import annotations

import sys

from common import Ablation, Bench, main
from common.class_targets import TARGETS
from common.class_training import train_and_score
from common.kinds import USUAL
from common.results import Result


def measure(bench: Bench) -> list[Result]:
    """Train for each target."""
    return [each for target in TARGETS for each in train_and_score(bench, target)]


ABLATION = Ablation(
    name="targets",
    title="Distance map against classes",
    question="The same network learns a distance map (squared error; watershed between .47 and "
    ".09), two classes (inside, with 2 pixels of each cell left out where it touches another, and "
    "outside; cross-entropy; connected components of inside, grown by up to 2 pixels into the gaps "
    "between them) or three classes (background, inside, and a border of 2 pixels in each cell; "
    "cross-entropy; connected components of inside, grown by up to 4 pixels into what is not "
    "background). Crops, updates and optimizer are the same; the last network counts, none is "
    "chosen by a loss.",
    kinds=USUAL,
    small_holds="how much of the score hangs on keeping touching cells apart. The network's map "
    "has one value for every second pixel, which is coarse for borders of 2 pixels; the classes "
    "are not weighted, and none of the three has thresholds tuned.",
    not_shown="which target is best for SAM, whose map has a value for every pixel of a patch. "
    "The paper (PLoS One 2025, 20(9): e0319532) takes the distance map throughout; figures of its "
    "own for classes are not at hand.",
    measure=measure,
)

if __name__ == "__main__":
    sys.exit(main(ABLATION))
