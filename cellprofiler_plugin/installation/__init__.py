"""Putting RunSAMCell into CellProfiler's folder of plugins. None of this is copied there."""

from cellprofiler_plugin.installation.folder import PluginsFolder, plugins_folder
from cellprofiler_plugin.installation.placing import Installed, Removed, install, uninstall
from cellprofiler_plugin.installation.record import ENGINE, Record, read_record
from cellprofiler_plugin.installation.trial import try_out

__all__ = [
    "ENGINE",
    "Installed",
    "PluginsFolder",
    "Record",
    "Removed",
    "install",
    "plugins_folder",
    "read_record",
    "try_out",
    "uninstall",
]
