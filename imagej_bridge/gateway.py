"""Which ImageJ there is, and who starts its Java: PyImageJ, or we with a bare ``ij.jar``."""

from __future__ import annotations

import importlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from samcell_core.errors import SamcellError
from samcell_core.files import expanded

__all__ = ["SYSTEM_JAR", "Gateway", "java_class", "open_gateway"]

SYSTEM_JAR = Path("/usr/share/java/ij.jar")
"""ImageJ, as Debian and Ubuntu install it."""

_ENDPOINT = re.compile(r"[\w.-]{2,}(:[\w.-]+)+(\+[\w.:-]+)*|\d+\.\d+\.\d+")
_WHERE = "give a Fiji folder, an endpoint such as 'sc.fiji:fiji', an ij.jar, or PyImageJ's gateway"


@dataclass(frozen=True)
class Gateway:
    """An ImageJ in the Java virtual machine of this process.

    Attributes
    ----------
    imagej2
        PyImageJ's gateway; ``None`` where there is ImageJ1 alone.
    version
        Of ImageJ1.
    headless
        Whether it has no screen.
    """

    imagej2: Any
    version: str
    headless: bool


_started: dict[str, Gateway] = {}  # there is one Java in a process, for its whole life


def open_gateway(where: Any = None, *, window: bool = False) -> Gateway:
    """Use the ImageJ that runs in this process, or start one.

    Parameters
    ----------
    where
        PyImageJ's gateway, a Fiji folder, an endpoint, or an ``ij.jar``. Where not given: the
        ImageJ that runs already, else what the environment variables ``SAMCELL_FIJI`` or
        ``IJ_JAR`` name, else the ``ij.jar`` of the system's package.
    window
        Whether ImageJ's own window is to be shown.
    """
    scyjava = _module("scyjava", "ImageJ is reached through", 'pip install "samcell-suite[fiji]"')
    if where is not None and not isinstance(where, (str, os.PathLike)):
        gateway = _of_imagej2(where)
    elif scyjava.jvm_started():
        gateway = _running(where)
    else:
        source = _source(where)
        if window and not _has_screen():
            raise SamcellError(
                "ImageJ's window needs a screen, and this process has none: leave out window=True, "
                "or run it under xvfb-run."
            )
        gateway = _start_jar(source) if isinstance(source, Path) else _start_imagej2(source)
        _started[str(where or source)] = gateway
    _show(gateway, window)
    return gateway


def java_class(name: str) -> Any:
    """Class of the Java that runs."""
    return importlib.import_module("scyjava").jimport(name)


def _module(name: str, purpose: str, command: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise SamcellError(f"{purpose} {name}, which is not installed: run {command}.") from error


def _source(where: str | os.PathLike[str] | None) -> Path | str:
    """An ``ij.jar``, or the folder or endpoint that PyImageJ is to start."""
    given = where or os.environ.get("SAMCELL_FIJI") or os.environ.get("IJ_JAR")
    if not given and SYSTEM_JAR.is_file():
        given = SYSTEM_JAR
    if not given:
        raise SamcellError(
            f"There is no ImageJ: {_WHERE}, or name one of them as SAMCELL_FIJI or IJ_JAR."
        )
    path = expanded(given)
    if path.is_file() and path.suffix == ".jar":
        return path
    if (path / "jars").is_dir():
        return str(path)
    if (path / "ij.jar").is_file():
        return path / "ij.jar"
    if path.exists():
        raise SamcellError(f"{given} is no ImageJ: {_WHERE}.")
    if not _ENDPOINT.fullmatch(str(given)):
        raise SamcellError(f"{given} does not exist: {_WHERE}.")
    return str(given)


def _running(where: str | os.PathLike[str] | None) -> Gateway:
    if where is None and _started:
        return next(iter(_started.values()))
    if where is not None and str(where) in _started:
        return _started[str(where)]
    try:
        source = java_class("ij.IJ").class_.getProtectionDomain().getCodeSource()
        location = str(java_class("java.io.File")(source.getLocation().toURI()).getPath())
    except Exception as error:
        raise SamcellError(
            "Java runs already in this process, without ImageJ, and it can be started only once: "
            "restart Python and connect to ImageJ first."
        ) from error
    if where is not None and Path(where).resolve() != Path(location).resolve():
        raise SamcellError(
            f"Java runs already in this process, with {location}, and it can be started only once: "
            f"restart Python to connect to {where}."
        )
    return Gateway(None, _version(), _is_headless())


def _of_imagej2(imagej2: Any) -> Gateway:
    if not hasattr(imagej2, "py") or not hasattr(imagej2, "IJ"):
        raise SamcellError(f"A {type(imagej2).__name__} is no gateway of PyImageJ: {_WHERE}.")
    return Gateway(imagej2, str(imagej2.IJ.getVersion()), _is_headless())


def _start_jar(jar: Path) -> Gateway:
    scyjava = importlib.import_module("scyjava")
    _use_installed_java()
    scyjava.config.set_java_constraints(fetch="never")
    # Packages such as imglyb ask for downloads as soon as they are imported.
    scyjava.config.endpoints.clear()
    scyjava.config.add_classpath(str(jar))
    options = scyjava.config.get_options()
    if not _has_screen():
        scyjava.config.enable_headless_mode()
    if (jar.parent / "plugins").is_dir() and not any("-Dplugins.dir=" in each for each in options):
        scyjava.config.add_option(f"-Dplugins.dir={jar.parent}")
    try:
        try:
            scyjava.start_jvm()
        except Exception:
            # Packages such as imglyb have more done at the start, which a bare jar cannot serve.
            if not scyjava.jvm_started():
                raise
        return Gateway(None, _version(), _is_headless())
    except Exception as error:
        raise SamcellError(
            f"ImageJ could not be started from {jar} ({error}): give the ij.jar of an ImageJ, and "
            "set JAVA_HOME to a Java of version 11 or later."
        ) from error


def _start_imagej2(where: str) -> Gateway:
    scyjava = importlib.import_module("scyjava")
    imagej = _module("imagej", f"{where} is started through PyImageJ's", "pip install pyimagej")
    if Path(where).is_dir():
        _use_installed_java()
    # PyImageJ fails on "never"; with a Java that is known, nothing is downloaded.
    scyjava.config.set_java_constraints(fetch="auto")
    try:
        gateway = imagej.init(where, mode="interactive" if _has_screen() else "headless")
    except Exception as error:
        raise SamcellError(
            f"PyImageJ could not start {where} ({error}): run `python -m imagej.doctor`, or give "
            "an ij.jar."
        ) from error
    if not gateway:
        raise SamcellError(f"PyImageJ found no ImageJ2 in {where}: {_WHERE}.")
    return _of_imagej2(gateway)


def _use_installed_java() -> None:
    """Have scyjava find the Java of this machine, for by itself it would download one."""
    jpype = importlib.import_module("jpype")
    try:
        library = Path(jpype.getDefaultJVMPath()).resolve()
    except Exception as error:
        raise SamcellError(
            "There is no Java on this machine: install one of version 11 or later, such as "
            "openjdk-17-jdk, or set JAVA_HOME to it."
        ) from error
    programs = ("bin/java", "bin/java.exe")
    homes = [home for home in library.parents if any((home / name).exists() for name in programs)]
    if homes:
        os.environ.setdefault("JAVA_HOME", str(homes[0]))


def _has_screen() -> bool:
    if sys.platform == "darwin":  # Python's main thread is not the one that windows need there
        return False
    return os.name == "nt" or bool(os.environ.get("DISPLAY"))


def _is_headless() -> bool:
    return bool(java_class("java.awt.GraphicsEnvironment").isHeadless())


def _version() -> str:
    return str(java_class("ij.IJ").getVersion())


def _show(gateway: Gateway, window: bool) -> None:
    """See to it that there is an ImageJ to show images and dialogs, in a window or hidden."""
    if gateway.headless:
        return
    try:
        if gateway.imagej2 is None:
            _show_imagej1(window)
        elif window:
            gateway.imagej2.ui().showUI()
    except Exception as error:
        raise SamcellError(
            f"ImageJ cannot reach the screen {os.environ.get('DISPLAY', '')} ({error}): run it "
            "under xvfb-run, or restart Python with the variable DISPLAY unset."
        ) from error


def _show_imagej1(window: bool) -> None:
    imagej, current = java_class("ij.ImageJ"), java_class("ij.IJ").getInstance()
    if current is None:
        # Without one every macro would run in batch mode. Embedded: quitting it spares Python.
        imagej(imagej.EMBEDDED if window else imagej.NO_SHOW)
    elif window and not current.isShowing():
        current.pack()
        current.setVisible(True)
