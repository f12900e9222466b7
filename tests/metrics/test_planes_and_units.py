"""Stacks, images of every layout, micrometres, and the summary of an image."""

from types import SimpleNamespace

import numpy as np
import pytest

import samcell_core as sc
from samcell_core.metrics import Table, measure, summarize


def segmentation(labels, axes="YX", pixel_size=None, distance_map=None, settings=None):
    if distance_map is None:
        distance_map = np.zeros(labels.shape, np.float32)
    return sc.Segmentation(
        labels=labels,
        distance_map=distance_map,
        settings=settings or sc.Settings(),
        model=sc.ModelInfo(name="test", architecture="none"),
        axes=axes,
        pixel_size=pixel_size,
    )


@pytest.fixture
def stack():
    """Two time points of three slices; the plane (t, z) has t + z cells of one pixel."""
    labels = np.zeros((2, 3, 4, 8), np.uint16)
    for t, z in np.ndindex(2, 3):
        labels[t, z, 1, : 2 * (t + z) : 2] = range(1, t + z + 1)
    return labels


def test_rows_of_a_stack_say_their_plane_time_and_slice(stack):
    table = measure(segmentation(stack, "TZYX"))
    rows = [(row["plane"], row["t"], row["z"], row["id"]) for row in table]
    assert rows == [
        (plane, t, z, cell)
        for plane, (t, z) in enumerate(np.ndindex(2, 3))
        for cell in range(1, t + z + 1)
    ]


def test_a_single_plane_has_no_columns_of_time_and_slice(crowd):
    assert not {"t", "z"} & set(measure(segmentation(crowd)).names)


def test_other_axes_count_as_planes_only():
    table = measure(labels=np.ones((2, 3, 4), int), label_axes="PYX")
    assert table["plane"].tolist() == [0, 1]
    assert "t" not in table


def test_axes_that_do_not_fit_the_labels_are_refused():
    with pytest.raises(sc.ImageError, match="one letter for each axis"):
        measure(labels=np.ones((2, 3, 4), int), label_axes="TZYX")


def test_planes_are_measured_apart(stack):
    last = measure(segmentation(stack[1, 2]))
    table = measure(segmentation(stack, "TZYX"))
    of_last = table["plane"] == 5
    for column in ("neighbours", "nearest_neighbour", "area", "centroid_x"):
        assert table[column][of_last].tolist() == last[column].tolist()


@pytest.fixture
def colours():
    """Three channels in which the one cell of 2x2 pixels has the means 1, 2 and 3."""
    labels = np.zeros((6, 7), int)
    labels[2:4, 2:4] = 1
    return labels, np.stack([np.full((6, 7), value, np.uint8) for value in (1, 2, 3)])


@pytest.mark.parametrize(
    ("order", "axes"), [((0, 1, 2), "CYX"), ((1, 2, 0), "YXS"), ((1, 0, 2), "YCX")]
)
@pytest.mark.parametrize("told", [True, False], ids=["axes given", "axes told from the shape"])
def test_channels_are_found_wherever_they_are(colours, order, axes, told):
    labels, image = colours
    table = measure(labels=labels, image=image.transpose(order), axes=axes if told else None)
    assert [table[f"intensity_mean_c{c}"][0] for c in range(3)] == [1, 2, 3]


def test_an_image_whose_axes_are_swapped_is_turned():
    labels = np.array([[0, 1, 1], [0, 0, 0]])
    image = np.where(labels, 5, 0).T
    table = measure(labels=labels, label_axes="YX", image=image, axes="xy")
    assert table["intensity_min"].tolist() == [5]


def test_one_channel_has_no_number_in_its_columns(colours):
    labels, image = colours
    table = measure(labels=labels, image=image[0])
    assert [name for name in table.names if name.startswith("intensity")] == [
        "intensity_mean",
        "intensity_std",
        "intensity_min",
        "intensity_max",
    ]


def test_an_image_with_data_and_axes_will_do(colours):
    labels, image = colours
    wrapped = SimpleNamespace(data=image[np.newaxis], axes="TCYX")
    assert measure(segmentation(labels), wrapped)["intensity_mean_c2"].tolist() == [3]


def test_channels_of_a_stack_stay_with_their_plane(stack):
    image = np.arange(2 * 3 * 2, dtype=float).reshape(2, 3, 2, 1, 1) + np.zeros((1, 1, 1, 4, 8))
    table = measure(segmentation(stack, "TZYX"), image, axes="TZCYX")
    assert table["intensity_mean_c1"].tolist() == (2.0 * table["plane"] + 1).tolist()


def test_bright_flat_cells_keep_the_digits_of_their_deviation():
    image = np.array([[1e9, 1e9 + 1, 1e9, 1e9 + 1]])
    assert measure(labels=np.ones((1, 4), int), image=image)["intensity_std"].tolist() == [0.5]


def test_an_image_of_another_size_is_refused(crowd):
    with pytest.raises(sc.ImageError, match=r"\(60, 150\).*\(120, 150\)"):
        measure(labels=crowd, image=np.zeros((60, 150)))


def test_an_image_with_channels_of_another_size_is_refused(crowd):
    with pytest.raises(sc.ImageError, match="does not fit"):
        measure(labels=crowd, image=np.zeros((3, 60, 150)))


def test_a_distance_map_of_another_size_is_refused(crowd):
    with pytest.raises(sc.ImageError, match="distance map"):
        measure(labels=crowd, distance_map=np.zeros((120, 149)))


def test_channels_that_cannot_be_told_are_asked_for():
    with pytest.raises(sc.ImageError, match="give axes"):
        measure(labels=np.ones((3, 5, 5), int), image=np.zeros((3, 3, 5, 5)))


@pytest.mark.parametrize("axes", ["YX", "CCYX", "CYXX", "CSX"])
def test_axes_that_do_not_fit_the_image_are_refused(crowd, axes):
    with pytest.raises(sc.ImageError, match="axes="):
        measure(labels=crowd, image=np.zeros((3, 120, 150)), axes=axes)


def test_an_image_of_complex_numbers_is_refused(crowd):
    with pytest.raises(sc.ImageError, match="grey values"):
        measure(labels=crowd, image=crowd.astype(complex))


def test_micrometres_come_with_a_pixel_size_only(crowd):
    with_size = measure(segmentation(crowd, pixel_size=(0.5, 0.5)))
    assert {name for name in with_size.names if "um" in name} == {
        "centroid_y_um",
        "centroid_x_um",
        "area_um2",
        "perimeter_um",
        "equivalent_diameter_um",
        "axis_major_um",
        "axis_minor_um",
        "nearest_neighbour_um",
    }
    assert not [name for name in measure(segmentation(crowd)).names if "um" in name]


@pytest.mark.parametrize(
    "column", ["perimeter", "equivalent_diameter", "axis_major", "axis_minor", "nearest_neighbour"]
)
def test_lengths_in_micrometres_are_those_in_pixels_times_the_size_of_a_pixel(crowd, column):
    table = measure(labels=crowd, pixel_size=(0.65, 0.65))
    np.testing.assert_allclose(table[f"{column}_um"], 0.65 * table[column])


def test_pixels_that_are_not_square_count_with_their_height_and_width():
    labels = np.zeros((20, 20), int)
    labels[2:6, 2:6], labels[2:6, 12:16], labels[16, 2] = 1, 2, 3
    cell = next(iter(measure(labels=labels, pixel_size=(1.0, 3.0))))
    assert cell["area_um2"] == 48
    assert (cell["centroid_y_um"], cell["centroid_x_um"]) == (3.5, 10.5)
    assert cell["axis_major_um"] == pytest.approx(3 * cell["axis_minor_um"])
    # In pixels the cell to the right is nearer, in micrometres the one below.
    assert cell["nearest_neighbour"] == 10
    assert cell["nearest_neighbour_um"] == pytest.approx(np.hypot(12.5, 4.5))


def test_pixels_that_are_not_square_have_no_perimeter_in_micrometres(crowd):
    assert np.isnan(measure(labels=crowd, pixel_size=(1.0, 1.2))["perimeter_um"]).all()


def test_a_rounded_resolution_still_counts_as_square(crowd):
    assert np.isfinite(measure(labels=crowd, pixel_size=(0.65, 0.650001))["perimeter_um"]).all()


@pytest.mark.parametrize("size", [(0, 1), 0, -1, (1, 2, 3), float("nan"), "wide"])
def test_a_pixel_size_that_is_no_length_is_refused(crowd, size):
    with pytest.raises(sc.ImageError, match="above 0"):
        measure(labels=crowd, pixel_size=size)


def test_one_number_is_the_height_and_the_width_of_a_pixel(crowd):
    one, two = (measure(labels=crowd, pixel_size=size) for size in (0.5, (0.5, 0.5)))
    assert one["area_um2"].tolist() == two["area_um2"].tolist()


def test_summary_has_the_numbers_counted_by_hand():
    labels = np.zeros((10, 20), int)
    labels[0:2, 0:2], labels[0:2, 2:5], labels[5, 5:15] = 1, 2, 3
    result = segmentation(labels, pixel_size=(0.5, 2.0))
    assert summarize(measure(result), result) == pytest.approx(
        {
            "planes": 1,
            "count": 3,
            "area_mean": 20 / 3,
            "area_median": 6,
            "confluency": 0.1,
            "density": 3e6 / 200,
            "neighbours_mean": 2 / 3,
            "area_mean_um2": 20 / 3,
            "area_median_um2": 6,
            "density_mm2": 3e6 / 200,
        }
    )


def test_summary_of_a_stack_counts_all_its_planes(stack):
    result = segmentation(stack, "TZYX")
    summary = summarize(measure(result), result)
    assert (summary["planes"], summary["count"], summary["confluency"]) == (6, 9, 9 / stack.size)


def test_the_table_of_a_larger_image_is_refused(crowd):
    with pytest.raises(sc.ImageError, match="same image"):
        summarize(measure(labels=crowd), labels=np.ones((5, 5), int))


def test_summary_without_cells_has_no_means():
    labels = np.zeros((4, 4), int)
    summary = summarize(measure(labels=labels), labels=labels)
    assert (summary["count"], summary["confluency"]) == (0, 0)
    assert np.isnan([summary["area_mean"], summary["area_median"]]).all()


def test_summaries_of_many_images_make_one_table(crowd):
    plain = summarize(measure(labels=crowd), labels=crowd)
    scaled = summarize(measure(labels=crowd), labels=crowd, pixel_size=(1, 1))
    table = Table.from_rows([plain, scaled])
    assert table["count"].tolist() == [plain["count"]] * 2
    assert np.isnan(table["density_mm2"]).tolist() == [True, False]
