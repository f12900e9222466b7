"""What the tables of evaluations and comparisons say of each image, before its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["image_row"]


def image_row(name: str, values: Mapping[str, Any] | None, error: str) -> dict[str, Any]:
    """One row of a table: name, status, why there are no values where there are none; the values.

    Parameters
    ----------
    name
        What the table calls the image.
    values
        Its numbers; ``None`` where there are none.
    error
        Why not; empty where there are some.
    """
    status = "error" if values is None else "ok"
    return {"image": name, "status": status, "error": error, **(values or {})}
