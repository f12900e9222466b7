"""The module and its sub-package run in a frozen CellProfiler: an old Python, and little in it."""

import ast
import sys
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[2] / "cellprofiler_plugin"
FILES = [PLUGIN / "runsamcell.py", *sorted((PLUGIN / "samcell_module").glob("*.py"))]
THERE = {"cellprofiler_core", "numpy", "samcell_client", "samcell_module"}


def tree_of(file):
    return ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 8))


def imported(nodes):
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        if isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_its_syntax_is_that_of_python_38(file):
    assert tree_of(file).body


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_it_imports_only_what_every_cellprofiler_has(file):
    names = set(imported(tree_of(file).body))
    assert names - THERE - set(sys.stdlib_module_names) == set()


def test_the_module_imports_its_own_parts_under_guard():
    [guarded] = [node for node in tree_of(FILES[0]).body if isinstance(node, ast.Try)]
    ours = {"samcell_client", "samcell_module"}
    assert set(imported(guarded.body)) <= ours
    assert not set(imported(tree_of(FILES[0]).body)) & ours
