"""Tests that a process of its own runs, all of a folder at once; each is a test here, too."""

from __future__ import annotations

import ast
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree


def facts(folder: Path) -> list[str]:
    """The test functions, told from the text of their files, for nothing there can be imported."""
    return [
        f"{path.stem}::{node.name}"
        for path in sorted(folder.glob("test_*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def outcomes(
    pytest: Sequence[str], folder: Path, report: Path, **process: Any
) -> dict[str, list[str]]:
    """What became of each test function: for each of its instances, why it failed, or nothing.

    Parameters
    ----------
    pytest
        The command that runs the tests, without the folder.
    folder
        Where they are.
    report
        A file to be written.
    process
        How the command is run: its environment, its timeout.
    """
    done = subprocess.run(
        [*pytest, f"--junit-xml={report}", str(folder)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        **process,
    )
    assert report.is_file(), done.stdout[-3000:] + done.stderr[-3000:]
    found = defaultdict(list)
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname').rpartition('.')[2]}::{case.get('name').partition('[')[0]}"
        found[name].append("\n".join(child.text or child.tag for child in case))
    return dict(found)


def problem_of(fact: str, found: Mapping[str, list[str]]) -> str:
    """Why a test function failed, empty where it did not."""
    return "".join(found.get(fact, [f"{fact} was not run"]))
