"""One line of a check-up."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BROKEN", "NOTE", "OK", "Finding"]

OK, NOTE, BROKEN = "ok", "note", "broken"


@dataclass(frozen=True)
class Finding:
    """What was looked at, and how it is.

    Attributes
    ----------
    subject
        What was looked at, in a word or two.
    status
        ``ok``; ``note`` for what is absent or slow but not needed; ``broken`` for what is needed.
    found
        How it is.
    advice
        What to do about it; empty where there is nothing to do.
    """

    subject: str
    status: str
    found: str
    advice: str = ""
