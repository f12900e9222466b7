"""The client runs in the Python of a frozen CellProfiler, which is an old one."""

import ast
import shutil
import subprocess
from pathlib import Path

import pytest

import samcell_client

FOLDER = Path(samcell_client.__file__).parent
FILES = sorted(FOLDER.glob("*.py"))

# Only the standard library and numpy, for which an empty module stands here.
IMPORT = (
    "import sys, types; sys.modules['numpy'] = types.ModuleType('numpy');"
    "sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True;"
    "import samcell_client; assert 'samcell_core' not in sys.modules"
)


def pythons_38():
    """Each Python 3.8 of this computer, in the usual places."""
    kept = (Path.home() / ".pyenv" / "versions").glob("3.8*/bin/python")
    candidates = [shutil.which("python3.8"), *map(str, kept)]
    return [python for python in candidates if python and _is_38(python)]


def _is_38(python):
    code = "import sys; print(sys.version_info[:2])"
    asked = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return asked.stdout.strip() == "(3, 8)"  # pyenv has stand-ins that are none


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_its_syntax_is_that_of_python_38(file):
    ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_a_python_38_compiles_it_where_there_is_one(tmp_path):
    for python in pythons_38():
        target = tmp_path / "compiled"
        code = "import py_compile, sys; py_compile.compile(sys.argv[1], sys.argv[2], doraise=True)"
        for file in FILES:
            subprocess.run([python, "-I", "-c", code, str(file), str(target)], check=True)
            assert target.exists()
            target.unlink()


def test_a_python_38_imports_it_where_there_is_one():
    for python in pythons_38():
        command = [python, "-I", "-W", "error", "-c", IMPORT, str(FOLDER.parent)]
        subprocess.run(command, check=True)
