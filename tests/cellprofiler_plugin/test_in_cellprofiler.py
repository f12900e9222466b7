"""The tests of the folder `inside`, which CellProfiler's own Python runs, all in one process.

That Python is 3.9 and has neither our package nor PyTorch. Each of its test functions is one here.
"""

from pathlib import Path

import pytest
from inner_tests import facts, outcomes, problem_of

INSIDE = Path(__file__).parent / "inside"


@pytest.fixture(scope="module")
def found(cellprofiler_python, environment, tmp_path_factory):
    command = [cellprofiler_python, "-m", "pytest", "-c", str(INSIDE / "pytest.ini")]
    report = tmp_path_factory.mktemp("inside") / "report.xml"
    return outcomes(command, INSIDE, report, env=environment, timeout=1200)


@pytest.mark.parametrize("fact", facts(INSIDE))
def test_inside(fact, found):
    assert problem_of(fact, found) == ""


def test_every_fact_of_the_report_is_one_here(found):
    assert set(found) == set(facts(INSIDE))
