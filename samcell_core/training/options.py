"""The command line of a training: what can be given, and the recipe that comes of it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from samcell_core.datasets import KINDS
from samcell_core.errors import SettingsError
from samcell_core.training.recipe import (
    NETWORKS,
    Recipe,
    network_in,
    parse_setting,
    read_recipe,
)

__all__ = ["make_parser", "recipe_of"]

_EXAMPLES = """\
examples:
  python -m samcell_core.training my_images --out my_run
  python -m samcell_core.training my_images --out my_run --start samcell-lite --steps 1000
  python -m samcell_core.training my_images --out my_run --start sam_vit_b_01ec64.pth --dry-run
  python -m samcell_core.training my_images --out my_run --labels "truth/{name}.png" \\
      --images "{name}_phase.tif"
  python -m samcell_core.training my_images --manifest lists/all.csv --out my_run

Stopped or interrupted, the same command goes on where the run was last validated. The best network
so far is in my_run/best.safetensors; 'python -m samcell_core.training.export' makes a small file of
the small network, to hand on. Exit codes: 0 done, 1 something failed, 2 wrongly called and nothing
done, 130 stopped by Ctrl-C."""

# Options, by the setting that they give in place of the recipe's, for each network.
_SETTINGS = {
    "epochs": {"sam": "epochs"},
    "steps": {"lite": "steps"},
    "batch": {"lite": "batch", "sam": "batch"},
    "trained": {"sam": "trained"},
    "rank": {"sam": "lora_rank"},
    "precision": {"lite": "precision", "sam": "precision"},
    "seed": {"lite": "seed", "sam": "seed"},
}
_INSTEAD = {"epochs": "--steps", "steps": "--epochs"}


def make_parser() -> argparse.ArgumentParser:
    """What can be given, with its help."""
    parser = argparse.ArgumentParser(
        prog="python -m samcell_core.training",
        description="Train a segmentation network on images and labels of your own: the small one, "
        "or SAM's as in SAMCell's paper.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "data",
        metavar="DATA",
        type=Path,
        help="folder of images and their labels (images/a.tif and labels/a.tif, a.tif and "
        "a_labels.tif, a.tif and a_RoiSet.zip, Cellpose's masks, CellProfiler's objects), a COCO "
        "file, or a manifest: a CSV file with the columns image, labels and, if you like, set, "
        "group, sha256, labels_sha256",
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="FOLDER",
        type=Path,
        help="folder of the run: best.safetensors, history.csv, curves.png, samples, data.csv",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="tell what the data is like, and what the training would take; write nothing",
    )
    _add_data(parser.add_argument_group("images"))
    _add_training(parser.add_argument_group("training"))
    telling = parser.add_mutually_exclusive_group()
    for names, value, what in (
        (("-v", "--verbose"), 1, "say more of what is done"),
        (("-q", "--quiet"), -1, "say nothing but errors"),
    ):
        telling.add_argument(
            *names, dest="verbosity", action="store_const", const=value, default=0, help=what
        )
    return parser


def recipe_of(options: argparse.Namespace, *, told: str | None) -> Recipe:
    """The recipe, with the options in it.

    Parameters
    ----------
    options
        From the parser.
    told
        The network that is meant where neither recipe nor options say it, if that is known.

    Raises
    ------
    SettingsError
        There is no such setting or value.
    """
    changes: dict[str, Any] = {}
    for text in options.set or ():
        _add(changes, parse_setting(text))
    for table, name in (
        ("model", "network"),
        ("data", "scenes"),
        ("data", "fit"),
        ("data", "side"),
        ("data", "left_out"),
    ):
        value = getattr(options, name)
        if value is not None:
            _add(changes, {table: {name: value}})
    given = {name: getattr(options, name) for name in _SETTINGS}
    given = {name: value for name, value in given.items() if value is not None}
    network = network_in(options.recipe, changes=changes, network=told or "lite")
    for name, value in given.items():
        setting = _SETTINGS[name].get(network)
        if setting is None:
            instead = f"give {_INSTEAD[name]}" if name in _INSTEAD else "leave it out"
            raise SettingsError(
                f"--{name} does not go with the network {network}: {instead}, or choose another "
                "network."
            )
        _add(changes, {"training": {setting: value}})
    return read_recipe(options.recipe, changes=changes, network=network)


def _add(changes: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        before = changes.get(name)
        if isinstance(value, Mapping) and isinstance(before, dict):
            _add(before, value)
        else:
            changes[name] = dict(value) if isinstance(value, Mapping) else value


def _add_data(data: argparse._ArgumentGroup) -> None:
    data.add_argument(
        "--manifest",
        metavar="FILE",
        type=Path,
        help="manifest that lies elsewhere; its paths start at the folder DATA",
    )
    data.add_argument(
        "--images",
        metavar="PATTERN",
        help='how the images in a folder are named, such as "{name}_phase.tif"; for COCO, the '
        "folder of the images",
    )
    data.add_argument(
        "--labels",
        metavar="PATTERN",
        help='how their labels are named, such as "truth/{name}.png"',
    )
    data.add_argument(
        "--kind",
        choices=KINDS,
        help="how the images are annotated, where it is not recognised: %(choices)s",
        metavar="KIND",
    )
    data.add_argument(
        "--skip-unlabelled", action="store_true", help="leave images without labels out"
    )
    data.add_argument(
        "--left-out",
        metavar="SET",
        action="append",
        help="set that is only validated on; may be given several times",
    )
    data.add_argument(
        "--fit",
        choices=("pad", "crop"),
        help="bring images to squares of one size first: pad reduces those that are larger and "
        "fills up, crop takes the middle",
    )
    data.add_argument(
        "--side", metavar="N", type=int, help="side of these squares in pixels; 512 if not given"
    )
    data.add_argument(
        "--scenes",
        metavar="N",
        type=int,
        help="number of synthetic scenes to train on as well, instead of the recipe's",
    )
    data.add_argument(
        "--cache",
        metavar="FOLDER",
        type=Path,
        help="keep distance maps here, so that other runs on the same labels need not compute them",
    )


def _add_training(training: argparse._ArgumentGroup) -> None:
    training.add_argument(
        "--network",
        choices=NETWORKS,
        help="what to train: the small network or SAM's; as the recipe says or --start is, else "
        "lite",
    )
    training.add_argument("--recipe", metavar="FILE", type=Path, help="TOML file with all choices")
    training.add_argument(
        "--start",
        metavar="MODEL",
        help="network to go on from instead of a new one: samcell-lite or a checkpoint of it; a "
        "checkpoint of SAM or SAMCell, or the name of one",
    )
    training.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        help="any setting of the recipe, such as learning_rate=0.0005 or data.fraction=0.2; may "
        "be given several times",
    )
    for name, what in (
        ("epochs", "most times that SAM's network sees each image"),
        ("steps", "number of updates of the small network"),
        ("batch", "crops in an update"),
        ("rank", "rank of the adapters of --trained lora"),
        ("seed", "seed of the first weights, the scenes and the crops"),
    ):
        training.add_argument(
            f"--{name}", metavar="N", type=int, help=f"{what}, instead of the recipe's"
        )
    training.add_argument(
        "--trained",
        metavar="PARTS",
        help='parts of SAM\'s network to train: all, decoder, lora, or "lora and decoder"',
    )
    training.add_argument(
        "--device",
        help="auto, cpu, cuda, cuda:1 or mps; for the small network cpu if not given, else auto",
    )
    training.add_argument(
        "--precision", help="fp32, or bf16 for mixed precision; for SAM's network also auto"
    )
