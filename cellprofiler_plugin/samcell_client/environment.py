"""Starting another Python from inside CellProfiler, which may be a frozen program."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .finding import is_command

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["clean_environment", "commands", "open_process"]

# PyInstaller puts its own in place of these and keeps the user's under NAME_ORIG.
_LIBRARIES = (
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "DYLD_FRAMEWORK_PATH",
    "LIBPATH",
)
_OF_THIS_PYTHON = ("__PYVENV_LAUNCHER__", "_MEIPASS2", "VIRTUAL_ENV")

# As `-m` does, but nothing is imported from the folder that happens to be the current one.
_WITH_USER_PACKAGES = (
    "import sys; sys.path.remove(''); from samcell_core.worker import main; sys.exit(main())"
)


def commands(path: str) -> list[list[str]]:
    """Ways to start the engine, to be tried in turn while it is not found.

    First without what ``pip install --user`` installed, because that often does not fit the
    environment.
    """
    parent = ["--parent", str(os.getpid())]
    if is_command(path):
        return [[path, "worker", *parent]]
    return [
        [path, "-I", "-m", "samcell_core.worker", *parent],
        [path, "-E", "-c", _WITH_USER_PACKAGES, *parent],
    ]


def clean_environment() -> dict[str, str]:
    """Environment without what belongs to this Python."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _OF_THIS_PYTHON and not name.startswith(("PYTHON", "_PYI_"))
    }
    for name in _LIBRARIES:
        original = kept.pop(f"{name}_ORIG", None)
        if original is not None:
            kept[name] = original
        elif getattr(sys, "frozen", False):
            kept.pop(name, None)
    return kept


def open_process(command: list[str]) -> Any:
    """Start a process with unbuffered pipes, and on Windows without a console window."""
    with _own_libraries_hidden():
        return subprocess.Popen(  # noqa: S603 - the user says what the engine is
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )


@contextmanager
def _own_libraries_hidden() -> Iterator[None]:
    """On Windows a frozen program hands its folder of DLLs on to what it starts."""
    folder = getattr(sys, "_MEIPASS", None)
    if sys.platform != "win32" or folder is None:
        yield
        return
    import ctypes

    set_folder = ctypes.windll.kernel32.SetDllDirectoryW
    set_folder(None)
    try:
        yield
    finally:
        set_folder(folder)
