"""Objects that touch the border of a masked or cropped region."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["drop_touching"]


def drop_touching(labels: Any, mask: Any) -> tuple[Any, Any]:
    """Drop the objects that touch the border of a mask, and number the others without gaps.

    The border of the image is no border of the mask.

    Parameters
    ----------
    labels
        2D, 0 outside of objects, 1..n.
    mask
        True where objects may be.

    Returns
    -------
    tuple
        The labels that stay, in their order; which of 1..n these were, as n truths.
    """
    inside = np.pad(mask, 1, mode="edge")
    height, width = mask.shape
    deep = mask.copy()
    for down, right in ((0, 1), (2, 1), (1, 0), (1, 2)):
        deep &= inside[down : down + height, right : right + width]
    kept = np.ones(int(labels.max(initial=0)) + 1, bool)
    kept[labels[~deep]] = False
    kept[0] = False
    numbers = np.where(kept, np.cumsum(kept), 0).astype(labels.dtype)
    return numbers[labels], kept[1:]
