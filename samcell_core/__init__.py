"""SAMCell segmentation: one engine for Python, CellProfiler, Fiji and the command line.

>>> import samcell_core as sc
>>> sc.Settings(peak=0.5).peak
0.5

What needs torch is imported when it is first used, so that programs which only want settings,
images or measures start at once.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from samcell_core._version import __version__
from samcell_core.errors import DeviceError, ImageError, ModelError, SamcellError, SettingsError
from samcell_core.segmentation import ModelInfo, Segmentation
from samcell_core.settings import Option, Settings

if TYPE_CHECKING:
    from samcell_core.engine import Segmenter
    from samcell_core.images import Image, as_image, read_image
    from samcell_core.models.loading import Model, load_model, random_model
    from samcell_core.models.samcell import SamcellShape

__all__ = [
    "DeviceError",
    "Image",
    "ImageError",
    "Model",
    "ModelError",
    "ModelInfo",
    "Option",
    "SamcellError",
    "SamcellShape",
    "Segmentation",
    "Segmenter",
    "Settings",
    "SettingsError",
    "__version__",
    "as_image",
    "load_model",
    "random_model",
    "read_image",
]

_LATER = {
    "Image": "samcell_core.images",
    "Model": "samcell_core.models.loading",
    "SamcellShape": "samcell_core.models.samcell",
    "Segmenter": "samcell_core.engine",
    "as_image": "samcell_core.images",
    "load_model": "samcell_core.models.loading",
    "random_model": "samcell_core.models.loading",
    "read_image": "samcell_core.images",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LATER[name]), name)


def __dir__() -> list[str]:
    return __all__
