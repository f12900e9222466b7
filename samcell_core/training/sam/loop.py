"""The door to a training of the SAM-based network: checks, what it starts from, and the run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from samcell_core.devices import choose_device
from samcell_core.models.samcell import SamcellNetwork, SamcellShape
from samcell_core.models.samcell_file import SamcellHeader
from samcell_core.training.examples import Examples
from samcell_core.training.identity import identity
from samcell_core.training.opening import facts_of, with_images
from samcell_core.training.run_folder import RunFolder
from samcell_core.training.sam.learner import SamLearner
from samcell_core.training.sam.memory import check_memory
from samcell_core.training.sam.reports import SamReport, SamResult
from samcell_core.training.sam.run import SamRun, in_order
from samcell_core.training.sam.settings import SamTrainingSettings
from samcell_core.training.sam.starting import Start, starting_network

__all__ = ["train_sam"]

# Settings that change how an update is computed, not which: a run may go on with others.
_FREE = ("at_once", "checkpointing")


def train_sam(
    training: Examples,
    validation: Examples,
    out: str | Path,
    settings: SamTrainingSettings | None = None,
    *,
    shape: SamcellShape | None = None,
    start: Start | None = None,
    name: str | None = None,
    licence: str | None = None,
    thresholds: tuple[float, float] | None = None,
    device: str = "auto",
    report: Callable[[SamReport], None] = lambda _: None,
) -> SamResult:
    """Train the SAM-based network, or go on with a run that was interrupted.

    On one CPU the same call ends with the same network, however often it was interrupted; on a
    GPU, as nearly as the GPU computes the same twice. One device is used; several GPUs are not.

    Parameters
    ----------
    training, validation
        Images by set, from `load_examples`, `make_scenes` or `make_example`.
    out
        Folder of the run: ``best.safetensors``, ``history.csv``, ``curves.png``, ``samples``,
        and ``state.safetensors``, from which the same call goes on after the last whole epoch.
    settings
        How; the paper's where not given.
    shape
        Size of a new network; SAM ViT-B where not given.
    start
        What to start from instead: Meta's SAM file, Hugging Face's, a SAMCell checkpoint, the
        name of a model, or what `read_start` returned.
    name, licence
        Written to the checkpoint; the name of the folder where not given.
    thresholds
        Peak and fill with which it is validated and used, written to the checkpoint, too; the
        usual ones where not given.
    device
        Where to compute: ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``.
    report
        Told how it goes, after every update. What it raises ends the run.

    Raises
    ------
    TrainingError
        There is nothing to train or validate on, the folder holds another run, the training
        diverges, memory does not suffice, or the network cannot be saved.
    ModelError
        What to start from cannot be read, or is another network.
    SettingsError
        The settings do not fit the network.
    """
    out = Path(out)
    settings = settings or SamTrainingSettings()
    training, validation = with_images(training, validation)
    place = choose_device(device)
    network = starting_network(shape, start, settings)
    header = SamcellHeader(
        name=name or out.resolve().name,
        licence=licence,
        training={
            "settings": settings.to_dict(),
            "network": dataclasses.asdict(network.shape),
            "start": _described(start),
            **facts_of(training, validation),
        },
        tile=settings.tile,
    )
    if thresholds is not None:
        header = dataclasses.replace(header, peak=thresholds[0], fill=thresholds[1])
    decisive = {key: value for key, value in settings.to_dict().items() if key not in _FREE}
    known = identity(
        decisive,
        dataclasses.asdict(network.shape),
        None if start is None else network,
        training,
        validation,
    )
    learner = SamLearner(network, settings, place)
    check_memory(learner, settings, place)
    run = SamRun(
        learner=learner,
        training=in_order(training),
        validation=validation,
        settings=settings,
        header=header,
        device=str(place),
        folder=RunFolder(out, best_by="loss"),
        identity=known,
    )
    run.resume()
    return run.go(report)


def _described(start: Start | None) -> str:
    if start is None:
        return "new"
    return "a network in memory" if isinstance(start, SamcellNetwork) else Path(start).name
