"""A run of the SAM-based network: the same one gives the same network, interrupted or not."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from samcell_core.errors import TrainingError
from samcell_core.models.loading import load_model, samcell_model
from samcell_core.models.samcell import SamcellNetwork
from samcell_core.models.samcell_file import SamcellHeader, read_samcell_header, samcell_bytes
from samcell_core.segmentation import ModelInfo, Segmentation
from samcell_core.training.curves import HistoryRow
from samcell_core.training.examples import Example, Examples
from samcell_core.training.prefetch import made_ahead
from samcell_core.training.resuming import standing_in
from samcell_core.training.run_folder import RunFolder
from samcell_core.training.sam.crops import training_batch, validation_batch, validation_batches
from samcell_core.training.sam.learner import SamLearner
from samcell_core.training.sam.reports import SamReport, SamResult
from samcell_core.training.sam.settings import SamTrainingSettings
from samcell_core.training.state import Standing, load_weights, save_state
from samcell_core.training.validation import Validation, validate_model
from samcell_core.training.whole import write_whole

__all__ = ["SamRun", "in_order"]

Shown = dict[str, tuple[Example, Segmentation]]
"""An image of each set, and what was found in it."""


@dataclass
class SamRun:
    """What learns from what, where it is kept, and where it stands."""

    learner: SamLearner
    training: Sequence[Example]
    validation: Examples
    settings: SamTrainingSettings
    header: SamcellHeader
    device: str
    folder: RunFolder
    identity: dict[str, Any]
    standing: Standing = field(
        # A score is a loss with the other sign.
        default_factory=lambda: Standing(best_score=-math.inf, reference=-math.inf)
    )

    @property
    def in_epoch(self) -> int:
        """Updates of an epoch."""
        return self.settings.updates_in(len(self.training))

    @property
    def steps(self) -> int:
        """Updates there can be."""
        return self.settings.epochs * self.in_epoch

    def resume(self) -> None:
        """Go on with this run, if it is in its folder, or make the folder that of this run."""
        standing = standing_in(self.folder, self.identity)
        if standing is None:
            self._save()
            return
        load_weights(self.folder.state, self.learner.parts(), self.learner.optimizer)
        self.standing = standing

    def go(self, report: Callable[[SamReport], None]) -> SamResult:
        """Train to the end."""
        settings, standing = self.settings, self.standing
        began = time.monotonic() - standing.seconds
        notes = self._warnings() if standing.step == 0 else ()
        make = partial(training_batch, self.training, settings)
        with closing(made_ahead(make, range(standing.step, self.steps))) as batches:
            while standing.without_gain < settings.patience and standing.step < self.steps:
                loss = self.learner.update(next(batches), standing.step, self.steps)
                standing.step += 1
                standing.losses.append(loss)
                standing.seconds = time.monotonic() - began
                row: HistoryRow | None = None
                validation: Validation | None = None
                if standing.step % self.in_epoch == 0:
                    row, validation, failed = self._end_epoch()
                    notes += failed
                    standing.seconds = time.monotonic() - began
                epoch = -(-standing.step // self.in_epoch)
                report(
                    SamReport(
                        step=standing.step,
                        steps=self.steps,
                        epoch=epoch,
                        epochs=settings.epochs,
                        loss=loss,
                        seconds=standing.seconds,
                        row=row,
                        validation=validation,
                        notes=notes,
                    )
                )
                notes = ()
        return self._end()

    def _warnings(self) -> tuple[str, ...]:
        warm_up = self.settings.warm_up
        if self.steps > warm_up:
            return ()
        note = (
            f"The warm-up of {warm_up} updates is longer than the {self.steps} updates of this "
            "run, so that its learning rate never gets there: lower warm_up, or give more epochs."
        )
        return (note,)

    def _end_epoch(self) -> tuple[HistoryRow, Validation | None, tuple[str, ...]]:
        """Validate, keep the network if it is the best, and save where the run stands.

        In this order: stopped in between, the run goes on from the epoch before, and comes to the
        same.
        """
        standing, settings = self.standing, self.settings
        epoch = standing.step // self.in_epoch
        loss = self._validation_loss(epoch)
        plain: SamcellNetwork | None = None
        row = HistoryRow(
            step=standing.step,
            epoch=epoch,
            training_loss=sum(standing.losses) / len(standing.losses),
            validation_loss=loss,
            score=math.nan,
            learning_rate=settings.learning_rate_at(standing.step - 1, self.steps),
            seconds=standing.seconds,
        )
        if standing.judge(-loss, settings.least_gain):
            plain = self.learner.plain()
            reached = {
                "epoch": epoch,
                "step": standing.step,
                "validation loss": loss,
                "training loss": row.training_loss,
            }
            self._keep(plain, reached)
        validation: Validation | None = None
        shown: Shown = {}
        if settings.score_every and epoch % settings.score_every == 0:
            validation, shown = self._score(plain or self.learner.plain())
            row = dataclasses.replace(row, score=validation.score)
        standing.history.append(row)
        standing.losses.clear()
        notes = self.folder.show(standing.history, shown)
        self._save()
        return row, validation, notes

    def _validation_loss(self, epoch: int) -> float:
        """Mean loss on crops of the validation images, the same ones each time."""
        images = in_order(self.validation)
        make = partial(validation_batch, images, self.settings)
        with closing(made_ahead(make, range(validation_batches(images, self.settings)))) as batches:
            loss = self.learner.loss(batches)
        if not math.isfinite(loss):
            raise TrainingError(
                f"The validation loss was {loss} after epoch {epoch}: lower learning_rate."
            )
        return loss

    def _score(self, network: SamcellNetwork) -> tuple[Validation, Shown]:
        """Segment whole images as users would get them."""
        info = ModelInfo(
            name=self.header.name,
            architecture=network.shape.name,
            peak=self.header.peak,
            fill=self.header.fill,
        )
        model = samcell_model(network.cpu(), info)
        return validate_model(model, self.validation, device=self.device)

    def _end(self) -> SamResult:
        """Score the best network on whole images, if that was not done yet, and tell the end."""
        standing, folder = self.standing, self.folder
        header = read_samcell_header(folder.best)
        if header is None:
            raise TrainingError(f"{folder.best} was replaced by another file: put it back.")
        shown: Shown = {}
        if "scores" not in header.training:
            model = load_model(folder.best)
            validation, shown = validate_model(model, self.validation, device=self.device)
            scores = {"scores": dict(validation.by_set)}
            content = samcell_bytes(
                model.network.state_dict(),
                dataclasses.replace(header, training=header.training | scores),
            )
            write_whole(folder.best, content)
        else:
            validation = Validation(header.training["scores"])
        notes: tuple[str, ...] = ()
        best = standing.best_step // self.in_epoch - 1
        if standing.history[best].score != validation.score:
            standing.history[best] = dataclasses.replace(
                standing.history[best], score=validation.score
            )
            notes = folder.show(standing.history, shown)
            self._save()
        reason = "all epochs done"
        if standing.without_gain >= self.settings.patience:
            reason = "stopped by patience"
        return SamResult(
            best=folder.best,
            epoch=best + 1,
            loss=standing.history[best].validation_loss,
            validation=validation,
            epochs=standing.step // self.in_epoch,
            reason=reason,
            notes=notes,
        )

    def _keep(self, network: SamcellNetwork, reached: dict[str, Any]) -> None:
        header = dataclasses.replace(self.header, training=self.header.training | reached)
        write_whole(self.folder.best, samcell_bytes(network.state_dict(), header))

    def _save(self) -> None:
        learner = self.learner
        save_state(
            self.folder.state, learner.parts(), learner.optimizer, self.standing, self.identity
        )


def in_order(examples: Examples) -> list[Example]:
    """All images, the sets by name."""
    return [example for name in sorted(examples) for example in examples[name]]
