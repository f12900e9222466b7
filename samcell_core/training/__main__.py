"""``python -m samcell_core.training``: train a model on images and labels of your own."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from samcell_core.datasets import Survey, make_survey
from samcell_core.errors import DeviceError, SamcellError, SettingsError, TrainingError
from samcell_core.models.samcell import SamcellShape
from samcell_core.terminal import DownloadLine
from samcell_core.training.collection import make_scenes
from samcell_core.training.command import WronglyCalledError, carry_out
from samcell_core.training.costs import cost_of, less_memory, size
from samcell_core.training.data_report import check_survey, write_survey
from samcell_core.training.examples import Examples
from samcell_core.training.loading import load
from samcell_core.training.loop import train
from samcell_core.training.options import make_parser
from samcell_core.training.plan import Plan, make_plan
from samcell_core.training.sam import SamTrainingSettings, train_sam
from samcell_core.training.settings import SYNTHETIC, TrainingSettings
from samcell_core.training.shortage import memory_watched
from samcell_core.training.telling import Teller


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = make_parser().parse_args(arguments)
    teller = Teller(options.verbosity)
    again = "nothing was written" if options.dry_run else "the same command goes on"
    where = "" if options.dry_run else " from the last validation"

    def act() -> None:
        try:
            _act(options, teller)
        finally:
            teller.clear()

    return carry_out(act, stopped=f"Stopped: {again}{where}.")


def _act(options: argparse.Namespace, teller: Teller) -> None:
    with _refusing(SamcellError):
        with DownloadLine(sys.stderr, wanted=options.verbosity >= 0) as arriving:
            plan = make_plan(options, note=teller.note, progress=arriving)
        teller.say(
            f"{len(plan.training)} images to train on, {len(plan.validation)} to validate on."
        )
        if options.dry_run:
            _try_out(plan, teller)
            return
        survey = _survey(plan, teller)
        training, validation = _examples(plan, teller)
        if survey is not None:
            write_survey(survey, _folder_of(plan))
    with _refusing(SettingsError, DeviceError):
        _train(plan, training, validation, teller)
    _tell_next(options, plan, teller)


def _folder_of(plan: Plan) -> Path:
    assert plan.out is not None  # but in a dry run
    return plan.out


@contextmanager
def _refusing(*errors: type[SamcellError]) -> Iterator[None]:
    """Where one of these errors is raised, the call has to be another one."""
    try:
        yield
    except errors as error:
        raise WronglyCalledError(str(error)) from error


def _try_out(plan: Plan, teller: Teller) -> None:
    """A dry run."""
    survey = _survey(plan, teller)
    assert survey is not None
    cost = cost_of(plan, survey)
    teller.say(cost.to_text())
    if cost.advice:
        raise TrainingError(
            f"Training so takes about {size(cost.memory)}, and {cost.device} has "
            f"{size(cost.available)}: {cost.advice} (on the command line with --set)."
        )
    teller.say("Nothing was written. Without --dry-run the training begins.")


def _survey(plan: Plan, teller: Teller) -> Survey | None:
    """Tell what the data is like, and refuse what cannot be trained on; once for a run."""
    if plan.goes_on:
        teller.say(f"The run in {plan.out} goes on.")
        return None
    survey = make_survey(plan.data, progress=teller.progress("looking at images"))
    teller.say(f"\n{survey.to_text()}\n")
    check_survey(survey, plan, note=teller.note)
    return survey


def _examples(plan: Plan, teller: Teller) -> tuple[Examples, Examples]:
    """All images in memory: those to train on, and those to validate on."""
    training, validation = (
        load(pairs, plan.recipe, cache=plan.cache, progress=teller.progress(f"reading {what}"))
        for pairs, what in (
            (plan.training, "images to train on"),
            (plan.validation, "images to validate on"),
        )
    )
    if plan.cache is not None and plan.cache.note:
        teller.note(plan.cache.note)
    scenes = plan.recipe.scenes
    if scenes:
        teller.say(f"Drawing {scenes} synthetic scenes.")
        training[SYNTHETIC] = make_scenes(
            scenes, seed=plan.recipe.settings.seed, progress=teller.progress("drawing scenes")
        )
    return training, validation


def _train(plan: Plan, training: Examples, validation: Examples, teller: Teller) -> None:
    if isinstance(plan.recipe.settings, SamTrainingSettings):
        _train_sam(plan, plan.recipe.settings, training, validation, teller)
    else:
        _train_lite(plan, plan.recipe.settings, training, validation, teller)


def _train_lite(
    plan: Plan,
    settings: TrainingSettings,
    training: Examples,
    validation: Examples,
    teller: Teller,
) -> None:
    recipe = plan.recipe
    assert not isinstance(recipe.shape, SamcellShape)
    start, begun = plan.start.lite if plan.start and plan.start.lite else (None, None)
    with memory_watched(plan.device, less_memory(settings)):
        result = train(
            training,
            validation,
            _folder_of(plan),
            settings,
            shape=recipe.shape,
            start=start,
            name=recipe.name,
            licence=plan.licence,
            thresholds=plan.thresholds,
            diameter=recipe.diameter or (begun.diameter if begun is not None else None),
            device=str(plan.device),
            report=teller.lite,
        )
    teller.say(
        f"Best at step {result.best_step}, mean OP_CSB {result.score:.4f} ({result.reason}): "
        f"{result.best}"
    )


def _train_sam(
    plan: Plan,
    settings: SamTrainingSettings,
    training: Examples,
    validation: Examples,
    teller: Teller,
) -> None:
    recipe = plan.recipe
    result = train_sam(
        training,
        validation,
        _folder_of(plan),
        settings,
        shape=recipe.shape if isinstance(recipe.shape, SamcellShape) else None,
        start=None if plan.start is None else plan.start.source,
        name=recipe.name,
        licence=plan.licence,
        thresholds=plan.thresholds,
        device=str(plan.device),
        report=teller.sam,
    )
    for sentence in result.notes:
        teller.note(sentence)
    sets = ", ".join(f"{name} {score:.3f}" for name, score in result.validation.by_set.items())
    teller.say(f"OP_CSB of the whole validation images {result.validation.score:.4f}: {sets}")
    end = str(result)
    teller.say(f"{end[0].upper()}{end[1:]}: {result.best}")


def _tell_next(options: argparse.Namespace, plan: Plan, teller: Teller) -> None:
    out = _folder_of(plan)
    best = str(out / "best.safetensors")
    named = [
        f"--{name}={value}"
        for name in ("manifest", "images", "labels", "kind")
        if (value := getattr(options, name)) is not None
    ]
    if options.skip_unlabelled:
        named.append("--skip-unlabelled")
    tuning = ["tune", str(options.data), *named, "-o", str(out / "tuning"), "--model", best]
    running = ["run", "IMAGES", "--model", best]
    teller.say("Next, its thresholds on your images, and the cells of others:")
    for words in (tuning, running):
        # In quotes where need be, as every shell understands them.
        teller.say(f"  {subprocess.list2cmdline(['samcell-cli', *words])}")


if __name__ == "__main__":
    sys.exit(main())
