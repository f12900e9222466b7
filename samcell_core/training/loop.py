"""The training loop: the same run always gives the same network, interrupted or not."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from samcell_core.errors import TrainingError
from samcell_core.models.lite import LiteNetwork, LiteShape
from samcell_core.models.lite_file import LiteHeader, lite_bytes
from samcell_core.segmentation import Segmentation
from samcell_core.training.batches import make_batch, prefetched
from samcell_core.training.curves import History, HistoryRow, draw_curves
from samcell_core.training.examples import Example
from samcell_core.training.loss import loss_of
from samcell_core.training.pictures import sample_picture, write_png
from samcell_core.training.settings import TrainingSettings
from samcell_core.training.state import load_state, save_state, write_whole
from samcell_core.training.validation import Validation, validate

__all__ = ["Examples", "Report", "Result", "train"]

Examples = Mapping[str, Sequence[Example]]
"""Images by the name of their set."""

_VALIDATION_BATCHES = 12


@dataclass(frozen=True)
class Report:
    """What a run says of itself while it goes on."""

    step: int
    steps: int
    loss: float
    seconds: float
    validation: Validation | None = None


@dataclass(frozen=True)
class Result:
    """How a run ended.

    Attributes
    ----------
    best
        The checkpoint of the best network.
    best_step, score
        When it was reached, and its mean OP_CSB on the validation images.
    reason
        Why the run ended, in words.
    """

    best: Path
    best_step: int
    score: float
    reason: str


@dataclass
class _Standing:
    """What changes as a run goes on, besides the weights."""

    step: int = 0
    best_step: int = 0
    best_score: float = -1.0
    reference: float = -1.0
    without_gain: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)


def train(
    training: Examples,
    validation: Examples,
    out: str | Path,
    settings: TrainingSettings | None = None,
    *,
    shape: LiteShape | None = None,
    start: LiteNetwork | None = None,
    name: str | None = None,
    licence: str | None = None,
    device: str = "cpu",
    report: Callable[[Report], None] = lambda _: None,
) -> Result:
    """Train a network, or go on with a run that was interrupted.

    Parameters
    ----------
    training, validation
        Images by set, from `make_example`.
    out
        Folder of the run: ``best.safetensors``, ``history.csv``, ``curves.png``, ``samples``,
        and ``state.safetensors``, from which the same call goes on.
    settings
        How; the defaults where not given.
    shape
        Size of a new network.
    start
        A network to go on from instead.
    name, licence
        Written to the checkpoint.
    device
        Where to compute.
    report
        Told how it goes, after every step and every validation.
    """
    out = Path(out)
    run = _Run(training, validation, out, settings or TrainingSettings(), device)
    run.begin(shape or LiteShape(), start, name or out.name, licence)
    return run.go(report)


class _Run:
    def __init__(
        self,
        training: Examples,
        validation: Examples,
        out: Path,
        settings: TrainingSettings,
        device: str,
    ) -> None:
        if not any(training.values()):
            raise TrainingError("There is no image to train on.")
        if not any(validation.values()):
            raise TrainingError("There is no image to validate on.")
        self.training = {name: each for name, each in training.items() if each}
        self.validation = {name: each for name, each in validation.items() if each}
        self.out, self.settings = out, settings
        self.device = torch.device(device)
        self.standing = _Standing()

    def begin(
        self, shape: LiteShape, start: LiteNetwork | None, name: str, licence: str | None
    ) -> None:
        try:
            (self.out / "samples").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TrainingError(
                f"The folder {self.out} could not be made ({error.strerror}): check --out."
            ) from error
        torch.manual_seed(self.settings.seed)
        network = copy.deepcopy(start) if start is not None else LiteNetwork(shape)
        network = network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network: LiteNetwork = network.requires_grad_(True)
        self.averaged = copy.deepcopy(network).requires_grad_(False).eval()
        self.optimizer = torch.optim.AdamW(
            _groups(self.network, self.settings.weight_decay), lr=self.settings.learning_rate
        )
        self.header = LiteHeader(
            name=name,
            shape=network.shape,
            licence=licence,
            training={"settings": self.settings.to_dict(), "images": self._images()},
        )
        self.history = History(self.out / "history.csv")
        state = self.out / "state.safetensors"
        if state.exists():
            saved = load_state(state, self.network, self.averaged, self.optimizer)
            if saved["run"] != self._identity():
                raise TrainingError(
                    f"{self.out} holds a run with other settings or images: give another folder, "
                    "or the same settings and images to go on."
                )
            self.standing = _Standing(**saved["standing"])
        self.history.truncate(self.standing.step)

    def go(self, report: Callable[[Report], None]) -> Result:
        settings, standing = self.settings, self.standing
        reason = "all steps done"
        began = time.monotonic() - standing.seconds
        if standing.without_gain >= settings.patience:
            return self._result(self._patience())
        for batch in prefetched(self.training, settings, standing.step):
            rate = settings.learning_rate_at(standing.step)
            for group in self.optimizer.param_groups:
                group["lr"] = rate
            with self._mixed():
                loss = loss_of(self.network.outputs(batch.image.to(self.device)), batch.to(self.device))
            value = float(loss.detach())
            if not value < 1e6:
                raise TrainingError(
                    f"The loss was {value} at step {standing.step + 1}, with crops of "
                    f"{', '.join(sorted(set(batch.names)))}: look at these images, or lower "
                    "learning_rate."
                )
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
            self.optimizer.step()
            standing.step += 1
            self._average(standing.step)
            standing.losses.append(value)
            standing.seconds = time.monotonic() - began
            validation = None
            if standing.step % settings.validate_every == 0 or standing.step == settings.steps:
                validation = self._validate(rate)
                standing.seconds = time.monotonic() - began
            report(Report(standing.step, settings.steps, value, standing.seconds, validation))
            if standing.without_gain >= settings.patience:
                reason = self._patience()
                break
        return self._result(reason)

    def _patience(self) -> str:
        return f"stopped by patience: {self.settings.patience} validations without gain"

    def _result(self, reason: str) -> Result:
        standing = self.standing
        best = self.out / "best.safetensors"
        return Result(best, standing.best_step, standing.best_score, reason)

    def _mixed(self) -> AbstractContextManager[Any]:
        if self.settings.precision == "bf16":
            return torch.autocast(self.device.type, torch.bfloat16)
        return nullcontext()

    @torch.no_grad()
    def _average(self, step: int) -> None:
        """Let the averaged network follow; at first, when all changes fast, more closely."""
        memory = min(self.settings.average, (1 + step) / (10 + step))
        kept = self.averaged.state_dict()
        for name, tensor in self.network.state_dict().items():
            if tensor.is_floating_point():
                kept[name].lerp_(tensor, 1 - memory)
            else:
                kept[name].copy_(tensor)

    def _validate(self, rate: float) -> Validation:
        standing = self.standing
        validation, found = validate(self.averaged, self.validation, device=str(self.device))
        score = validation.score
        if score > standing.best_score:
            standing.best_score, standing.best_step = score, standing.step
            self._keep(self.out / "best.safetensors", validation)
        if score > standing.reference + self.settings.least_gain:
            standing.reference, standing.without_gain = score, 0
        else:
            standing.without_gain += 1
        seen = standing.step * self.settings.batch
        self.history.append(
            HistoryRow(
                step=standing.step,
                epoch=seen // sum(map(len, self.training.values())),
                training_loss=sum(standing.losses) / max(1, len(standing.losses)),
                validation_loss=self._validation_loss(),
                score=score,
                learning_rate=rate,
                seconds=standing.seconds,
            )
        )
        standing.losses.clear()
        draw_curves(self.history, self.out / "curves.png")
        self._draw(found)
        save_state(
            self.out / "state.safetensors",
            self.network,
            self.averaged,
            self.optimizer,
            {"run": self._identity(), "standing": vars(standing)},
        )
        return validation

    def _keep(self, path: Path, validation: Validation) -> None:
        training = self.header.training | {
            "step": self.standing.step,
            "scores": dict(validation.by_set),
        }
        header = LiteHeader(**{**vars(self.header), "training": training})
        write_whole(path, lite_bytes(self.averaged, header))

    @torch.no_grad()
    def _validation_loss(self) -> float:
        """Mean loss on crops of the validation images, the same ones each time."""
        losses = []
        for number in range(_VALIDATION_BATCHES):
            batch = make_batch(self.validation, self.settings, number, changed=False)
            outputs = self.averaged.outputs(batch.image.to(self.device))
            losses.append(float(loss_of(outputs, batch.to(self.device))))
        return sum(losses) / len(losses)

    def _draw(self, found: Mapping[str, Sequence[Segmentation]]) -> None:
        for name, examples in self.validation.items():
            example = examples[0]
            picture = sample_picture(
                example.image,
                example.labels,
                found[name][0].distance_map,
                found[name][0].labels,
                title=example.name,
            )
            write_png(picture, self.out / "samples" / f"{name}.png", overwrite=True)

    def _images(self) -> dict[str, int]:
        return {name: len(each) for name, each in sorted(self.training.items())}

    def _identity(self) -> dict[str, Any]:
        """What must be the same for a run to go on."""
        values = {
            "settings": self.settings.to_dict(),
            "shape": self.header.shape.to_dict(),
            "training": _names(self.training),
            "validation": _names(self.validation),
        }
        plain: dict[str, Any] = json.loads(json.dumps(values))
        return plain


def _names(examples: Examples) -> dict[str, list[str]]:
    return {name: [each.name for each in examples[name]] for name in sorted(examples)}


def _groups(network: LiteNetwork, weight_decay: float) -> list[dict[str, Any]]:
    """Weights that decay, and those that do not: biases and normalisations."""
    large: list[Tensor] = [each for each in network.parameters() if each.ndim > 1]
    small: list[Tensor] = [each for each in network.parameters() if each.ndim <= 1]
    return [
        {"params": large, "weight_decay": weight_decay},
        {"params": small, "weight_decay": 0.0},
    ]
