"""A run that is killed, and what it leaves behind."""

import csv

from safetensors import safe_open


class Killed(BaseException):
    """The process ends here."""


def tensors(path):
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name).numpy().tobytes() for name in file.keys()}  # noqa: SIM118


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
