"""Whether a run goes on in its folder, begins there, or has to be kept out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from samcell_core.errors import TrainingError
from samcell_core.training.identity import differences
from samcell_core.training.run_folder import RunFolder
from samcell_core.training.state import Standing, read_standing

__all__ = ["standing_in"]


def standing_in(folder: RunFolder, identity: Mapping[str, Any]) -> Standing | None:
    """Where the run of that identity stands in a folder; ``None`` where it is to begin there.

    Raises
    ------
    TrainingError
        The folder holds another run, or what is left of one.
    """
    if not folder.state.exists():
        if results := folder.results():
            raise TrainingError(
                f"{folder.path} holds {results[0]}, and no run that could go on: give another "
                "folder."
            )
        return None
    saved, standing = read_standing(folder.state)
    others = differences(saved, identity)
    if others and standing.step == 0 and not folder.results():
        return None  # it was stopped before there was anything to lose
    if others:
        raise TrainingError(
            f"{folder.path} holds a run with other values of {', '.join(others)}: give "
            "another folder, or what that run began with to go on."
        )
    if standing.best_step and not folder.best.exists():
        raise TrainingError(
            f"{folder.best} is gone, and a run cannot go on without it: put it back, or give "
            "another folder."
        )
    return standing
