"""What CellProfiler 4 remembers of its user: the folder of plugins."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["preferred_folder"]

_NAME = "CellProfilerLocal.cfg"  # of the file; on Windows, of the key in the registry
_KEYS = ("PluginDirectoryCP4", "PluginDirectory")  # the latter is of CellProfiler 3
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


def preferred_folder() -> Path | None:
    """The folder of plugins that is set in CellProfiler's preferences, whether it is there or not.

    ``None`` where nothing is set, as long as nobody has opened the preferences.
    """
    for values in _from_registry() if sys.platform == "win32" else _from_files():
        for key in _KEYS:
            if values.get(key):
                return Path(os.path.expandvars(values[key]))
    return None


def _from_files() -> Iterator[dict[str, str]]:
    home = Path.home()
    if sys.platform == "darwin":
        folders = [home / "Library" / "Preferences"]
    else:
        # The older ones wrote into the home folder itself.
        folders = [Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config"), home]
    for folder in folders:
        try:
            text = (folder / _NAME).read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            continue
        lines = (line.split("=", 1) for line in text.splitlines() if "=" in line)
        yield {key.strip(): _plain(value.strip()) for key, value in lines}


def _from_registry() -> Iterator[dict[str, str]]:
    if sys.platform != "win32":  # mypy knows that the rest is for Windows
        return
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, rf"Software\{_NAME}") as place:
            values = {}
            for key in _KEYS:
                try:
                    text = str(winreg.QueryValueEx(place, key)[0])
                except OSError:
                    continue
                # CellProfiler doubles backslashes; only those of a share begin as two.
                values[key] = re.sub(r"(?<!^)\\+", lambda _: "\\", text)
            yield values
    except OSError:
        return


def _plain(value: str) -> str:
    """Undo how wxWidgets writes a value."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    return re.sub(r"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), value)
