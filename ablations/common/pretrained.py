"""The network that ablations of what comes after pretraining start from."""

from __future__ import annotations

from common.bench import Bench, Variant
from common.kinds import OTHERS
from samcell_core.models.loading import read_samcell
from samcell_core.models.samcell import SamcellNetwork

__all__ = ["pretrained_network"]


def pretrained_network(bench: Bench) -> SamcellNetwork:
    """The one given with --start, else one trained on drawn images of other kinds."""
    if bench.start is not None:
        return bench.start
    trained = bench.train(
        Variant("pretraining on other kinds", bench.shape), 0, bench.drawn(OTHERS)
    )
    network, _ = read_samcell(trained.checkpoint)
    return network
