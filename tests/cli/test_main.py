"""The command itself, as a program of its own: speed of its help, Ctrl-C, kills."""

import json
import resource
import signal
import subprocess
import sys

import cv2
import pytest
import torch

import samcell_core as sc

PROGRAM = (sys.executable, "-m", "samcell_cli")
TINY = {"depth": 1, "heads": 1, "global_blocks": (0,), "image_size": 256}


def call(*arguments, **options):
    command = [*PROGRAM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_the_version_is_that_of_the_package():
    assert call("--version").stdout == f"samcell-cli {sc.__version__}\n"


def test_help_takes_less_than_three_tenths_of_a_second():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert call("--help").returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Seconds of work: the machine may be busy with something else.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.3


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
    command = [*PROGRAM, *map(str, arguments(place)), "-o", str(out), "--json"]
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
