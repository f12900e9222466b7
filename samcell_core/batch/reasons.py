"""Why an image has no results, in one line that can be printed and written anywhere."""

from __future__ import annotations

from samcell_core.batch.inputs import printable
from samcell_core.errors import SamcellError
from samcell_core.files import refusal

__all__ = ["reason_of"]


def reason_of(error: Exception, *, relief: str = "close other programs") -> str:
    """One line for people that says what went wrong with an image.

    Parameters
    ----------
    error
        What was raised, by this project or by any library that it uses.
    relief
        What to do where memory was not enough.
    """
    if isinstance(error, SamcellError):
        text = str(error)
    elif isinstance(error, MemoryError):
        text = f"Not enough memory for this image: {relief}."
    elif isinstance(error, OSError):
        text = refusal(error)
    else:
        text = f"Unexpected {type(error).__name__}: {error}"
    return printable(" ".join(text.split()))
