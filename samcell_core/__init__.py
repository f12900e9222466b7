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
from samcell_core.errors import (
    DeviceError,
    ImageError,
    ModelError,
    SamcellError,
    SettingsError,
    TrainingError,
)
from samcell_core.segmentation import ModelInfo, Segmentation
from samcell_core.settings import Option, Settings

if TYPE_CHECKING:
    from samcell_core.engine import Segmenter
    from samcell_core.images import Image, as_image, read_image
    from samcell_core.metrics import (
        Evaluation,
        PooledEvaluation,
        Table,
        evaluate,
        evaluate_planes,
        measure,
        pool,
        summarize,
    )
    from samcell_core.models.loading import Model, load_model, random_model
    from samcell_core.models.placing import import_model, remove_model
    from samcell_core.models.registry import ModelEntry, find_model, list_models
    from samcell_core.models.samcell import SamcellShape

__all__ = [
    "DeviceError",
    "Evaluation",
    "Image",
    "ImageError",
    "Model",
    "ModelEntry",
    "ModelError",
    "ModelInfo",
    "Option",
    "PooledEvaluation",
    "SamcellError",
    "SamcellShape",
    "Segmentation",
    "Segmenter",
    "Settings",
    "SettingsError",
    "Table",
    "TrainingError",
    "__version__",
    "as_image",
    "evaluate",
    "evaluate_planes",
    "find_model",
    "import_model",
    "list_models",
    "load_model",
    "measure",
    "pool",
    "random_model",
    "read_image",
    "remove_model",
    "summarize",
]

_LATER = {
    "Evaluation": "samcell_core.metrics",
    "Image": "samcell_core.images",
    "Model": "samcell_core.models.loading",
    "ModelEntry": "samcell_core.models.registry",
    "PooledEvaluation": "samcell_core.metrics",
    "SamcellShape": "samcell_core.models.samcell",
    "Segmenter": "samcell_core.engine",
    "Table": "samcell_core.metrics",
    "as_image": "samcell_core.images",
    "evaluate": "samcell_core.metrics",
    "evaluate_planes": "samcell_core.metrics",
    "find_model": "samcell_core.models.registry",
    "import_model": "samcell_core.models.placing",
    "list_models": "samcell_core.models.registry",
    "load_model": "samcell_core.models.loading",
    "measure": "samcell_core.metrics",
    "pool": "samcell_core.metrics",
    "random_model": "samcell_core.models.loading",
    "read_image": "samcell_core.images",
    "remove_model": "samcell_core.models.placing",
    "summarize": "samcell_core.metrics",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LATER[name]), name)


def __dir__() -> list[str]:
    return __all__
