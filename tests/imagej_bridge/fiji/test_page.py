"""docs/fiji.md says what the command knows."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from imagej_bridge.fiji import JAR

PAGE = (Path(__file__).parents[3] / "docs" / "fiji.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def declared(helpers, ij_jar) -> dict[str, list[dict[str, str]]]:
    commands = ["segment", "folder", "evaluate", "measure", "setup"]
    done = subprocess.run(
        ["java", "-cp", f"{helpers}:{JAR}:{ij_jar}", "AskClasses"],
        input="".join(json.dumps(["declared", name]) + "\n" for name in commands),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return dict(zip(commands, lines, strict=True))


def test_the_table_has_every_option_with_its_preset(declared):
    rows = re.findall(r"^\| `(\w+)` \| (?:`([^`]*)`)? ?\|", PAGE, re.MULTILINE)
    assert rows == [(option["name"], option["preset"]) for option in declared["segment"]]


@pytest.mark.parametrize("command", ["folder", "evaluate", "measure", "setup"])
def test_the_options_of_the_other_commands_are_named(declared, command):
    start = f"| `SAMCell {command.title()}...` | `"
    row = next(line for line in PAGE.splitlines() if line.startswith(start))
    names = {option["name"] for option in declared[command]}
    if command == "folder":
        names -= {option["name"] for option in declared["segment"]} - {"table"}
    assert names <= set(re.findall(r"`(\w+)`", row))
