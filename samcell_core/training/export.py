"""A small file of a trained network, to hand on: ``python -m samcell_core.training.export``."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from samcell_core.errors import ModelError, SettingsError, TrainingError
from samcell_core.models.lite import LiteNetwork
from samcell_core.models.lite_file import LiteHeader, lite_bytes
from samcell_core.models.loading import read_lite
from samcell_core.training.command import carry_out, say
from samcell_core.training.whole import write_whole

__all__ = ["export"]

_HIGHEST_HALF = 65504.0
_DIAMETERS = (1, 1000)


def export(
    best: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    name: str | None = None,
    peak: float | None = None,
    fill: float | None = None,
    diameter: float | None = None,
    licence: str | None = None,
    average_with: Sequence[str | os.PathLike[str]] = (),
    half: bool = True,
    overwrite: bool = False,
) -> None:
    """Write a checkpoint anew, with what its header is to say: whole, or not at all.

    Parameters
    ----------
    best
        Checkpoint of a training run.
    out
        The new file, which ends in ``.safetensors``.
    name, peak, fill, diameter, licence
        What the header says of them; as in ``best`` where not given.
    average_with
        Checkpoints of runs that went on from one another: the mean of their weights and those of
        ``best`` often does better on new images than each of them.
    half
        Whether the convolutions are stored in half precision, in half the space.
    overwrite
        Whether an existing file may be replaced.

    Raises
    ------
    ModelError
        ``best`` is no checkpoint of the small network, or does not fit half precision.
    SettingsError
        A value outside its range, or an ``out`` that may not be written.
    TrainingError
        The file cannot be written.
    """
    best, out = Path(best), Path(out)
    if out.suffix.lower() != ".safetensors":
        raise SettingsError(f"{out} should end in .safetensors: give another name.")
    if out.exists() and (not overwrite or out.samefile(best)):
        raise SettingsError(f"{out} exists: give another name, or allow it to be overwritten.")
    if not out.parent.is_dir():
        raise TrainingError(f"There is no folder {out.parent}: make it, or give another name.")
    network, header = read_lite(best)
    if average_with:
        header = _average(network, header, [Path(other) for other in average_with])
    given: dict[str, Any] = {
        "name": name,
        "peak": peak,
        "fill": fill,
        "diameter": diameter,
        "licence": licence,
    }
    header = dataclasses.replace(
        header, **{name: value for name, value in given.items() if value is not None}
    )
    _check(header)
    if half:
        _check_half(network, best)
    write_whole(out, lite_bytes(network, header, half=half))


def _average(network: LiteNetwork, header: LiteHeader, others: Sequence[Path]) -> LiteHeader:
    """Give a network the mean weights of itself and others; return a header that tells of them."""
    mean = {name: tensor.double() for name, tensor in network.state_dict().items()}
    told = []
    for path in others:
        other, also = read_lite(path)
        if also.shape != header.shape:
            raise ModelError(
                f"{path} is a network of another size, which cannot be averaged: leave it out."
            )
        for name, tensor in other.state_dict().items():
            mean[name] += tensor.double()
        told.append(also.training)
    kinds = {name: tensor.dtype for name, tensor in network.state_dict().items()}
    network.load_state_dict(
        {name: (sums / (1 + len(others))).to(kinds[name]) for name, sums in mean.items()}
    )
    return dataclasses.replace(header, training={**header.training, "averaged with": told})


def _check(header: LiteHeader) -> None:
    for name, value in (("peak", header.peak), ("fill", header.fill)):
        if not 0 < value < 1:
            raise SettingsError(f"{name}={value} is not allowed: give a number between 0 and 1.")
    if header.fill > header.peak:
        raise SettingsError(
            f"fill={header.fill} is above peak={header.peak}: give at most the peak threshold."
        )
    low, high = _DIAMETERS
    if header.diameter is not None and not low <= header.diameter <= high:
        raise SettingsError(
            f"diameter={header.diameter} is not allowed: give a number from {low} to {high}."
        )


def _check_half(network: LiteNetwork, best: Path) -> None:
    if any(float(each.detach().abs().max()) > _HIGHEST_HALF for each in network.parameters()):
        raise ModelError(
            f"{best} has weights too large for half precision: export it in full precision."
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m samcell_core.training.export",
        description="Make a small file of a trained network, to hand on and to segment with.",
        epilog="What is not given stays as the checkpoint has it.",
    )
    parser.add_argument(
        "best", metavar="BEST", type=Path, help="checkpoint of a run: my_run/best.safetensors"
    )
    parser.add_argument("out", metavar="OUT", type=Path, help="new file, ending in .safetensors")
    parser.add_argument("--name", help="name of the model")
    parser.add_argument("--peak", type=float, help="its cell peak threshold, above 0 and below 1")
    parser.add_argument("--fill", type=float, help="its cell fill threshold, at most the peak")
    parser.add_argument(
        "--diameter",
        type=float,
        metavar="PIXELS",
        help="diameter of the cells that it knows best: images are scaled to it",
    )
    parser.add_argument("--licence", help="licence of its weights")
    parser.add_argument(
        "--average-with",
        type=Path,
        action="append",
        default=[],
        metavar="CHECKPOINT",
        help="take the mean of its weights and BEST's; one of a run that BEST's went on from, or "
        "the other way round; may be given several times",
    )
    parser.add_argument(
        "--full-precision", action="store_true", help="store 32 bits a weight instead of 16"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")
    options = parser.parse_args(arguments)

    def write() -> None:
        export(
            options.best,
            options.out,
            name=options.name,
            peak=options.peak,
            fill=options.fill,
            diameter=options.diameter,
            licence=options.licence,
            average_with=options.average_with,
            half=not options.full_precision,
            overwrite=options.overwrite,
        )
        say(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")

    return carry_out(write, stopped="Stopped: nothing was written.")


if __name__ == "__main__":
    sys.exit(main())
