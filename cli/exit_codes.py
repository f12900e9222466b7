"""Exit codes: 0 all well, 1 something failed, 2 wrongly called, 130 stopped by Ctrl-C."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

__all__ = ["WronglyCalledError", "refusing"]


class WronglyCalledError(click.ClickException):
    """A call that has to be another one; nothing was done."""

    exit_code = 2


@contextmanager
def refusing() -> Iterator[None]:
    """Mark what a command checks before its work begins: what is refused there is the call."""
    from samcell_core.errors import SamcellError  # late, as in `main`

    try:
        yield
    except SamcellError as error:
        raise WronglyCalledError(str(error)) from error
