"""The one error of the client: a sentence for the person at the screen."""

from __future__ import annotations

__all__ = ["EngineError"]


class EngineError(Exception):
    """What the engine refused, or why there is none.

    Attributes
    ----------
    kind
        One of the kinds of docs/worker.md, or ``missing`` (no engine was found), ``start`` (it did
        not start) or ``died`` (it ended while it worked, twice).
    message
        One sentence: what was wrong, and what to do.
    stderr_tail
        The last that the engine's process wrote to standard error.
    """

    def __init__(self, kind: str, message: str, stderr_tail: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.stderr_tail = stderr_tail
