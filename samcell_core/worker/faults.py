"""What becomes of an exception: its kind, and a sentence for the person at the screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from samcell_core.errors import DeviceError, ImageError, ModelError, SamcellError, SettingsError
from samcell_core.files import refusal

__all__ = ["CancelledError", "FaultError", "fault_of"]

_KINDS = (
    (ImageError, "image"),
    (SettingsError, "settings"),
    (ModelError, "model"),
    (DeviceError, "device"),
    (SamcellError, "request"),
)
# PyTorch and OpenCV have no exception of their own for it everywhere.
_OUT_OF_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "insufficient memory",
    "failed to allocate",
)


class FaultError(Exception):
    """A request that cannot be answered.

    Attributes
    ----------
    kind
        As docs/worker.md lists them.
    number
        The ``id`` of the request, where it can be told.
    """

    def __init__(self, kind: str, message: str, number: Any = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.number = number


class CancelledError(Exception):
    """The client does not want the answer any more."""


def fault_of(error: BaseException) -> FaultError:
    """Kind and sentence for any exception."""
    if isinstance(error, FaultError):
        return error
    if isinstance(error, CancelledError):
        return FaultError("cancelled", "It was cancelled.")
    known = isinstance(error, SamcellError)
    text = " ".join(str(error).split())
    if any(_is_out_of_memory(each) for each in _chain(error)):
        sentence = (
            "There is not enough memory for this image: close other programs, cut it into "
            "parts, or use a smaller model."
        )
        return FaultError("memory", text if known else sentence)
    if known:
        kind = next(kind for type_, kind in _KINDS if isinstance(error, type_))
        return FaultError(kind, text)
    if isinstance(error, OSError):
        return FaultError("internal", refusal(error))
    return FaultError(
        "internal",
        f"SAMCell failed unexpectedly ({type(error).__name__}: {text[:300]}): please report it, "
        "with what the engine wrote to standard error.",
    )


def _is_out_of_memory(error: BaseException) -> bool:
    words = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, Exception) and any(each in words for each in _OUT_OF_MEMORY)
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, and what it was raised from."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__
