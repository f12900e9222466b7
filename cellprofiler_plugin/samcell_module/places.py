"""Where objects are."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["centers"]


def centers(labels: Any) -> tuple[Any, Any]:
    """Rows and columns of the centres of mass of the objects 1..n.

    Examples
    --------
    >>> centers(np.array([[1, 1, 0], [0, 0, 2]]))
    (array([0., 1.]), array([0.5, 2. ]))
    """
    inside = np.flatnonzero(labels)
    numbers = labels.reshape(-1)[inside]
    rows, columns = np.divmod(inside, labels.shape[1])
    areas = np.bincount(numbers)[1:]
    return (
        np.bincount(numbers, weights=rows)[1:] / areas,
        np.bincount(numbers, weights=columns)[1:] / areas,
    )
