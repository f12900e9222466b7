"""Arrays of all kinds: those that can be sliced lazily stay what they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from samcell_core.errors import ImageError

__all__ = ["as_array"]


def as_array(source: Any) -> Any:
    """Return the source itself where it can be sliced lazily, else a numpy array of it."""
    if source is None:
        raise ImageError("None was given where an image is needed: give a path or an array.")
    if all(hasattr(source, what) for what in ("shape", "dtype", "__getitem__")):
        try:
            np.dtype(source.dtype)
        except TypeError:  # a tensor, whose types are not those of numpy
            pass
        else:
            return source
    try:
        return np.asarray(source)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ImageError(
            f"A {type(source).__name__} is no image ({error}): give a path or an array."
        ) from error
