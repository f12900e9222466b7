"""docs/worker.md says what the worker does."""

import json
import re
import subprocess
import sys
from pathlib import Path

import samcell_core as sc
from samcell_core.worker.operations import OPERATIONS

PAGE = (Path(__file__).parents[2] / "docs" / "worker.md").read_text(encoding="utf-8")


def test_the_bytes_of_the_smallest_request_are_those_of_a_frame(make_frame):
    [shown] = re.findall(r"```\n((?:[0-9a-f]{2}[ \n])+)```", PAGE)
    data = bytes.fromhex(shown)
    assert data == make_frame('{"id":1,"op":"hello"}')
    assert f"these {len(data)} bytes" in PAGE


def test_every_operation_has_its_part_of_the_page():
    parts = re.findall(r"^### `(\w+)`", PAGE, re.MULTILINE)
    assert sorted(parts) == sorted([*OPERATIONS, "cancel", "shutdown"])


def test_every_field_of_a_result_is_on_the_page(wire, cells):
    replies = [
        wire.ask("hello", protocol=1),
        wire.ask("devices"),
        wire.ask("load"),
        wire.ask("segment", {"image": cells}, outputs=["labels", "distance", "cells"]),
        wire.ask("evaluate", {"predicted": cells, "truth": cells}),
        wire.ask("models"),
    ]
    fields = {name for header, _ in replies for name in header}
    assert [name for name in sorted(fields) if f"`{name}`" not in PAGE] == []
    entries = [
        replies[0][0]["settings"][0],
        replies[1][0]["devices"][0],
        replies[5][0]["models"][0],
    ]
    inner = {name for entry in entries for name in entry}
    assert [name for name in sorted(inner) if f"`{name}`" not in PAGE] == []


def test_the_examples_of_headers_are_json():
    examples = [
        line
        for part in re.findall(r"```json\n(.+?)```", PAGE, re.DOTALL)
        for line in part.splitlines()
    ]
    assert len(examples) == 4
    assert all(json.loads(example)["id"] == 7 for example in examples)


def test_the_complete_client_runs(tmp_path):
    [example] = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)
    file = tmp_path / "client.py"
    file.write_text(example, encoding="utf-8")
    outcome = subprocess.run(
        [sys.executable, str(file)], capture_output=True, text=True, check=True
    )
    version, counted = outcome.stdout.splitlines()
    assert version == sc.__version__
    assert counted == "0 (200, 300)"
