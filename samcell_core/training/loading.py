"""The images of a run as examples, as its recipe wants them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from samcell_core.datasets import fit
from samcell_core.training.collection import load_examples
from samcell_core.training.examples import Example
from samcell_core.training.pairs import Pair
from samcell_core.training.recipe import Recipe
from samcell_core.training.target_cache import TargetCache

__all__ = ["load"]


def load(
    pairs: Sequence[Pair],
    recipe: Recipe,
    *,
    cache: TargetCache | None = None,
    progress: Callable[[int, int], None] = lambda _, __: None,
) -> dict[str, list[Example]]:
    """Examples by set.

    Raises
    ------
    ImageError
        An image or its labels cannot be read, or no cell is left of them.
    """
    return load_examples(
        pairs,
        cache=cache,
        progress=progress,
        # As the engine prepares images for the network that comes out.
        intensity="percentile" if recipe.network == "lite" else "auto",
        change=None if recipe.fit is None else partial(fit, side=recipe.side, how=recipe.fit),
    )
