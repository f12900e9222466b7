"""The options that all ablations have."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from samcell_core.training.command import WronglyCalledError

__all__ = ["Choices", "read_choices"]

_MOST = {"epochs": 10_000, "seeds": 100, "images": 100_000}


@dataclass(frozen=True)
class Choices:
    """What the user chose.

    Attributes
    ----------
    out
        Folder of the results of all ablations.
    epochs, seeds, images
        Epochs, trainings of each variant, and drawn images to train on; ``None`` for the usual.
    large
        Whether SAM ViT-B is trained by the paper's recipe instead of a tiny SAM.
    data
        Annotated images to take instead of drawn ones.
    starts
        Weights to start from.
    device
        Where to compute.
    """

    out: Path
    epochs: int | None
    seeds: int | None
    images: int | None
    large: bool
    data: tuple[Path, ...]
    starts: tuple[Path, ...]
    device: str


def read_choices(
    name: str, description: str, *, several_starts: bool, arguments: Sequence[str] | None
) -> Choices:
    """Read the command line of an ablation.

    Raises
    ------
    WronglyCalledError
        Options that do not exist, or values they cannot have.
    """
    given = _parser(name, description).parse_args(arguments)
    for option, most in _MOST.items():
        value = getattr(given, option)
        if value is not None and not 1 <= value <= most:
            raise WronglyCalledError(
                f"--{option} {value} is not allowed: give a whole number from 1 to {most:,}."
            )
    if given.data and given.images is not None:
        raise WronglyCalledError(
            "--images counts drawn images, and --data gives others: leave out one of them."
        )
    for path in given.data:
        if not path.exists():
            raise WronglyCalledError(f"--data {path} does not exist: check the path.")
    if len(given.start) > 1 and not several_starts:
        raise WronglyCalledError(
            f"--start was given {len(given.start)} times: {name} starts from one file; give one."
        )
    return Choices(
        out=given.out,
        epochs=given.epochs,
        seeds=given.seeds,
        images=given.images,
        large=given.large or bool(given.start),
        data=tuple(given.data),
        starts=tuple(given.start),
        device=given.device,
    )


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in a sentence, as all else here does."""

    def error(self, message: str) -> NoReturn:
        raise WronglyCalledError(f"{message}: --help lists the options and what they take.")


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=f"python ablations/{name}.py", description=description, allow_abbrev=False
    )
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        type=Path,
        default=Path("ablation_results"),
        help="folder of all ablations; this one writes into %(metavar)s/" + name + ", and trainings"
        " that another one has done are found there (%(default)s if not given)",
    )
    for option, what in (
        ("epochs", "epochs of each training; other sets of images get as many updates"),
        ("seeds", "trainings of each variant, from other first weights and crops"),
        ("images", "drawn images to train on, over all kinds"),
    ):
        parser.add_argument(f"--{option}", metavar="N", type=int, help=what)
    parser.add_argument(
        "--data",
        metavar="PATH",
        type=Path,
        action="append",
        default=[],
        help="annotated images of your own instead of drawn ones, as samcell-cli train takes them; "
        "may be given several times",
    )
    parser.add_argument(
        "--start",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="weights to start from, of SAM or SAMCell; implies --large",
    )
    parser.add_argument(
        "--large",
        action="store_true",
        help="SAM ViT-B and the paper's recipe instead of a tiny SAM: wants a GPU",
    )
    parser.add_argument(
        "--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps (%(default)s if not given)"
    )
    return parser
