"""Where the grey values may come from."""

import numpy as np
import tifffile

from samcell_core import ModelInfo, Segmentation, Settings
from samcell_core.metrics import measure


def test_a_file_of_the_image_gives_the_values_of_its_array(tmp_path, rng):
    labels = np.zeros((20, 30), np.uint16)
    labels[2:9, 3:12], labels[10:18, 15:29] = 1, 2
    image = rng.integers(0, 4000, (2, 20, 30), dtype=np.uint16)
    path = tmp_path / "cells.tif"
    tifffile.imwrite(path, image, imagej=True, metadata={"axes": "CYX"})
    from_file, from_array = measure(labels=labels, image=path), measure(labels=labels, image=image)
    for name in ("intensity_mean_c0", "intensity_std_c1"):
        np.testing.assert_array_equal(from_file[name], from_array[name])


def test_the_axes_that_an_image_was_segmented_with_are_used_again(rng):
    labels = np.zeros((20, 20), np.uint16)
    labels[2:9, 3:18] = 1
    image = rng.integers(0, 255, (20, 20), dtype=np.uint8)
    result = Segmentation(
        labels=labels,
        distance_map=(labels > 0).astype(np.float32),
        settings=Settings(axes="XY"),
        model=ModelInfo(name="none", architecture="none"),
    )
    assert measure(result, image)["intensity_mean"][0] == image.T[labels > 0].mean()
