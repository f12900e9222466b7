"""Whether what was installed works: an image through the installed jar to its engine."""

from __future__ import annotations

import json
import os
import struct
import subprocess
from pathlib import Path
from typing import Any

from imagej_bridge.fiji.folder import FijiFolder, find_fiji
from imagej_bridge.fiji.installation import other_copies
from imagej_bridge.fiji.record import JAR, Record, read_record
from samcell_core._version import __version__
from samcell_core.errors import SamcellError
from samcell_core.files import sha256_of
from samcell_core.installing import Trial

__all__ = ["try_out"]

_MAIN = "samcell.command.Trial"
_PATIENCE = 300  # seconds: PyTorch is read, and disks are slow
_AGAIN = "samcell-cli fiji install"


def try_out(given: Path) -> Trial:
    """Try what is installed in a Fiji: its files, its engine, an image.

    Raises
    ------
    SamcellError
        It is no Fiji, or nothing is installed there.
    """
    fiji = find_fiji(given)
    record = read_record(fiji.plugins)
    if record is None:
        raise SamcellError(
            f'SAMCell is not installed in {fiji.path}: {_AGAIN} "{fiji.path}", or give the Fiji '
            "that it is installed in."
        )
    trial = Trial()
    if _has_files(trial, fiji, record):
        java = fiji.java()
        if java is None:
            trial.notes.append(
                "There is no Java to try the jar itself with; its engine was tried alone."
            )
            _greet(trial, record)
        else:
            _segment(trial, fiji, java)
    return trial


def _has_files(trial: Trial, fiji: FijiFolder, record: Record) -> bool:
    again = f'{_AGAIN} "{fiji.path}"'
    jar = fiji.plugins / JAR.name
    trial.found["Fiji"] = f"{fiji.path} ({fiji.ij_jar.name})"
    trial.found["command"] = f"{record.version}, {jar}"
    if not jar.is_file():
        trial.problems.append(f"{jar} is missing: {again}.")
    elif sha256_of(jar) != record.jar:
        trial.problems.append(f"{jar} was changed since it was installed: {again} --overwrite.")
    if record.version != __version__:
        trial.notes.append(f"The command is of {record.version}, this is {__version__}: {again}.")
    if not Path(record.python).is_file():
        trial.problems.append(
            f"{record.python}, the Python that the engine was installed with, is not there any "
            f"more: {again}."
        )
    for other in other_copies(fiji):
        trial.notes.append(f"{other} is another copy of the command: delete it.")
    return not trial.problems


def _segment(trial: Trial, fiji: FijiFolder, java: Path) -> None:
    """Let the jar itself do it, in Fiji's Java, without a window."""
    class_path = os.pathsep.join(map(str, (fiji.plugins / JAR.name, fiji.ij_jar)))
    command = [str(java), "-Djava.awt.headless=true", "-cp", class_path, _MAIN]
    try:
        done = subprocess.run(  # noqa: S603 - the Java of that Fiji
            command, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
        told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    except subprocess.TimeoutExpired:
        trial.problems.append(f"The command did not answer within {_PATIENCE} seconds.")
        return
    except (OSError, ValueError, IndexError) as error:
        trial.problems.append(
            f"{java} cannot run {fiji.plugins / JAR.name} ({error}): {_AGAIN} again, and see "
            "that Fiji itself starts."
        )
        return
    trial.found["Java"] = f"{told['java']}, {java}"
    if "engine" in told:
        trial.found["engine"] = f"{told['engine']}, {told['python']} (from {told['found_by']})"
    if "error" in told:
        trial.problems.append(told["error"])
    elif not told["count"]:
        trial.problems.append(
            "The engine found none of the 16 discs of a drawn image: samcell-cli doctor tells more."
        )
    else:
        trial.found["image"] = f"{told['count']} discs of 16 found by {told['model']}"


def _greet(trial: Trial, record: Record) -> None:
    """Ask the engine who it is, as docs/worker.md says."""
    header = json.dumps({"id": 1, "op": "hello", "protocol": 1}).encode()
    request = struct.pack("<8sIQ", b"SAMCELL1", len(header), 0) + header
    try:
        done = subprocess.run(  # noqa: S603 - the Python that was installed
            [record.python, "-I", "-m", "samcell_core.worker"],
            input=request,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
        start = done.stdout.index(b"SAMCELL1")
        (length,) = struct.unpack_from("<I", done.stdout, start + 8)
        hello = json.loads(done.stdout[start + 20 : start + 20 + length])
        trial.found["engine"] = f"{hello['engine']}, {record.python}"
    except (OSError, ValueError, KeyError, struct.error, subprocess.TimeoutExpired) as error:
        trial.problems.append(
            f"{record.python} did not start the engine ({error}): samcell-cli doctor tells more."
        )
