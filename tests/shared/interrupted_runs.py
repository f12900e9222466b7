"""A run that is killed, and what it leaves behind."""

import csv

from safetensors.numpy import load_file


class Killed(BaseException):
    """The process ends here."""


def tensors(path):
    return {name: tensor.tobytes() for name, tensor in load_file(path).items()}


def history(folder):
    with (folder / "history.csv").open(encoding="utf-8", newline="") as stream:
        return [{**row, "seconds": None} for row in csv.DictReader(stream)]


def stop_at(step):
    def report(said):
        if said.step == step:
            raise Killed

    return report


def check_equal(folder, uninterrupted):
    best = "best.safetensors"
    assert (folder / best).read_bytes() == (uninterrupted / best).read_bytes()
    assert history(folder) == history(uninterrupted)
    assert tensors(folder / "state.safetensors") == tensors(uninterrupted / "state.safetensors")
