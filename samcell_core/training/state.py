"""Where a run stands, in one file that is always whole."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from samcell_core.errors import TrainingError
from samcell_core.training.curves import HistoryRow
from samcell_core.training.whole import write_whole

__all__ = ["Standing", "load_weights", "read_standing", "save_state"]


@dataclass
class Standing:
    """What changes as a run goes on, besides the weights.

    Attributes
    ----------
    step
        Updates done.
    best_step, best_score
        When the best network was reached, and its score; -1 where there is none yet.
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


def save_state(
    path: Path,
    network: nn.Module,
    averaged: nn.Module,
    optimizer: torch.optim.Optimizer,
    standing: Standing,
    run: Mapping[str, Any],
) -> None:
    """Save all that the rest of a run depends on; ``run`` is what tells it from others."""
    tensors = {f"network.{name}": each for name, each in network.state_dict().items()}
    tensors |= {f"averaged.{name}": each for name, each in averaged.state_dict().items()}
    for number, values in optimizer.state_dict()["state"].items():
        for name, value in values.items():
            tensors[f"optimizer.{number}.{name}"] = torch.as_tensor(value)
    whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    said = {"run": json.dumps(run), "standing": json.dumps(dataclasses.asdict(standing))}
    write_whole(path, save(whole, said))


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


def load_weights(
    path: Path, network: nn.Module, averaged: nn.Module, optimizer: torch.optim.Optimizer
) -> None:
    """Bring networks and optimizer back to where they were when a state was saved."""
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        network.load_state_dict(_part(tensors, "network."))
        averaged.load_state_dict(_part(tensors, "averaged."))
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
