"""Where a run stands, in one file that is always whole."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from samcell_core.errors import TrainingError
from samcell_core.training.curves import HistoryRow
from samcell_core.training.whole import write_whole

__all__ = ["Parts", "Standing", "load_weights", "read_standing", "save_state"]

Parts = Mapping[str, Mapping[str, Tensor]]
"""Tensors that change as a network is trained, by name, under the name of each network."""


@dataclass
class Standing:
    """What changes as a run goes on, besides the weights.

    Attributes
    ----------
    step
        Updates done.
    best_step, best_score
        When the best network was reached, and its score (a higher one is better); -1 where there is
        none yet.
    reference, without_gain
        The score that is to be beaten, and how many validations did not.
    seconds
        Time that it took.
    losses
        Of the updates since the last validation.
    history
        A row for each validation.
    """

    step: int = 0
    best_step: int = 0
    best_score: float = -1.0
    reference: float = -1.0
    without_gain: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)
    history: list[HistoryRow] = field(default_factory=list)

    def judge(self, score: float, least_gain: float) -> bool:
        """Take note of the score of a validation; return whether it is the best so far."""
        best = score > self.best_score
        if best:
            self.best_score, self.best_step = score, self.step
        if score > self.reference + least_gain:
            self.reference, self.without_gain = score, 0
        else:
            self.without_gain += 1
        return best


def save_state(
    path: Path,
    parts: Parts,
    optimizer: torch.optim.Optimizer,
    standing: Standing,
    run: Mapping[str, Any],
) -> None:
    """Save all that the rest of a run depends on; ``run`` is what tells it from others."""
    tensors = {
        f"{part}.{name}": each for part, named in parts.items() for name, each in named.items()
    }
    for number, values in optimizer.state_dict()["state"].items():
        for name, value in values.items():
            tensors[f"optimizer.{number}.{name}"] = torch.as_tensor(value)
    whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    said = {"run": json.dumps(run), "standing": json.dumps(dataclasses.asdict(standing))}
    write_whole(path, partial(_write, whole, said))


def read_standing(path: Path) -> tuple[dict[str, Any], Standing]:
    """Read which run a state is of, and where it stands."""
    try:
        with safe_open(path, framework="pt") as file:
            said = file.metadata()
        run: dict[str, Any] = dict(json.loads(said["run"]))
        values = json.loads(said["standing"])
        rows = [HistoryRow(**row) for row in values.pop("history")]
        return run, Standing(**values, history=rows)
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise _damaged(path) from error


@torch.no_grad()
def load_weights(path: Path, parts: Parts, optimizer: torch.optim.Optimizer) -> None:
    """Bring tensors, in place, and optimizer back to where they were when a state was saved."""
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        for part, named in parts.items():
            saved = _part(tensors, f"{part}.")
            shapes = [{name: each.shape for name, each in some.items()} for some in (saved, named)]
            if shapes[0] != shapes[1]:
                raise LookupError("tensors of another network")
            for name, each in named.items():
                each.copy_(saved[name])
        parameters = [each for group in optimizer.param_groups for each in group["params"]]
        state: dict[int, dict[str, Tensor]] = {}
        for name, tensor in _part(tensors, "optimizer.").items():
            number, value = name.split(".", 1)
            state.setdefault(int(number), {})[value] = _laid_out(tensor, parameters[int(number)])
        optimizer.load_state_dict(
            {"state": state, "param_groups": optimizer.state_dict()["param_groups"]}
        )
    except (SafetensorError, OSError, LookupError, TypeError, ValueError, RuntimeError) as error:
        raise _damaged(path) from error


def _write(tensors: dict[str, Tensor], said: dict[str, str], path: Path) -> None:
    try:
        save_file(tensors, path, said)
    except SafetensorError as error:  # the system's refusal, in words
        raise OSError(str(error)) from error


def _laid_out(tensor: Tensor, parameter: Tensor) -> Tensor:
    """Copy in a parameter's order of memory: other loops may differ in the last digit.

    A copy, because Windows puts no file in the place of one that is still mapped.
    """
    if tensor.shape != parameter.shape:
        return tensor.clone()
    return torch.empty_like(parameter, dtype=tensor.dtype, device="cpu").copy_(tensor)


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) :]: each for name, each in tensors.items() if name.startswith(prefix)}


def _damaged(path: Path) -> TrainingError:
    return TrainingError(
        f"{path} is damaged, or no state of a training: give another folder for the run."
    )
