"""Python, PyTorch and the other packages that the engine is made of."""

from __future__ import annotations

import importlib
import importlib.util
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import samcell_core
from samcell_core.checkup.finding import BROKEN, NOTE, OK, Finding

__all__ = ["check_formats", "check_packages", "check_python", "check_suite", "check_torch"]

_OLDEST, _NEWEST = (3, 10), (3, 13)
_AGAIN = 'install it again: pip install --upgrade --force-reinstall "samcell-suite"'
_PACKAGES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "cv2": "opencv-python-headless",
    "tifffile": "tifffile",
    "imagecodecs": "imagecodecs",
    "skimage": "scikit-image",
    "safetensors": "safetensors",
}
_FORMATS = {"ND2": "bioio_nd2", "CZI": "bioio_czi", "LIF": "bioio_lif"}


def check_suite() -> Finding:
    """Which version of this project runs, and from where."""
    place = Path(samcell_core.__file__).parent
    return Finding("samcell-suite", OK, f"{samcell_core.__version__} ({place})")


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> Finding:
    """Whether this Python is one that the project is tested with."""
    found = f"{platform.python_version()} ({sys.executable})"
    if sys.maxsize <= 2**32:
        return Finding(
            "Python", BROKEN, f"{found}, 32 bits", "install a Python of 64 bits: PyTorch needs it."
        )
    if version < _OLDEST:
        return Finding("Python", BROKEN, found, "install Python 3.10 or later.")
    if version > _NEWEST:
        return Finding(
            "Python", NOTE, found, "if anything fails, use 3.13 or earlier, which are tested."
        )
    return Finding("Python", OK, found)


def check_packages() -> Iterator[Finding]:
    """One finding for all packages that work, one for each that does not."""
    works = []
    for module, name in _PACKAGES.items():
        try:
            importlib.import_module(module)
        except Exception as error:  # a library of the system may be missing or too old
            yield Finding(name, BROKEN, f"cannot be imported: {_one_line(error)}", f"{_AGAIN}.")
        else:
            works.append(f"{name} {_version(name)}")
    if works:
        yield Finding("packages", OK, ", ".join(works))


def check_torch() -> Finding:
    """Whether PyTorch works, and whether it is the build for this computer."""
    try:
        torch = importlib.import_module("torch")
    except Exception as error:  # on Windows a missing DLL is an OSError
        return Finding(
            "PyTorch",
            BROKEN,
            f"cannot be imported: {_one_line(error)}",
            "install it as pytorch.org tells for this system.",
        )
    cuda = torch.version.cuda
    build = f"CUDA {cuda}" if cuda else "CPU"
    found = f"{torch.__version__}, build for {build}"
    has_nvidia = shutil.which("nvidia-smi") is not None
    if has_nvidia and not cuda:
        return Finding(
            "PyTorch",
            NOTE,
            found,
            "there is an NVIDIA driver, which this build does not use: install PyTorch's build "
            "with CUDA, as pytorch.org tells.",
        )
    if has_nvidia and not torch.cuda.is_available():
        return Finding(
            "PyTorch",
            NOTE,
            f"{found}, finds no GPU",
            "the NVIDIA driver may be too old for it: update the driver, or install a PyTorch for "
            "an older CUDA.",
        )
    return Finding("PyTorch", OK, found)


def check_formats() -> Finding:
    """Whether files of microscope makers can be read."""
    there = [kind for kind, module in _FORMATS.items() if importlib.util.find_spec(module)]
    if len(there) == len(_FORMATS):
        return Finding("ND2, CZI, LIF", OK, "can be read")
    found = f"only {', '.join(there)} can be read" if there else "cannot be read"
    return Finding(
        "ND2, CZI, LIF", NOTE, found, 'if you have such files: pip install "samcell-suite[formats]"'
    )


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "of unknown version"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
