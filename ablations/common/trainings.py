"""Trainings that are done once: finished ones are found again, interrupted ones go on."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.images import Images
from samcell_core.models.samcell import SamcellNetwork, SamcellShape
from samcell_core.training.command import warn
from samcell_core.training.identity import identity
from samcell_core.training.sam import SamReport, SamTrainingSettings, new_network, train_sam
from samcell_core.training.sam.parts import prepare
from samcell_core.training.state import read_standing
from samcell_core.training.whole import write_whole

__all__ = ["Progress", "Trained", "Trainings", "finish", "finished"]

_DONE = "trained.json"
_QUIET = 30.0  # seconds between two lines on a training


@dataclass(frozen=True)
class Trained:
    """A network that was trained.

    Attributes
    ----------
    checkpoint
        Its file.
    seconds
        How long training took, over all its interruptions.
    parameters
        Numbers that training changed.
    """

    checkpoint: Path
    seconds: float
    parameters: int


class Trainings:
    """Trainings in a folder, each in one of its own that is named by all that decides it.

    Parameters
    ----------
    folder
        Where they are.
    device
        Where to compute.
    """

    def __init__(self, folder: Path, device: str) -> None:
        self._folder, self._device = folder, device

    def place(self, **decisive: Any) -> Path:
        """Folder of the training that some plain values decide."""
        digest = hashlib.sha256(json.dumps(decisive, sort_keys=True).encode())
        return self._folder / digest.hexdigest()[:20]

    def train(
        self,
        name: str,
        images: Images,
        settings: SamTrainingSettings,
        *,
        shape: SamcellShape,
        start: SamcellNetwork | None = None,
    ) -> Trained:
        """Train a network, or find it where that was done.

        Raises
        ------
        SamcellError
            As `train_sam` does.
        """
        decided = identity(
            settings.to_dict(), dataclasses.asdict(shape), start, images.training, images.validation
        )
        place = self.place(**decided)
        best = place / "best.safetensors"
        done = finished(place)
        if done is not None and best.exists():
            _say_done(name, done)
            return Trained(best, **done)
        train_sam(
            images.training,
            images.validation,
            place,
            settings,
            shape=None if start is not None else shape,
            start=start,
            name=name,
            device=self._device,
            report=Progress(name),
        )
        # As its state has it, which counts the time before an interruption, too.
        _, standing = read_standing(place / "state.safetensors")
        parameters = _count_trained(shape, settings)
        return Trained(best, **finish(place, name, standing.seconds, parameters))


def finished(place: Path) -> dict[str, Any] | None:
    """What is known of a training that has ended; nothing where it has not."""
    try:
        values = json.loads((place / _DONE).read_text(encoding="utf-8"))
        return {"seconds": float(values["seconds"]), "parameters": int(values["parameters"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def finish(place: Path, name: str, seconds: float, parameters: int) -> dict[str, Any]:
    """Keep that a training has ended."""
    values = {"seconds": seconds, "parameters": parameters}
    write_whole(place / _DONE, json.dumps({"name": name, **values}).encode())
    _say_done(name, values)
    return values


def _say_done(name: str, values: Mapping[str, Any]) -> None:
    """Say on the error stream that a training is there; the output is the report's."""
    warn(f"{name}: trained in {values['seconds']:.0f} s")


def _count_trained(shape: SamcellShape, settings: SamTrainingSettings) -> int:
    """Numbers that a training with these settings changes."""
    network = new_network(shape, tile=settings.tile)
    prepare(network, settings)
    return sum(each.numel() for each in network.parameters() if each.requires_grad)


class Progress:
    """Says now and then where a training is.

    Parameters
    ----------
    name
        Of the training.
    """

    def __init__(self, name: str) -> None:
        self._name, self._began = name, time.monotonic()
        self._last = self._began

    def tell(self, epoch: int, epochs: int, loss: float) -> None:
        """Say where it is, unless that was said a moment ago."""
        now = time.monotonic()
        if now - self._last > _QUIET:
            self._last = now
            warn(
                f"{self._name}: epoch {epoch} of {epochs}, loss {loss:.4f}, "
                f"{now - self._began:.0f} s"
            )

    def __call__(self, report: SamReport) -> None:
        """Take a report of `train_sam`."""
        for note in report.notes:
            warn(f"Note: {note}")
        if report.row is not None:
            self.tell(report.epoch, report.epochs, report.row.validation_loss)
