"""Where the grey values may come from."""

import numpy as np
import pytest
import tifffile

import samcell_core as sc
from samcell_core import ImageError, ModelInfo, SamcellError, Segmentation, Settings
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


def test_label_numbers_beyond_63_bits_are_refused():
    with pytest.raises(ImageError, match=r"2\^63"):
        measure(labels=np.full((3, 3), 2**63 + 5, np.uint64))


def test_a_table_is_never_written_over_another_unasked(tmp_path):
    table, path = measure(labels=[[1, 1, 0, 2]]), tmp_path / "cells.csv"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(SamcellError, match="overwrite=True"):
        table.to_csv(path)
    assert path.read_text(encoding="utf-8") == "mine"
    table.to_csv(path, overwrite=True)
    assert path.read_text(encoding="utf-8").startswith("id,")


@pytest.fixture
def corner():
    """One cell above the diagonal of a square, and the image it shines in, rows and columns."""
    labels = np.zeros((8, 8), np.uint16)
    labels[1, 3:7] = 1
    return labels, np.where(labels, 100, 0).astype(np.uint8)


def segmented(labels, axes):
    return sc.Segmentation(
        labels=labels,
        distance_map=labels.astype(np.float32),
        settings=sc.Settings(axes=axes),
        model=sc.ModelInfo(name="test", architecture="none"),
    )


def test_axes_given_to_the_segmentation_hold_for_a_square_image(corner):
    labels, image = corner
    assert measure(segmented(labels, "XY"), image.T)["intensity_min"].tolist() == [100]


def test_axes_given_to_the_segmentation_hold_for_a_square_file(corner, tmp_path):
    labels, image = corner
    path = tmp_path / "turned.tif"
    tifffile.imwrite(path, image.T)
    assert measure(segmented(labels, "XY"), path)["intensity_min"].tolist() == [100]


def test_axes_given_to_the_segmentation_hold_for_one_of_its_channels(corner):
    labels, image = corner
    assert measure(segmented(labels, "CXY"), image.T)["intensity_min"].tolist() == [100]


def test_axes_given_to_measure_go_before_those_of_the_segmentation(corner):
    labels, image = corner
    table = measure(segmented(labels, "XY"), image, axes="YX")
    assert table["intensity_min"].tolist() == [100]


def test_axes_of_the_image_are_turned_into_those_of_the_labels(corner):
    labels, image = corner
    table = measure(segmented(labels, None), sc.Image(image.T, "XY", None))
    assert table["intensity_min"].tolist() == [100]


@pytest.mark.parametrize("axes", ["YX", "TYX"])
def test_an_image_that_disagrees_with_the_axes_of_the_segmentation_is_refused(corner, axes):
    labels, image = corner
    data = image.reshape((1,) * (len(axes) - 2) + image.shape)
    with pytest.raises(sc.ImageError, match=r"'XY'.*give its axes"):
        measure(segmented(labels, "XY"), sc.Image(data, axes, None))


def test_channels_that_the_axes_of_a_turned_segmentation_lack_are_asked_for(corner):
    labels, image = corner
    with pytest.raises(sc.ImageError, match="give its axes"):
        measure(segmented(labels, "XY"), np.stack([image.T] * 3))


def test_channels_that_the_axes_of_an_upright_segmentation_lack_are_told(corner):
    labels, image = corner
    table = measure(segmented(labels, "YX"), np.stack([image, image // 2]))
    assert table["intensity_max_c1"].tolist() == [50]


@pytest.mark.parametrize("axes", ["YXS", None])
def test_the_opacity_of_rgba_is_not_measured(corner, axes):
    labels, image = corner
    table = measure(labels=labels, image=np.stack([image] * 4, axis=-1), axes=axes)
    assert [name for name in table.names if "mean" in name] == [
        "intensity_mean_c0",
        "intensity_mean_c1",
        "intensity_mean_c2",
    ]


@pytest.mark.parametrize(("place", "axes"), [(-1, "YXC"), (0, "CYX"), (0, None)])
def test_four_channels_are_all_measured(corner, place, axes):
    labels, image = corner
    table = measure(labels=labels, image=np.stack([image] * 4, axis=place), axes=axes)
    assert "intensity_mean_c3" in table


def test_a_masked_pixel_of_the_image_makes_the_values_of_its_cell_nan():
    labels = np.array([[1, 1, 2, 2]])
    image = np.ma.array([[5, 6, 7, 8]], mask=[[True, False, False, False]], dtype=np.uint8)
    means = measure(labels=labels, image=image)["intensity_mean"]
    np.testing.assert_array_equal(means, [np.nan, 7.5])


def test_a_masked_pixel_of_the_distance_map_is_zero():
    distance_map = np.ma.array([[0.9, 0.4]], mask=[[True, False]])
    table = measure(labels=np.array([[1, 1]]), distance_map=distance_map)
    assert table["peak_height"].tolist() == [0.4]
