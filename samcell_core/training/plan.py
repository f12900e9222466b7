"""The plan of a run: all that can be checked, and refused, before any time is spent on it."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from samcell_core.datasets import Dataset, find_annotated
from samcell_core.devices import choose_device
from samcell_core.errors import ModelError, SettingsError, TrainingError
from samcell_core.models.lite import LiteNetwork, LiteShape
from samcell_core.models.lite_file import LiteHeader, read_lite_header
from samcell_core.models.loading import read_lite
from samcell_core.models.registry import (
    ModelEntry,
    find_entry,
    find_model,
    local_file,
    unknown_model,
)
from samcell_core.models.samcell import SamcellShape
from samcell_core.models.samcell_file import SamcellHeader, read_samcell_header
from samcell_core.training.learner import network_to_train
from samcell_core.training.options import recipe_of
from samcell_core.training.pairs import Pair
from samcell_core.training.recipe import Recipe
from samcell_core.training.resuming import standing_in
from samcell_core.training.run_folder import RunFolder
from samcell_core.training.sam import SamTrainingSettings, read_start
from samcell_core.training.sam.starting import starting_network
from samcell_core.training.settings import SYNTHETIC, TrainingSettings
from samcell_core.training.splitting import split_by_group
from samcell_core.training.state import read_standing
from samcell_core.training.target_cache import TargetCache

__all__ = ["Plan", "Start", "make_plan"]


@dataclass(frozen=True)
class Start:
    """What a run starts from.

    Attributes
    ----------
    source
        A file, or the name of a model.
    shape
        Its size.
    lite
        Network and header, where it is the small network.
    thresholds
        Its peak and fill, where it says them.
    licence
        Of its weights, where it is known.
    """

    source: str
    shape: LiteShape | SamcellShape
    lite: tuple[LiteNetwork, LiteHeader] | None = None
    thresholds: tuple[float, float] | None = None
    licence: str | None = None


@dataclass(frozen=True)
class Plan:
    """A run that could begin.

    Attributes
    ----------
    recipe
        All choices.
    data
        The annotated images.
    training, validation
        Those of them to train on, and to validate on.
    device
        Where it is trained.
    start
        What it starts from; ``None`` for a new network.
    out
        Its folder; ``None`` where nothing is to be written.
    cache
        Where distance maps are kept.
    """

    recipe: Recipe
    data: Dataset
    training: Sequence[Pair]
    validation: Sequence[Pair]
    device: torch.device
    start: Start | None = None
    out: Path | None = None
    cache: TargetCache | None = None

    @property
    def shape(self) -> LiteShape | SamcellShape | None:
        """Size of the network, where it is not the usual one."""
        return self.recipe.shape or (None if self.start is None else self.start.shape)

    @property
    def licence(self) -> str | None:
        """Licence of what comes out: the recipe's, else that of what it starts from."""
        return self.recipe.licence or (None if self.start is None else self.start.licence)

    @property
    def thresholds(self) -> tuple[float, float] | None:
        """Peak and fill of what it starts from."""
        return None if self.start is None else self.start.thresholds

    @property
    def goes_on(self) -> bool:
        """Whether the folder holds a run that was begun."""
        return self.out is not None and self.out.is_dir() and RunFolder(self.out).state.exists()


def make_plan(
    options: argparse.Namespace,
    *,
    note: Callable[[str], None],
    progress: Callable[[int, int | None], None] | None = None,
) -> Plan:
    """Check the options, the data and what to start from.

    Parameters
    ----------
    options
        From `make_parser`.
    note
        Told what is worth knowing, in sentences.
    progress
        Told how much of what to start from has arrived, if it has to be downloaded.

    Raises
    ------
    SamcellError
        Something is wrong with them.
    """
    _check_patterns(options)
    if options.out is None and not options.dry_run:
        raise SettingsError("--out is missing: give the folder of the run, or --dry-run.")
    recipe = recipe_of(options, told=_network_of(options.start) if options.start else None)
    device = choose_device(options.device or ("cpu" if recipe.network == "lite" else "auto"))
    out = None if options.dry_run else options.out
    if out is not None:
        _check_folder(out, recipe)
    data = find_annotated(
        options.data,
        images=options.images,
        labels=options.labels,
        manifest=options.manifest,
        kind=options.kind,
        skip_unlabelled=options.skip_unlabelled,
    )
    for sentence in data.notes:
        note(sentence)
    if data.unlabelled:
        note(f"{len(data.unlabelled)} images without labels are left out.")
    if recipe.scenes and any(pair.set == SYNTHETIC for pair in data):
        raise TrainingError(
            f"A set of yours is called {SYNTHETIC!r}, as the synthetic scenes are: give it "
            "another name."
        )
    training, validation = split_by_group(
        data, fraction=recipe.fraction, seed=recipe.split, left_out=recipe.left_out, note=note
    )
    if isinstance(recipe.settings, TrainingSettings):
        drawn = {SYNTHETIC} if recipe.scenes else set()
        recipe.settings.check_sets(
            {pair.set for pair in training} | drawn, {pair.set for pair in validation}
        )
    # Last, for it may have to be downloaded.
    start = _start(options.start, recipe, progress) if options.start else None
    if start is None:
        _check_new(recipe)
    cache = None if options.cache is None or out is None else TargetCache(options.cache)
    return Plan(recipe, data, training, validation, device, start, out, cache)


def _check_patterns(options: argparse.Namespace) -> None:
    patterns = options.images is not None or options.labels is not None
    if patterns and (options.manifest is not None or options.data.suffix.lower() == ".csv"):
        raise SettingsError(
            "--images and --labels say how files in a folder are named; a manifest does."
        )
    # The images of a COCO file are in a folder, and their labels in the file.
    of_coco = options.images is not None and Path(options.images).is_dir()
    if (options.images is None) != (options.labels is None) and not of_coco:
        raise SettingsError("--images and --labels belong together: give both or none.")


def _network_of(start: str) -> str:
    """Which network a model that is to be started from is of."""
    entry = find_entry(start)
    path = local_file(start, named=entry is not None)
    if path is None:
        if entry is None:
            raise unknown_model(start)
        return "sam" if entry.url else "lite"
    return "lite" if read_lite_header(path) is not None else "sam"


def _start(
    source: str, recipe: Recipe, progress: Callable[[int, int | None], None] | None
) -> Start:
    """Read what to start from, and refuse what does not fit the recipe."""
    settings, shape = recipe.settings, recipe.shape
    if isinstance(settings, SamTrainingSettings):
        begun = read_start(source, progress=progress)
        network = starting_network(_sam_shape(shape), begun, settings)
        path, entry = find_model(source)
        header = read_samcell_header(path)
        return _with_facts(Start(source, network.shape), header, entry)
    entry = find_entry(source)
    if entry is not None and entry.url:  # it would be downloaded first, and refused then
        raise ModelError(
            f"{entry.name} is another network: start from samcell-lite, or a checkpoint of it."
        )
    path, entry = find_model(source)
    lite = read_lite(path)
    network_to_train(_lite_shape(shape), lite[0], settings)
    return _with_facts(Start(source, lite[0].shape, lite), lite[1], entry)


def _with_facts(
    start: Start, header: LiteHeader | SamcellHeader | None, entry: ModelEntry | None
) -> Start:
    """What a model goes on from keeps its thresholds and its licence."""
    licence = entry.licence if entry is not None else header.licence if header else None
    thresholds = None if header is None else (header.peak, header.fill)
    return dataclasses.replace(start, thresholds=thresholds, licence=licence)


def _check_new(recipe: Recipe) -> None:
    """Refuse a new network that cannot be trained so."""
    if isinstance(recipe.settings, SamTrainingSettings):
        starting_network(_sam_shape(recipe.shape), None, recipe.settings)
    else:
        network_to_train(_lite_shape(recipe.shape), None, recipe.settings)


def _sam_shape(shape: LiteShape | SamcellShape | None) -> SamcellShape | None:
    return shape if isinstance(shape, SamcellShape) else None


def _lite_shape(shape: LiteShape | SamcellShape | None) -> LiteShape | None:
    return shape if isinstance(shape, LiteShape) else None


def _check_folder(out: Path, recipe: Recipe) -> None:
    """Refuse a folder that cannot be written to, or of another run, as far as settings tell.

    None is made, for what follows may be refused, too.
    """
    there = next(each for each in (out.absolute(), *out.absolute().parents) if each.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        why = "may not be written to" if there.is_dir() else "is no folder"
        raise TrainingError(
            f"The folder {out} cannot be used for the run ({there} {why}): give another."
        )
    if not out.exists():
        return
    folder = RunFolder(out)
    if not folder.state.exists():
        standing_in(folder, {})
        return
    saved, standing = read_standing(folder.state)
    before = saved.get("settings", {})
    other = "sam" if "epochs" in before else "lite"
    if other != recipe.network and (standing.step or folder.results()):
        raise TrainingError(
            f"{out} holds a run of the network {other}, and {recipe.network} is to be trained: "
            "give another folder."
        )
    # The others may change while a run goes on. As they are saved, tuples are lists.
    now = json.loads(json.dumps(recipe.settings.to_dict()))
    standing_in(folder, {"settings": {name: now[name] for name in before if name in now}})
