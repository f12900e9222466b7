"""A real CellProfiler in a Python of its own, and how it is run."""

import csv
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "cellprofiler_plugin"

# Those are run by CellProfiler's Python: see test_in_cellprofiler.py.
collect_ignore = ["inside", "pipelines"]


@dataclass(frozen=True)
class Run:
    """What a run of CellProfiler without a window has left."""

    code: int
    log: str
    folder: Path

    def table(self, name):
        """The rows of a CSV file, by the names of its columns."""
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def column(self, name, column):
        """The numbers of a column of a CSV file."""
        return [float(row[column]) for row in self.table(name)]


@pytest.fixture(scope="session")
def cellprofiler_python():
    """The Python that CellProfiler is installed in."""
    given = os.environ.get("CELLPROFILER_PYTHON")
    inside = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    path = Path(given) if given else ROOT / ".venv-cellprofiler" / inside
    assert path.is_file(), (
        f"{path} is not there: `make test` sets it up; or name the Python that CellProfiler is "
        "installed in as CELLPROFILER_PYTHON"
    )
    return str(path)


@pytest.fixture(scope="session")
def environment():
    """Environment of CellProfiler's processes: the engine is the Python that runs the tests."""
    ours = {"SAMCELL_PYTHON": sys.executable, "SAMCELL_OFFLINE": "1"}
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("PYTHON", "PYTEST"))}
    return {**kept, **ours}


@pytest.fixture(scope="session")
def cellprofiler(cellprofiler_python, environment, tmp_path_factory):
    """Function of a pipeline and a folder of images that runs CellProfiler as on a cluster."""

    def run(pipeline, images, *options, **changes):
        folder = tmp_path_factory.mktemp("out")
        command = [cellprofiler_python, "-m", "cellprofiler", "-c", "-r", "-p", str(pipeline)]
        command += ["-i", str(images), "-o", str(folder), "--plugins-directory", str(PLUGIN)]
        done = subprocess.run(
            [*command, *options],
            capture_output=True,
            text=True,
            errors="replace",
            env={**environment, **changes},
            timeout=900,
            check=False,
        )
        return Run(done.returncode, done.stdout + done.stderr, folder)

    return run
