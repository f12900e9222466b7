"""Measures of single cells, against scikit-image and against shapes measured by hand."""

import math

import numpy as np
import pytest
from skimage.measure import regionprops_table

import samcell_core as sc
from samcell_core.metrics import measure

# scikit-image's name of each of our columns.
REGIONPROPS = {
    "id": "label",
    "centroid_y": "centroid-0",
    "centroid_x": "centroid-1",
    "bbox_top": "bbox-0",
    "bbox_left": "bbox-1",
    "bbox_bottom": "bbox-2",
    "bbox_right": "bbox-3",
    "area": "area",
    "perimeter": "perimeter",
    "equivalent_diameter": "equivalent_diameter_area",
    "axis_major": "axis_major_length",
    "axis_minor": "axis_minor_length",
    "eccentricity": "eccentricity",
    "area_convex": "area_convex",
    "solidity": "solidity",
    "extent": "extent",
}
INTENSITIES = ("intensity_mean", "intensity_min", "intensity_max")


def peer(labels, image=None):
    names = {name.split("-")[0] for name in REGIONPROPS.values()} | {"orientation"}
    names |= set(INTENSITIES if image is not None else ())
    return regionprops_table(labels, image, properties=sorted(names))


@pytest.mark.parametrize("column", REGIONPROPS)
@pytest.mark.parametrize("picture", ["crowd", "scattered"])
def test_measure_agrees_with_regionprops_cell_by_cell(picture, column, request):
    labels = request.getfixturevalue(picture)
    expected = peer(labels)[REGIONPROPS[column]]
    np.testing.assert_allclose(measure(labels=labels)[column], expected, rtol=1e-9, atol=1e-6)


def test_orientation_agrees_with_regionprops(crowd):
    difference = measure(labels=crowd)["orientation"] - peer(crowd)["orientation"]
    np.testing.assert_allclose(np.sin(difference), 0, atol=1e-9)


@pytest.mark.parametrize("column", INTENSITIES)
def test_intensities_agree_with_regionprops(crowd, grey, column):
    table = measure(labels=crowd, image=grey)
    np.testing.assert_allclose(table[column], peer(crowd, grey)[column], rtol=1e-12)


def test_intensity_std_is_that_of_the_pixels_of_each_cell(crowd, grey):
    table = measure(labels=crowd, image=grey)
    expected = [grey[crowd == cell].std() for cell in table["id"]]
    np.testing.assert_allclose(table["intensity_std"], expected, rtol=1e-12)


def test_convex_area_of_random_shapes_is_exactly_that_of_regionprops(rng):
    for _ in range(40):
        labels = (rng.random(rng.integers(1, 25, 2)) < rng.random()).astype(np.uint8)
        expected = regionprops_table(labels, properties=["area_convex"])
        found = measure(labels=labels)["area_convex"]
        assert found.tolist() == expected["area_convex"].tolist()


def test_a_rectangle_has_the_measures_computed_by_hand():
    labels = np.zeros((20, 30), int)
    labels[5:9, 10:18] = 3
    (cell,) = measure(labels=labels)
    expected = {
        "id": 3,
        "centroid_y": 6.5,
        "centroid_x": 13.5,
        "bbox_top": 5,
        "bbox_left": 10,
        "bbox_bottom": 9,
        "bbox_right": 18,
        "area": 32,
        "perimeter": 20,  # 2 (3 + 7), through the centres of the border pixels
        "equivalent_diameter": math.sqrt(128 / math.pi),
        "axis_major": 4 * math.sqrt(63 / 12),  # variance of 8 places in a row: (8^2 - 1)/12
        "axis_minor": 4 * math.sqrt(15 / 12),
        "aspect_ratio": math.sqrt(63 / 15),
        "eccentricity": math.sqrt(1 - 15 / 63),
        "orientation": math.pi / 2,
        "area_convex": 32,
        "solidity": 1,
        "extent": 1,
        "circularity": 4 * math.pi * 32 / 400,
        "roundness": 4 * 32 / (math.pi * 16 * 63 / 12),
        "neighbours": 0,
        "touches_border": False,
    }
    assert {name: cell[name] for name in expected} == pytest.approx(expected)


def test_an_l_shape_has_the_solidity_counted_by_hand():
    labels = np.zeros((6, 6), int)
    labels[1:4, 1] = labels[3, 1:4] = 1
    # The hull of the 5 pixels also holds (2, 2), on its slanted side.
    assert measure(labels=labels)["solidity"].tolist() == [5 / 6]


def test_a_disc_is_nearly_circular_and_round():
    y, x = np.indices((101, 101))
    table = measure(labels=((y - 50) ** 2 + (x - 50) ** 2 <= 40**2))
    assert table["circularity"][0] == pytest.approx(0.91, abs=0.02)
    assert table["roundness"][0] == pytest.approx(1, abs=0.01)


def test_a_cell_measures_the_same_whether_or_not_others_touch_it(crowd):
    together = measure(labels=crowd)
    for row in list(together)[::7]:
        (alone,) = measure(labels=np.where(crowd == row["id"], row["id"], 0))
        for column in ("area", "perimeter", "solidity", "orientation", "circularity"):
            assert alone[column] == pytest.approx(row[column], abs=1e-9)


@pytest.mark.parametrize(
    ("second", "count"),
    [((1, 2), 1), ((2, 2), 1), ((2, 0), 1), ((1, 3), 0), ((3, 3), 0)],
    ids=["edge", "corner", "other corner", "one pixel apart", "one pixel apart at a corner"],
)
def test_neighbours_are_the_cells_that_touch_at_an_edge_or_a_corner(second, count):
    labels = np.zeros((5, 5), int)
    labels[1, 1] = 1
    labels[second] = 2
    assert measure(labels=labels)["neighbours"].tolist() == [count, count]


def test_a_neighbour_counts_once_however_long_the_common_border():
    labels = np.repeat([[1, 1, 2, 2, 3, 3]], 9, axis=0)
    assert measure(labels=labels)["neighbours"].tolist() == [1, 2, 1]


def test_nearest_neighbour_is_the_distance_of_the_centres():
    labels = np.zeros((10, 10), int)
    labels[0, 0], labels[3, 4], labels[9, 9] = 1, 2, 3
    expected = [5, 5, math.hypot(6, 5)]
    assert measure(labels=labels)["nearest_neighbour"].tolist() == pytest.approx(expected)


def test_touches_border_holds_for_each_of_the_four_sides_and_not_inside():
    labels = np.zeros((5, 5), int)
    labels[0, 2], labels[2, 0], labels[4, 2], labels[2, 4], labels[2, 2] = 1, 2, 3, 4, 5
    assert measure(labels=labels)["touches_border"].tolist() == [True] * 4 + [False]


def test_no_cells_give_no_rows_and_all_columns(crowd, grey):
    empty = measure(labels=np.zeros((120, 150), int), image=grey, pixel_size=(1, 1))
    full = measure(labels=crowd, image=grey, pixel_size=(1, 1))
    assert len(empty) == 0
    assert {name: empty[name].dtype for name in empty.names} == {
        name: full[name].dtype for name in full.names
    }


def test_a_cell_of_one_pixel_has_no_length_and_no_nonsense():
    (cell,) = measure(labels=[[0, 0, 0], [0, 7, 0], [0, 0, 0]])
    assert (cell["area"], cell["perimeter"], cell["axis_major"], cell["solidity"]) == (1, 0, 0, 1)
    assert cell["eccentricity"] == 0
    assert all(math.isnan(cell[name]) for name in ("circularity", "roundness", "aspect_ratio"))


def test_a_line_has_no_aspect_ratio():
    assert np.isnan(measure(labels=np.eye(9, dtype=int))["aspect_ratio"]).tolist() == [True]


def test_a_cell_may_cover_the_whole_image():
    (cell,) = measure(labels=np.ones((8, 5), int))
    assert (cell["area"], cell["extent"], cell["touches_border"]) == (40, 1, True)
    assert math.isnan(cell["nearest_neighbour"])


def test_ids_may_have_gaps_and_be_huge():
    labels = np.array([[5, 0, 2**40], [5, 0, 9]])
    assert measure(labels=labels)["id"].tolist() == [5, 9, 2**40]


def test_more_cells_than_16_bits_hold_are_all_measured():
    labels = np.zeros((600, 600), np.uint32)
    labels[::2, ::2] = np.arange(1, 90001).reshape(300, 300)
    table = measure(labels=labels)
    assert table["id"].tolist() == list(range(1, 90001))
    assert table["nearest_neighbour"].tolist() == [2.0] * 90000


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.uint16, np.int16, np.uint32, np.int64])
def test_every_kind_of_whole_numbers_will_do_for_labels(dtype):
    assert measure(labels=np.array([[0, 1, 1]], dtype=dtype))["area"].tolist() == [2]


def test_the_largest_id_of_64_bits_with_a_sign_keeps_its_value():
    labels = np.array([[2**63 - 1, 0]], np.uint64)
    assert measure(labels=labels)["id"].tolist() == [2**63 - 1]


def test_masked_pixels_of_labels_are_outside_cells():
    labels = np.ma.array([[1, 1, 2]], mask=[[False, True, False]])
    assert measure(labels=labels)["area"].tolist() == [1, 1]


def test_labels_need_not_be_contiguous_in_memory(crowd):
    assert measure(labels=crowd[::2, ::-1])["area"].tolist() == (
        measure(labels=crowd[::2, ::-1].copy())["area"].tolist()
    )


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (np.zeros((3, 3)), "whole numbers"),
        (np.array([[-1, 2]]), "negative"),
        (np.zeros(5, int), "height and a width"),
        (np.zeros((0, 4), int), "at least one pixel"),
        (np.array([[2**64 - 1, 0]], np.uint64), "number the cells anew"),
    ],
)
def test_arrays_that_are_no_labels_are_refused(labels, sentence):
    with pytest.raises(sc.ImageError, match=sentence):
        measure(labels=labels)


def test_an_array_in_place_of_a_result_is_refused_with_the_way_out(crowd):
    with pytest.raises(sc.ImageError, match="labels="):
        measure(crowd)


def test_measure_without_any_labels_is_refused():
    with pytest.raises(sc.ImageError, match="either"):
        measure()
