"""Shells complete the commands and options of ``samcell-cli``."""

import os
import subprocess
import sys

import pytest


def complete(words, position):
    variables = {"COMP_WORDS": words, "COMP_CWORD": str(position)}
    call = subprocess.run(
        [sys.executable, "-m", "samcell_cli"],
        env={**os.environ, "_SAMCELL_CLI_COMPLETE": "bash_complete", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return [line.partition(",")[2] for line in call.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "position", "expected"),
    [
        ("samcell-cli eva", 1, "evaluate"),
        ("samcell-cli models inf", 2, "info"),
        ("samcell-cli evaluate --end", 2, "--ending"),
    ],
)
def test_a_word_is_completed(words, position, expected):
    assert complete(words, position) == [expected]
