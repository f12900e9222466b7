"""What a macro gets to see when something is wrong: a sentence, and its end."""

from __future__ import annotations

import os
import time
from types import SimpleNamespace

import pytest

WAYS = ("well", "empty", "broken", "dying", "once", "full", "slow")
WRONG = {
    "unknown option": "pek=0.5",
    "out of range": "peak=1.2",
    "no number": "min=many",
    "fraction": "min=2.5",
    "unknown word": "markers=round",
    "flag with value": "labels=yes",
    "no value": "peak",
    "fill above peak": "peak=0.2 fill=0.5",
    "both sizes": "diameter=30 scale=2",
    "twice": "min=3 min=4",
    "open bracket": "model=[samcell lite",
    "no variable": "min=&nothing",
}


def call(options: str, engine: str = "well") -> str:
    return f"""folder = getArgument();
run("SAMCell Setup...", "python=[" + folder + "engine {engine}]");
setBatchMode(true);
newImage("plain", "8-bit black", 40, 30, 1);
run("SAMCell...", "{options}");
print("gone on, " + getTitle());
"""


MACROS = {
    **{name: call(options) for name, options in WRONG.items()},
    **{way: call("labels", way) for way in WAYS if way != "slow"},
    "escape": call("labels", "slow"),
    "missing engine": """run("SAMCell Setup...", "python=/no/such/python");
print("gone on");
""",
    "no image": """setBatchMode(true);
run("SAMCell...", "labels");
print("gone on");
""",
    "outside": """setBatchMode(true);
newImage("plain", "8-bit black", 40, 30, 1);
makeRectangle(50, 50, 5, 5);
run("SAMCell...", "labels");
print("gone on");
""",
    "inside a function": """newImage("plain", "8-bit black", 40, 30, 1);
work();
print("gone on");
function work() {
    for (i = 0; i < 3; i++) {
        print("turn " + i);
        run("SAMCell...", "pek=1");
    }
}
""",
    "without options in batch": call("").replace(', ""', ""),
    "variable": 'size = 7; words = "labels table"; folder = getArgument();\n'
    + call("min=&size labels").replace('print("gone', 'print(getMetadata("Info")); print("gone'),
    "folder without input": 'run("SAMCell Folder...", "model=samcell-lite"); print("gone on");',
    "evaluate nothing": 'run("SAMCell Evaluate...", "predicted=a truth=b"); print("gone on");',
    "measure nothing": """newImage("plain", "8-bit black", 40, 30, 1);
run("SAMCell Measure...", "clear"); print("gone on");""",
    "in the end": call("labels rois"),
}


@pytest.fixture(scope="module")
def outcomes(run_macros, stub_engine, tmp_path_factory) -> SimpleNamespace:
    folder = tmp_path_factory.mktemp("failures")
    for way in WAYS:
        stub_engine(folder, way)
    return SimpleNamespace(folder=folder, of=run_macros(folder, MACROS))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("unknown option", 'There is no option "pek": did you mean "peak"?'),
        ("out of range", "peak=1.2 is not allowed: give a number from 0 to 1, or auto."),
        ("no number", "min=many is not allowed: give a whole number from 0 to 1000000000000."),
        ("fraction", "min=2.5 is not allowed"),
        ("unknown word", "markers=round is not allowed: give one of auto, component,"),
        ("flag with value", "labels=yes is not allowed: write labels alone for yes"),
        ("no value", "peak has no value: write peak=, then a number from 0 to 1, or auto."),
        ("fill above peak", "fill=0.5 is above peak=0.2"),
        ("both sizes", "Give either diameter or scale, not both."),
        ("twice", "min is given twice"),
        ("open bracket", "model=[ has no end"),
        ("no variable", "min=&nothing: the macro has no variable nothing."),
        ("missing engine", "There is no program /no/such/python"),
        ("empty", "is a Python without the SAMCell engine"),
        ("broken", "did not start the SAMCell engine (ImportError: libtorch.so is missing)"),
        ("dying", "The SAMCell engine ended 2 times while it worked on this image (exit code 137"),
        ("full", "There is not enough memory: close it."),
        ("escape", "It was cancelled."),
        ("no image", "There is no image open: open one first."),
        ("outside", "The selection lies outside of plain"),
        ("inside a function", 'There is no option "pek"'),
        ("folder without input", "input is missing: write input=[folder of images]."),
        ("evaluate nothing", "predicted=a: there is no image open of that title."),
        ("measure nothing", "There is no cell in the ROI Manager"),
    ],
)
def test_a_failure_is_told_in_a_sentence_and_ends_the_macro(outcomes, name, sentence):
    outcome = outcomes.of[name]
    assert sentence in outcome.log
    assert sentence in outcome.error
    assert "gone on" not in outcome.log


def test_a_failure_ends_the_macro_within_loops_and_functions(outcomes):
    assert outcomes.of["inside a function"].log.count("turn") == 1


def test_an_engine_that_was_killed_is_started_anew_once(outcomes):
    assert "gone on, plain-labels" in outcomes.of["once"].log


def test_without_options_a_macro_in_batch_mode_gets_labels(outcomes):
    assert "gone on, plain-labels" in outcomes.of["without options in batch"].log


def test_a_variable_of_the_macro_may_be_a_value(outcomes):
    assert '"min_size":7' in outcomes.of["variable"].log


def test_notes_of_the_engine_are_logged(outcomes):
    assert "SAMCell: a note of the engine" in outcomes.of["well"].log


def test_the_command_works_after_all_failures(outcomes):
    assert "gone on, plain-labels" in outcomes.of["in the end"].log


@pytest.mark.parametrize("way", ["well", "slow", "once"])
def test_no_engine_outlives_imagej(outcomes, way):
    number = int((outcomes.folder / f"{way}.pid").read_text())
    end = time.monotonic() + 10
    while time.monotonic() < end and is_alive(number):
        time.sleep(0.05)
    assert not is_alive(number)


def is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True
