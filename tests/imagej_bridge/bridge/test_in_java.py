"""The tests of the folder `inside`: those of each of its folders run in one process with Java.

Each of their functions is one test here.
"""

import os
import shutil
import sys
from pathlib import Path

import pytest
from inner_tests import facts, outcomes, problem_of

INSIDE = Path(__file__).parent / "inside"
SCREEN, STAND_IN, FIJI = (INSIDE / name for name in ("screen", "stand_in", "fiji"))
ROOT = Path(__file__).parents[3]
ON_A_SCREEN = ("xvfb-run", "-a")
PATIENCE = 600  # seconds


def run(folder, report, *, before=(), **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return outcomes(
        [*before, sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
        folder,
        report / "report.xml",
        cwd=ROOT,
        env={**kept, "SAMCELL_TESTS_IN_JAVA": folder.name, "SAMCELL_OFFLINE": "1", **environment},
        timeout=PATIENCE,
    )


@pytest.fixture(scope="module")
def with_screen(tmp_path_factory):
    assert shutil.which("xvfb-run"), "run `apt-get install imagej xvfb xauth`, and set IJ_JAR"
    return run(SCREEN, tmp_path_factory.mktemp("screen"), before=ON_A_SCREEN)


@pytest.fixture(scope="module")
def with_stand_in(tmp_path_factory):
    return run(STAND_IN, tmp_path_factory.mktemp("stand_in"), DISPLAY="")


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
    return run(FIJI, tmp_path_factory.mktemp("fiji"))


@pytest.mark.parametrize("fact", facts(SCREEN))
def test_imagej_with_a_screen(fact, with_screen):
    assert problem_of(fact, with_screen) == ""


@pytest.mark.parametrize("fact", facts(STAND_IN))
def test_pyimagej_without_a_screen(fact, with_stand_in):
    assert problem_of(fact, with_stand_in) == ""


@pytest.mark.parametrize("fact", facts(FIJI))
def test_fiji(fact, with_fiji):
    assert problem_of(fact, with_fiji) == ""


def test_every_fact_of_the_reports_is_one_here(with_screen, with_stand_in):
    assert set(with_screen) == set(facts(SCREEN))
    assert set(with_stand_in) == set(facts(STAND_IN))
