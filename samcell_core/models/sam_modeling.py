"""Meta's `segment_anything.modeling`, loaded without the package's ``__init__``.

That ``__init__`` imports torchvision, which only the mask generator and the predictor need. The
sub-package `modeling` uses relative imports alone, so it is loaded here under a name of this
project, from the installed distribution; nothing is put in place of another module.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from samcell_core.errors import ModelError

__all__ = ["sam_modeling"]

_NAME = "samcell_core.models._segment_anything_modeling"


def sam_modeling() -> ModuleType:
    """Return Meta's module of SAM's network parts (encoders, decoder, transformer)."""
    if _NAME in sys.modules:
        return sys.modules[_NAME]
    package = importlib.util.find_spec("segment_anything")  # does not import it
    if package is None or not package.submodule_search_locations:
        raise ModelError(
            "The package segment-anything is missing, which SAM-based models need: "
            "install it with `pip install segment-anything`."
        )
    folder = Path(next(iter(package.submodule_search_locations))) / "modeling"
    spec = importlib.util.spec_from_file_location(
        _NAME, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None or not (folder / "__init__.py").is_file():
        raise ModelError(
            f"The package segment-anything in {folder.parent} has no sub-package 'modeling': "
            "install version 1.0 with `pip install segment-anything==1.0`."
        )
    module = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[_NAME]
        raise
    return module
