"""The same labels, to the pixel, as `samcell-cli run` makes of the same files."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile

from samcell_cli.main import main
from samcell_core.synthetic import make_scene

PIPELINE = Path(__file__).parent / "pipelines/labels.cppipe"
CHOSEN = (
    *("--diameter", "30", "--min-size", "315", "--max-size", "1590"),
    *("--discard-border", "--no-fill-holes", "--peak", "0.5", "--fill", "0.1"),
)
"""What the pipeline sets: diameters of 20 to 45 pixels are areas of 314.2 to 1590.4."""


def numbers(seed, white):
    """A drawn image that uses the whole range of a camera."""
    image = make_scene("phase contrast", seed=seed, shape=(192, 208), diameter=30).image
    image = image.astype(float) - image.min()
    kind = np.uint8 if white < 256 else np.uint16
    return np.rint(image / image.max() * white).astype(kind)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Grey images of 8, 12 and 16 bits, and coloured ones, as many."""
    folder = tmp_path_factory.mktemp("images")
    cv2.imwrite(str(folder / "grey_1.png"), numbers(67, 255))
    for number, white in ((2, 4095), (3, 65535)):
        pixels = numbers(70 + number, white)
        tags = [(281, "H", 1, white, True)]
        tifffile.imwrite(folder / f"grey_{number}.tif", pixels, extratags=tags)
    for number in (1, 2, 3):
        channels = [numbers(70 + 3 * number + each, 255) for each in range(3)]
        cv2.imwrite(str(folder / f"colour_{number}.png"), np.dstack(channels))
    return folder


@pytest.fixture(scope="module")
def run(cellprofiler, images):
    return cellprofiler(PIPELINE, images)


@pytest.fixture(scope="module")
def labels_of_the_command(images, tmp_path_factory):
    """Function of options that gives the label images of `samcell-cli run` by their names."""
    made = {}

    def label(*options):
        if options not in made:
            out = tmp_path_factory.mktemp("run")
            command = ["run", str(images), "-o", str(out), "--save", "labels", "--quiet"]
            with pytest.raises(SystemExit) as end:
                main([*command, *options])
            assert end.value.code == 0
            paths = (out / "labels").iterdir()
            made[options] = {path.stem: tifffile.imread(path) for path in paths}
        return made[options]

    return label


def test_the_pipeline_ends_well(run):
    assert run.code == 0, run.log[-2000:]


@pytest.mark.parametrize(
    ("objects", "options", "kind"),
    [("Plain", (), "grey"), ("Chosen", CHOSEN, "grey"), ("Coloured", (), "colour")],
)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_labels_are_the_same(run, labels_of_the_command, objects, options, kind, number):
    name = f"{kind}_{number}"
    ours = tifffile.imread(run.folder / f"{name}_{objects}.tiff")
    theirs = labels_of_the_command(*options)[name]
    assert theirs.max() > 3
    np.testing.assert_array_equal(ours, theirs)
