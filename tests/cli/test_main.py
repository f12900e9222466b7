"""The command as it is installed, a program of its own: exit codes, output, Ctrl-C, kills."""

import json
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import cv2
import pytest
import torch

import samcell_core as sc

PROGRAM = Path(sysconfig.get_path("scripts")) / "samcell-cli"
TINY = {"depth": 1, "heads": 1, "global_blocks": (0,), "image_size": 256}


def call(*arguments, **options):
    command = [PROGRAM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_the_version_is_that_of_the_package():
    assert call("--version").stdout == f"samcell-cli {sc.__version__}\n"


def test_the_module_is_the_same_program():
    command = [sys.executable, "-m", "samcell_cli", "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said == call("--version").stdout


def test_help_comes_without_what_takes_long_to_import():
    code = (
        "import sys; from samcell_cli.main import cli; cli.main(['--help'], standalone_mode=False);"
        "assert not {'torch', 'numpy', 'cv2', 'samcell_core'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize(
    "arguments", [["run", "nothing/here"], ["run", "--peak", "2", "."], ["walk"], ["models", "rm"]]
)
def test_a_wrong_call_exits_with_2(arguments):
    result = call(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Error: " in result.stderr


def test_output_that_cannot_be_written_is_told_in_a_sentence():
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [PROGRAM, "models", "list"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert result.returncode == 1
    assert result.stderr == (
        "Error: No space left on device: check the file, its rights, and the space on the disk.\n"
    )


def test_a_reader_that_goes_away_is_no_matter_for_words():
    command = f"'{PROGRAM}' models list | true"
    assert subprocess.run(["bash", "-c", command], capture_output=True, check=False).stderr == b""


def test_events_that_cannot_be_written_end_the_run_in_a_sentence(place, tmp_path):
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [PROGRAM, *map(str, arguments(place)), "-o", tmp_path / "out", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert result.returncode == 1
    assert result.stderr.startswith("Error: No space left on device")
    assert result.stderr.count("\n") == 1


def test_one_bad_image_exits_with_1_and_the_others_have_results(place, tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "good.png").write_bytes((place / "images" / "0.png").read_bytes())
    (tmp_path / "images" / "bad.png").write_bytes(b"no picture")
    command = ["run", tmp_path / "images", *arguments(place)[2:], "-o", tmp_path / "out"]
    result = call(*command)
    assert result.returncode == 1
    assert result.stderr.startswith("bad.png: ")
    whole = (place / "whole" / "labels" / "0.tif").read_bytes()
    assert (tmp_path / "out" / "labels" / "good.tif").read_bytes() == whole


def test_help_of_a_command_comes_without_torch():
    code = (
        "import sys; from samcell_cli.main import cli;"
        "cli.main(['run', '--help'], standalone_mode=False); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_each_command_says_of_itself_what_the_list_says_of_it():
    from click import Context

    from samcell_cli.main import COMMANDS, cli

    context = Context(cli)
    told = {name: cli.get_command(context, name).help for name in cli.list_commands(context)}
    assert {name: text.split("\n")[0] for name, text in told.items()} == {
        name: summary for name, (_, summary) in COMMANDS.items()
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory, draw_clouds):
    """Images and a small checkpoint, and what an undisturbed run makes of them."""
    place = tmp_path_factory.mktemp("program")
    (place / "images").mkdir()
    for number in range(24):  # enough to be stopped in the middle of
        cv2.imwrite(str(place / "images" / f"{number}.png"), draw_clouds(number))
    shape = sc.SamcellShape(width=32, mlp_width=32, **TINY)
    torch.save(sc.random_model(shape).network.state_dict(), place / "tiny.pt")
    result = call(*arguments(place), "-o", place / "whole")
    assert result.returncode == 0, result.stderr
    return place


@pytest.fixture(scope="module")
def draw_clouds():
    import numpy as np

    def draw(seed):
        noise = np.random.default_rng(seed).random((90, 120)).astype(np.float32)
        return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 4), None, 0, 255, cv2.NORM_MINMAX)

    return draw


def arguments(place):
    settings = ["--peak", 0.5, "--fill", 0.4, "--threads", 1, "--workers", 2, "--device", "cpu"]
    return ["run", place / "images", "--model", place / "tiny.pt", *settings, "--save", "all"]


def tree(out):
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file() and path.name != "run.json" and "final" not in path.parts
    }


def stop_after_an_image(place, out, how):
    """Send a signal when the first image is finished; the exit code and what was said."""
    command = [PROGRAM, *map(str, arguments(place)), "-o", str(out), "--json"]
    # Tests that run in the background of a shell ignore Ctrl-C, and so would what they start.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before)
    with program:
        for line in program.stdout:
            if json.loads(line)["event"] == "image-done":
                program.send_signal(how)
                break
        program.stdout.read()
        said = program.stderr.read()
    return program.returncode, said


def test_ctrl_c_ends_with_130_and_one_line_and_the_run_goes_on(place):
    out = place / "interrupted"
    code, said = stop_after_an_image(place, out, signal.SIGINT)
    assert code == 130
    assert said == "Stopped. The same command goes on with the images that are left.\n"
    assert not (out / "cells.csv").exists()
    assert call(*arguments(place), "-o", out).returncode == 0
    assert tree(out) == tree(place / "whole")


def test_a_killed_run_goes_on_to_the_same_files(place):
    out = place / "killed"
    assert stop_after_an_image(place, out, signal.SIGKILL)[0] == -signal.SIGKILL
    result = call(*arguments(place), "-o", out)
    assert "of them before)" in result.stdout
    assert tree(out) == tree(place / "whole")
