"""Whether what was installed works: an image through the installed client and its engine."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from cellprofiler_plugin.installation.folder import (
    PluginsFolder,
    plugins_folder,
    refuse_wrong,
    strange_files,
)
from cellprofiler_plugin.installation.preferences import preferred_folder
from cellprofiler_plugin.installation.record import (
    MODULE,
    SUB_PACKAGES,
    Record,
    checksum,
    read_record,
)
from samcell_core._version import __version__
from samcell_core.errors import SamcellError
from samcell_core.installing import Trial
from samcell_core.synthetic import make_scene

__all__ = ["try_out"]

_AGAIN = "samcell-cli cellprofiler install"
_NAME = "_samcell_client_of_cellprofiler"


def try_out(given: Path | None = None) -> Trial:
    """Try what is installed in a folder of plugins: its files, its engine, an image.

    Raises
    ------
    SamcellError
        Nothing is installed there.
    """
    folder = plugins_folder(given)
    record = read_record(folder.path)
    if record is None:
        raise SamcellError(
            f"RunSAMCell is not installed in {folder.path}: {_AGAIN}, or give the folder that it "
            "is installed in."
        )
    trial = Trial()
    _try_folder(trial, folder)
    _try_files(trial, folder.path, record)
    _try_engine(trial, folder.path, record)
    return trial


def _try_folder(trial: Trial, folder: PluginsFolder) -> None:
    try:
        refuse_wrong(folder.path)
    except SamcellError as error:
        trial.problems.append(str(error))
    for name in strange_files(folder.path):
        trial.notes.append(
            f"{folder.path / name} is not a plugin, but CellProfiler runs it as it starts: "
            "move it elsewhere."
        )
    set_there = preferred_folder()
    if not folder.preferred and set_there is not None:
        trial.notes.append(
            f"CellProfiler's Preferences name another folder of plugins, {set_there}: its window "
            "takes the module from there."
        )


def _try_files(trial: Trial, folder: Path, record: Record) -> None:
    missing, changed = [], []
    for name, known in record.files.items():
        path = folder / name
        if not path.is_file():
            missing.append(name)
        elif checksum(path.read_bytes()) != known:
            changed.append(name)
    trial.found["module"] = f"{record.version}, {folder}"
    if missing:
        trial.problems.append(f"{_are(missing)} missing in {folder}: {_AGAIN}.")
    if changed:
        trial.notes.append(
            f"{_are(changed, 'was', 'were')} changed since the installation; to undo that: "
            f"{_AGAIN} --overwrite."
        )
    if record.version != __version__:
        trial.notes.append(f"The module is of {record.version}, this is {__version__}: {_AGAIN}.")
    try:
        compile((folder / MODULE).read_bytes(), MODULE, "exec")
    except FileNotFoundError:
        pass  # has been said
    except (SyntaxError, ValueError) as error:
        trial.problems.append(
            f"{folder / MODULE} is not a Python file any more ({error}): {_AGAIN} --overwrite."
        )


def _try_engine(trial: Trial, folder: Path, record: Record) -> None:
    try:
        with _installed_client(folder) as client:
            try:
                _segment(trial, record, client)
            except client.EngineError as error:
                trial.problems.append(str(error))
    except Exception as error:  # files that were changed may do anything
        trial.problems.append(
            f"{folder / SUB_PACKAGES[0]} does not work ({type(error).__name__}: {error}): "
            f"{_AGAIN} --overwrite."
        )


def _segment(trial: Trial, record: Record, client: ModuleType) -> None:
    python, found_by = client.find_python()
    if found_by != "engine.json":
        trial.problems.append(
            f"{record.python}, the Python that the engine was installed with, is not there any "
            f"more: {_AGAIN}."
        )
        return
    scene = make_scene("phase contrast", seed=3, shape=(256, 256), diameter=30, crowding=0.5)
    began = time.monotonic()
    with client.Engine(python) as engine:
        hello: dict[str, Any] = engine.hello
        trial.found["engine"] = f"{hello['engine']}, {python}, Python {hello['python']}"
        if hello["engine"] != record.version:
            trial.notes.append(
                f"The engine is of {hello['engine']}, the module of {record.version}: {_AGAIN}."
            )
        first = engine.segment(scene.image)
        started = time.monotonic()
        reply = engine.segment(scene.image)
        seconds = time.monotonic() - started
    model = reply.header["model"]["name"]
    trial.found["model"] = f"{model} on {reply.header['device']}, {reply.header['precision']}"
    count = int(first.arrays["labels"].max())
    drawn = int(scene.labels.max())
    height, width = scene.image.shape
    trial.found["image"] = (
        f"{height} x {width} pixels with {drawn} cells drawn: {count} found in {seconds:.2g} s "
        f"({started - began:.2g} s when the engine had to start)"
    )
    if count == 0:
        trial.problems.append(
            f"The engine found none of the {drawn} cells of a drawn image: samcell-cli doctor "
            "tells more."
        )


def _are(names: list[str], one: str = "is", more: str = "are") -> str:
    return f"{', '.join(names)} {one if len(names) == 1 else more}"


@contextmanager
def _installed_client(folder: Path) -> Iterator[ModuleType]:
    """The client that is installed, not the one beside this file."""
    package = folder / SUB_PACKAGES[0]
    spec = importlib.util.spec_from_file_location(
        _NAME, package / "__init__.py", submodule_search_locations=[str(package)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = module
    try:
        spec.loader.exec_module(module)
        yield module
    finally:
        for name in [each for each in sys.modules if each.split(".")[0] == _NAME]:
            del sys.modules[name]
