"""All checks, in the order in which one would look: what others need comes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from samcell_core.checkup.finding import BROKEN, Finding
from samcell_core.checkup.installation import (
    check_formats,
    check_packages,
    check_python,
    check_suite,
    check_torch,
)
from samcell_core.checkup.programs import check_programs
from samcell_core.checkup.storage import check_cache, check_memory
from samcell_core.checkup.surroundings import check_variables

__all__ = ["check_up"]


def check_up(
    *,
    model: str = "samcell-lite",
    device: str = "auto",
    precision: str = "auto",
    threads: int | None = None,
    seconds: float = 3.0,
    variables: Mapping[str, str] | None = None,
) -> Iterator[Finding]:
    """Look at everything that work depends on; findings come as they are made.

    Parameters
    ----------
    model, device, precision, threads
        As `Segmenter` takes them.
    seconds
        How long the speed is measured; 0 leaves it out.
    variables
        Environment variables that mean something, with a line of help each.
    """
    yield check_suite()
    yield check_python()
    packages = list(check_packages())
    yield from packages
    torch = check_torch()
    yield torch
    if all(finding.status != BROKEN for finding in (*packages, torch)):
        # Nothing of it can be imported where a package is missing.
        from samcell_core.checkup.network import check_device, check_model, check_speed

        where = check_device(device, precision)
        yield where
        weights = check_model(model)
        yield weights
        if seconds > 0 and BROKEN not in (where.status, weights.status):
            yield check_speed(
                model, device=device, precision=precision, threads=threads, seconds=seconds
            )
    yield check_memory()
    yield from check_cache()
    yield check_formats()
    yield from check_programs()
    yield from check_variables(variables or {})
