"""The tests of the folder `inside`, which CellProfiler's own Python runs, all in one process.

That Python is 3.9 and has neither our package nor PyTorch. Each of its test functions is one here.
"""

import ast
import subprocess
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pytest

INSIDE = Path(__file__).parent / "inside"


def facts():
    """The test functions, told from the text of their files, for nothing there can be imported."""
    for path in sorted(INSIDE.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield f"{path.stem}::{node.name}"


@pytest.fixture(scope="module")
def outcomes(cellprofiler_python, environment, tmp_path_factory):
    """What became of each test function: for each of its instances, why it failed, or nothing."""
    report = tmp_path_factory.mktemp("inside") / "report.xml"
    command = [cellprofiler_python, "-m", "pytest", "-c", str(INSIDE / "pytest.ini")]
    done = subprocess.run(
        [*command, f"--junit-xml={report}", str(INSIDE)],
        capture_output=True,
        text=True,
        errors="replace",
        env=environment,
        timeout=1200,
        check=False,
    )
    assert report.is_file(), done.stdout[-3000:] + done.stderr[-3000:]
    found = defaultdict(list)
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname').rpartition('.')[2]}::{case.get('name').partition('[')[0]}"
        found[name].append("\n".join(child.text or child.tag for child in case))
    return found


@pytest.mark.parametrize("fact", list(facts()))
def test_inside(fact, outcomes):
    assert outcomes[fact], f"{fact} was not run"
    problems = [problem for problem in outcomes[fact] if problem]
    assert not problems, problems[0]


def test_every_fact_of_the_report_is_one_here(outcomes):
    assert set(outcomes) == set(facts())
