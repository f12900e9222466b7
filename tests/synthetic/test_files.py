"""Scenes of the demonstration as files."""

import numpy as np
import pytest

import samcell_core as sc
from samcell_core.synthetic.files import DEMONSTRATION, write_scenes

SOME = DEMONSTRATION[-1:]


@pytest.fixture
def folders(tmp_path):
    return tmp_path / "images", tmp_path / "truth"


def test_each_scene_has_an_image_and_its_true_cells(folders):
    (scene,) = write_scenes(*folders, scenes=SOME, side=128)
    image, truth = (sc.read_image(folder / f"{scene.name}.tif") for folder in folders)
    assert image.data.shape == truth.data.shape == (128, 128)
    assert np.max(truth.data) > 3


def test_files_know_their_pixel_size(folders):
    list(write_scenes(*folders, scenes=SOME, side=128))
    image = sc.read_image(folders[0] / f"{SOME[0].name}.tif")
    assert image.pixel_size == pytest.approx((0.65, 0.65), rel=1e-5)


def test_the_same_scenes_become_the_same_files(tmp_path):
    contents = []
    for folder in ("a", "b"):
        list(write_scenes(tmp_path / folder, tmp_path / folder / "t", scenes=SOME, side=128))
        contents.append((tmp_path / folder / f"{SOME[0].name}.tif").read_bytes())
    assert contents[0] == contents[1]


def test_files_are_not_written_over_others(folders):
    list(write_scenes(*folders, scenes=SOME, side=128))
    with pytest.raises(sc.SamcellError, match="exists"):
        list(write_scenes(*folders, scenes=SOME, side=128))


def test_names_of_the_demonstration_are_different():
    assert len({scene.name for scene in DEMONSTRATION}) == len(DEMONSTRATION)
