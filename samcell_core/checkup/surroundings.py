"""Environment variables that change what this program does, and misspelt ones that do not."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping

from samcell_core.checkup.finding import NOTE, OK, Finding

__all__ = ["check_variables"]

_START = "SAMCELL_"


def check_variables(known: Mapping[str, str]) -> Iterator[Finding]:
    """One finding for each variable of this program that is set.

    Parameters
    ----------
    known
        Those that mean something, with a line of help each.
    """
    for name in sorted(name for name in os.environ if name.startswith(_START)):
        value = os.environ[name]
        if name in known:
            yield Finding(name, OK, f"{value!r}: {known[name]}")
            continue
        near = difflib.get_close_matches(name, known, n=1)
        meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
        yield Finding(name, NOTE, f"{value!r} has no effect", meant)
