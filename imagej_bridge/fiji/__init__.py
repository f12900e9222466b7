"""The Fiji command: its jar, built from ``java/``, and how it gets into a folder of Fiji."""

from imagej_bridge.fiji.folder import FijiFolder, find_fiji
from imagej_bridge.fiji.installation import Installed, Removed, install, uninstall
from imagej_bridge.fiji.record import JAR
from imagej_bridge.fiji.trial import try_out

__all__ = [
    "JAR",
    "FijiFolder",
    "Installed",
    "Removed",
    "find_fiji",
    "install",
    "try_out",
    "uninstall",
]
