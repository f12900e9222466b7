"""Parts of HTML that the report of a run and other pages have in common."""

from __future__ import annotations

import html
from collections.abc import Mapping

__all__ = ["as_text", "failures"]


def as_text(value: object) -> str:
    """A value as text of a page, whatever letters it has."""
    return html.escape(str(value))


def failures(title: str, reasons: Mapping[str, str]) -> str:
    """A box that says of each image why it has no results; nothing where there is none."""
    if not reasons:
        return ""
    entries = "".join(
        f"<dt>{as_text(name)}</dt><dd>{as_text(reason)}</dd>" for name, reason in reasons.items()
    )
    return f'<h2>{as_text(title)}</h2><dl class="failures">{entries}</dl>'
