"""The tests of the folder `inside`: those of each of its folders run in one process with Java.

Each of their functions is one test here.
"""

import ast
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SCREEN = ("xvfb-run", "-a")
PATIENCE = 600  # seconds


def facts(kind):
    """The test functions of a folder, told from the text of its files."""
    return [
        f"{path.stem}::{node.name}"
        for path in sorted((HERE / "inside" / kind).glob("test_*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def outcomes(kind, folder, *, before=(), **environment):
    """What became of each function: for each of its instances, why it failed, or nothing."""
    report = folder / "report.xml"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [
            *before,
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--junit-xml={report}"),
            str(HERE / "inside" / kind),
        ],
        capture_output=True,
        text=True,
        errors="replace",
        cwd=ROOT,
        env={**kept, "SAMCELL_TESTS_IN_JAVA": kind, "SAMCELL_OFFLINE": "1", **environment},
        timeout=PATIENCE,
        check=False,
    )
    assert report.is_file(), done.stdout[-3000:] + done.stderr[-3000:]
    found = defaultdict(list)
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname').rpartition('.')[2]}::{case.get('name').partition('[')[0]}"
        found[name].append("\n".join(child.text or child.tag for child in case))
    return found


@pytest.fixture(scope="module")
def with_screen(tmp_path_factory):
    assert shutil.which("xvfb-run"), "run `apt-get install imagej xvfb xauth`, and set IJ_JAR"
    return outcomes("screen", tmp_path_factory.mktemp("screen"), before=SCREEN)


@pytest.fixture(scope="module")
def with_stand_in(tmp_path_factory):
    return outcomes("stand_in", tmp_path_factory.mktemp("stand_in"), DISPLAY="")


@pytest.fixture
def with_fiji(fact, fiji_outcomes):
    if fiji_outcomes is None:
        # ImageJ2 is in no registry that is always within reach: not run, and named as such.
        pytest.skip(f"{fact} is not run: SAMCELL_FIJI names no Fiji for PyImageJ")
    return fiji_outcomes


@pytest.fixture(scope="module")
def fiji_outcomes(tmp_path_factory):
    if "SAMCELL_FIJI" not in os.environ:
        return None
    return outcomes("fiji", tmp_path_factory.mktemp("fiji"))


@pytest.mark.parametrize("fact", facts("screen"))
def test_imagej_with_a_screen(fact, with_screen):
    assert with_screen[fact], f"{fact} was not run"
    assert [problem for problem in with_screen[fact] if problem] == []


@pytest.mark.parametrize("fact", facts("stand_in"))
def test_pyimagej_without_a_screen(fact, with_stand_in):
    assert with_stand_in[fact], f"{fact} was not run"
    assert [problem for problem in with_stand_in[fact] if problem] == []


@pytest.mark.parametrize("fact", facts("fiji"))
def test_fiji(fact, with_fiji):
    assert with_fiji[fact], f"{fact} was not run"
    assert [problem for problem in with_fiji[fact] if problem] == []


def test_every_fact_of_the_reports_is_one_here(with_screen, with_stand_in):
    assert set(with_screen) == set(facts("screen"))
    assert set(with_stand_in) == set(facts("stand_in"))
