"""SAMCell segmentation: one engine for Python, CellProfiler, Fiji and the command line.

>>> import samcell_core as sc
>>> sc.Settings(peak=0.5).peak
0.5
"""

from samcell_core._version import __version__
from samcell_core.errors import DeviceError, ImageError, ModelError, SamcellError, SettingsError
from samcell_core.segmentation import ModelInfo, Segmentation
from samcell_core.settings import Option, Settings

__all__ = [
    "DeviceError",
    "ImageError",
    "ModelError",
    "ModelInfo",
    "Option",
    "SamcellError",
    "Segmentation",
    "Settings",
    "SettingsError",
    "__version__",
]
