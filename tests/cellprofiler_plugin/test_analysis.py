"""The desktop's "Analyze images": two worker processes of CellProfiler, windows shown."""

import json
import subprocess
from pathlib import Path

import pytest

import samcell_core as sc
from samcell_core.machine import available_cores

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EXAMPLE = ROOT / "examples/cellprofiler/count_and_measure"


@pytest.fixture(scope="module")
def analysis(cellprofiler_python, environment, tmp_path_factory):
    """What the analysis tells: counts by image, tables of the windows, processes."""
    command = [cellprofiler_python, str(HERE / "inside/analyze_images.py")]
    command += [str(EXAMPLE / "count_and_measure.cppipe"), str(EXAMPLE / "images")]
    command += [str(ROOT / "cellprofiler_plugin"), str(tmp_path_factory.mktemp("out"))]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=1200, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_no_worker_reports_a_problem(analysis):
    assert analysis["problems"] == []


def test_the_counts_are_those_of_the_engine(analysis):
    with sc.Segmenter() as segmenter:
        images = sorted((EXAMPLE / "images").iterdir())
        counts = {path.name: segmenter.segment(path).count for path in images}
    assert analysis["counts"] == counts


def test_each_worker_has_an_engine_of_its_own_at_most(analysis):
    assert 1 <= analysis["engines"] <= 2


def test_the_workers_share_the_cores(analysis):
    threads = max(1, available_cores() // 2)
    told = [table["Network on"].rpartition(", ")[2].split()[0] for table in analysis["shown"]]
    assert told == [str(threads)] * 3


def test_every_image_is_shown_in_the_window(analysis):
    found = [int(table["# of accepted objects"]) for table in analysis["shown"]]
    assert sorted(found) == sorted(analysis["counts"].values())


def test_no_engine_is_left_when_the_analysis_has_ended(analysis):
    assert analysis["left"] == 0
