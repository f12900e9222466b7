"""The training loop: the same run always gives the same network, interrupted or not."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from samcell_core.devices import choose_device
from samcell_core.models.lite import LiteNetwork, LiteShape
from samcell_core.models.lite_file import LiteHeader, lite_bytes
from samcell_core.training.batches import make_batch, prefetched
from samcell_core.training.curves import HistoryRow
from samcell_core.training.examples import Examples
from samcell_core.training.identity import identity
from samcell_core.training.learner import Learner, network_to_train
from samcell_core.training.opening import facts_of, with_images
from samcell_core.training.reports import Report, Result
from samcell_core.training.resuming import standing_in
from samcell_core.training.run_folder import RunFolder
from samcell_core.training.settings import TrainingSettings
from samcell_core.training.state import Standing, load_weights, save_state
from samcell_core.training.validation import Validation, validate
from samcell_core.training.whole import write_whole

__all__ = ["train"]

_VALIDATION_BATCHES = 12


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
    thresholds: tuple[float, float] | None = None,
    diameter: float | None = None,
    device: str = "cpu",
    report: Callable[[Report], None] = lambda _: None,
) -> Result:
    """Train a network, or go on with a run that was interrupted.

    On the same machine the same call ends with the same network, however often it was
    interrupted; on a GPU, as nearly as the GPU computes the same twice.

    Parameters
    ----------
    training, validation
        Images by set, from `load_examples`, `make_scenes` or `make_example`.
    out
        Folder of the run: ``best.safetensors``, ``history.csv``, ``curves.png``, ``samples``,
        and ``state.safetensors``, from which the same call goes on.
    settings
        How; the defaults where not given.
    shape
        Size of a new network.
    start
        A network to go on from instead, as `read_lite` gives it.
    name, licence
        Written to the checkpoint; the name of the folder where not given.
    thresholds
        Peak and fill with which it is validated and used, written to the checkpoint, too; the
        usual ones where not given.
    diameter
        Diameter to which the cells of an image are brought, by the network's own measure, when
        it is validated and used; images stay as they are where not given.
    device
        Where to compute: ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``.
    report
        Told how it goes, after every step and every validation. What it raises ends the run.

    Raises
    ------
    TrainingError
        There is nothing to train or validate on, the folder holds another run, the training
        diverges, or the network cannot be saved.
    SettingsError
        The settings do not fit the images or the network.
    """
    out = Path(out)
    settings = settings or TrainingSettings()
    training, validation = with_images(training, validation)
    settings.check_sets(training, validation)
    network = network_to_train(shape, start, settings)
    header = LiteHeader(
        name=name or out.resolve().name,
        shape=network.shape,
        diameter=diameter,
        licence=licence,
        training={"settings": settings.to_dict(), **facts_of(training, validation)},
    )
    if thresholds is not None:
        header = dataclasses.replace(header, peak=thresholds[0], fill=thresholds[1])
    place = choose_device(device)
    run = _Run(
        learner=Learner(network, settings, place),
        training=training,
        validation=validation,
        settings=settings,
        header=header,
        device=str(place),
        folder=RunFolder(out),
        identity=identity(
            settings.to_dict(),
            network.shape.to_dict(),
            start,
            training,
            validation,
            diameter=diameter,
        ),
    )
    run.resume()
    return run.go(report)


@dataclass
class _Run:
    """What learns from what, where it is kept, and where it stands."""

    learner: Learner
    training: Examples
    validation: Examples
    settings: TrainingSettings
    header: LiteHeader
    device: str
    folder: RunFolder
    identity: dict[str, Any]
    standing: Standing = field(default_factory=Standing)

    def resume(self) -> None:
        """Go on with this run, if it is in its folder, or make the folder that of this run."""
        standing = standing_in(self.folder, self.identity)
        if standing is None:
            self._save()
            return
        learner = self.learner
        load_weights(self.folder.state, learner.parts(), learner.optimizer)
        self.standing = standing

    def go(self, report: Callable[[Report], None]) -> Result:
        """Train to the end."""
        settings, standing = self.settings, self.standing
        began = time.monotonic() - standing.seconds
        with closing(prefetched(self.training, settings, standing.step)) as batches:
            while standing.without_gain < settings.patience and standing.step < settings.steps:
                loss = self.learner.update(next(batches), standing.step)
                standing.step += 1
                standing.losses.append(loss)
                standing.seconds = time.monotonic() - began
                validation: Validation | None = None
                notes: tuple[str, ...] = ()
                if standing.step % settings.validate_every == 0 or standing.step == settings.steps:
                    validation, notes = self._validate()
                    standing.seconds = time.monotonic() - began
                report(
                    Report(standing.step, settings.steps, loss, standing.seconds, validation, notes)
                )
        reason = "all steps done"
        if standing.without_gain >= settings.patience:
            reason = f"stopped by patience: {settings.patience} validations without gain"
        return Result(self.folder.best, standing.best_step, standing.best_score, reason)

    def _validate(self) -> tuple[Validation, tuple[str, ...]]:
        """Validate, keep the network if it is the best, and save where the run stands.

        In this order: stopped in between, the run goes on from the validation before, and comes
        to the same.
        """
        standing, settings = self.standing, self.settings
        self.learner.check_finite(standing.step)
        validation, shown = validate(
            self.learner.averaged, self.validation, self.header, device=self.device
        )
        score = validation.score
        if standing.judge(score, settings.least_gain):
            self._keep(validation)
        seen = standing.step * settings.batch
        standing.history.append(
            HistoryRow(
                step=standing.step,
                epoch=seen // sum(map(len, self.training.values())),
                training_loss=sum(standing.losses) / len(standing.losses),
                validation_loss=self._validation_loss(),
                score=score,
                learning_rate=settings.learning_rate_at(standing.step - 1),
                seconds=standing.seconds,
            )
        )
        standing.losses.clear()
        notes = self.folder.show(standing.history, shown)
        self._save()
        return validation, notes

    def _validation_loss(self) -> float:
        """Mean loss on crops of the validation images, the same ones each time."""
        settings = self.settings
        if not any(settings.weights.get(name, 1) for name in self.validation):
            settings = dataclasses.replace(settings, weights={})
        return self.learner.loss(
            make_batch(self.validation, settings, number, changed=False)
            for number in range(_VALIDATION_BATCHES)
        )

    def _keep(self, validation: Validation) -> None:
        reached = {"step": self.standing.step, "scores": dict(validation.by_set)}
        header = dataclasses.replace(self.header, training=self.header.training | reached)
        write_whole(self.folder.best, lite_bytes(self.learner.averaged, header))

    def _save(self) -> None:
        learner = self.learner
        save_state(
            self.folder.state, learner.parts(), learner.optimizer, self.standing, self.identity
        )
