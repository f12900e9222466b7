"""Where the engine is: the Python, or the command, that SAMCell is installed in."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from .errors import EngineError

__all__ = ["find_python", "is_command"]

_COMMAND = "samcell-cli"
_INSIDE = ("bin/python", "python.exe", "Scripts/python.exe")  # of an environment's folder
_HOW = (
    "in a terminal in which samcell-cli works, type: samcell-cli cellprofiler install, "
    "or give the path of the Python that SAMCell is installed in"
)


def find_python(given: str = "") -> tuple[str, str]:
    """Find the Python of the engine.

    Parameters
    ----------
    given
        What the user says: a Python, ``samcell-cli``, or the folder of an environment. Where it
        is empty: what ``engine.json`` beside this file says, else the environment variable
        ``SAMCELL_PYTHON``, else ``samcell-cli`` on the PATH.

    Returns
    -------
    tuple
        Its path, and where it was found: ``given``, ``engine.json``, ``SAMCELL_PYTHON`` or
        ``PATH``. The path may be that of ``samcell-cli``.

    Raises
    ------
    EngineError
        Of the kind ``missing``.
    """
    given = given.strip().strip('"')
    if given:
        path = _program(given)
        if path is None:
            raise EngineError("missing", f"There is no program {given!r} to be the engine: {_HOW}.")
        return path, "given"
    gone = []
    for where, text in (
        ("engine.json", _installed()),
        ("SAMCELL_PYTHON", os.environ.get("SAMCELL_PYTHON", "").strip().strip('"')),
    ):
        if text:
            path = _program(text)
            if path is not None:
                return path, where
            gone.append(f"{text}, which {where} names, is not there")
    path = shutil.which(_COMMAND)
    if path is not None:
        return str(Path(path).absolute()), "PATH"
    because = f" ({'; '.join(gone)})" if gone else ""
    raise EngineError("missing", f"The SAMCell engine was not found{because}: {_HOW}.")


def is_command(path: str) -> bool:
    """Whether it is ``samcell-cli`` and not a Python."""
    return Path(path).stem.lower() == _COMMAND


def _program(text: str) -> str | None:
    # Not resolved: the Python of a virtual environment is a link, and only as such is its own.
    path = Path(os.path.expanduser(text)).absolute()  # noqa: PTH111 - the other may raise
    inside = (path / name for name in _INSIDE) if path.is_dir() else ()
    for candidate in (path, Path(f"{path}.exe"), *inside):
        if candidate.is_file():
            return str(candidate)
    # A bare name, such as python3.11, is looked up as a terminal does.
    found = None if Path(text).name != text else shutil.which(text)
    return None if found is None else str(Path(found).absolute())


def _installed() -> str:
    """What ``samcell-cli cellprofiler install`` wrote beside this file."""
    path = Path(__file__).absolute().with_name("engine.json")
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["python"])
    except OSError:
        return ""
    except (ValueError, TypeError, KeyError):
        return f"the program of the damaged file {path}"
