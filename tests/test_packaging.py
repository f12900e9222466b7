"""What is installed: the wheel, the import, the version."""

import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import samcell_core as sc

ROOT = Path(__file__).parents[1]

INSTALLED = {
    "cellprofiler_plugin": "cellprofiler_plugin",
    "cli": "samcell_cli",
    "imagej_bridge": "imagej_bridge",
    "samcell_core": "samcell_core",
}
"""Folders, and the names under which they are installed."""

DATA = {".html", ".jar", ".safetensors", ".typed"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in INSTALLED:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(source)]
    subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_module_and_nothing_else(wheel):
    inside = {n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n}
    sources = {
        f"{installed}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, installed in INSTALLED.items()
        for path in (ROOT / folder).rglob("*")
        if path.suffix in DATA | {".py"}
    }
    assert inside == sources


def test_the_wheel_brings_the_command(wheel):
    archive = zipfile.ZipFile(wheel)
    [entry_points] = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
    assert b"samcell-cli = samcell_cli.main:main" in archive.read(entry_points)


def test_the_wheel_has_the_name_and_version(wheel):
    assert wheel.name.startswith(f"samcell_suite-{sc.__version__}-py3-none-any")


def test_the_installed_version_is_the_one_in_the_code():
    assert metadata.version("samcell-suite") == sc.__version__


def test_every_public_name_is_there():
    assert [name for name in sc.__all__ if getattr(sc, name, None) is None] == []


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'Segmentor'"):
        sc.Segmentor  # noqa: B018


def test_settings_and_errors_come_without_torch():
    code = (
        "import sys, samcell_core as sc; sc.Settings(peak=0.5); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


@pytest.mark.parametrize("module", ["images", "metrics", "models.registry", "postprocess"])
def test_what_needs_no_network_comes_without_torch(module):
    code = f"import sys, samcell_core.{module}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_the_engine_comes_without_warnings():
    code = "import samcell_core as sc; sc.Segmenter"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
