"""Shells complete the commands and options of ``samcell-cli``: here bash itself."""

import os
import subprocess
import sysconfig

import pytest

SCRIPT = """
eval "$(_SAMCELL_CLI_COMPLETE=bash_source samcell-cli)"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
complete -p samcell-cli >/dev/null || exit 1
function=$(complete -p samcell-cli | sed 's/.*-F \\([^ ]*\\).*/\\1/')
"$function" samcell-cli "${COMP_WORDS[COMP_CWORD]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["eva"], "evaluate"),
        (["models", "inf"], "info"),
        (["evaluate", "--end"], "--ending"),
        (["run", "--min-s"], "--min-size"),
        (["run", "--intensity", "perc"], "percentile"),
        (["run", "--save", "labels,geo"], "labels,geojson"),
        (["run", "--model", "samcell-l"], "samcell-lite"),
    ],
)
def test_bash_completes_a_word(words, expected):
    path = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    call = subprocess.run(
        ["bash", "--norc", "-c", SCRIPT, "bash", "samcell-cli", *words],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert call.stdout == f"{expected}\n"
