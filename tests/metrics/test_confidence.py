"""Confidence ranks doubtful cells first."""

import numpy as np
import pytest

from samcell_core.metrics import measure

SHAPE = (80, 200)


def cone(centre, radius, height=1.0, reach=None):
    """A cell of the distance map: ``height`` at its centre, 0 at ``reach`` pixels from it."""
    y, x = np.indices(SHAPE)
    distance = np.hypot(y - centre[0], x - centre[1])
    return distance <= radius, height * np.clip(1 - distance / (reach or radius), 0, 1)


def picture(*cones):
    """Labels and distance map of cells; a pixel belongs to the cell that is highest there."""
    inside = np.stack([mask for mask, _ in cones])
    height = np.stack([np.where(mask, values, 0) for mask, values in cones])
    labels = np.where(inside.any(0), np.where(inside, height, -1).argmax(0) + 1, 0)
    return labels, np.stack([values for _, values in cones]).max(0)


def confidences(*cones):
    labels, distance_map = picture(*cones)
    return measure(labels=labels, distance_map=distance_map)["confidence"]


CLEAN = cone((40, 30), 20), cone((40, 170), 20)


def test_a_clean_cell_is_confident():
    assert confidences(*CLEAN).min() > 0.9


@pytest.mark.parametrize(
    "doubtful",
    [
        pytest.param([cone((40, 100), 20, height=0.5)], id="weak"),
        pytest.param([cone((40, 92), 20), cone((40, 102), 20)], id="nearly merged"),
        pytest.param([cone((40, 100), 20, reach=45)], id="blurred border"),
    ],
)
def test_a_doubtful_cell_ranks_below_clean_ones(doubtful):
    labels, distance_map = picture(*CLEAN, *doubtful)
    ranked = measure(labels=labels, distance_map=distance_map).sorted_by("confidence")
    assert set(ranked["id"][: len(doubtful)].tolist()) == set(range(3, 3 + len(doubtful)))


def test_confidence_falls_with_the_peak():
    values = confidences(*(cone((40, 30 + 60 * k), 20, height=1 - 0.2 * k) for k in range(3)))
    assert values[0] > values[1] > values[2]


def test_confidence_falls_as_the_saddle_rises():
    near, middle, far = (
        confidences(cone((40, 60), 20), cone((40, 60 + gap), 20))[0] for gap in (10, 20, 30)
    )
    assert near < middle < far


def test_confidence_falls_as_the_border_fades():
    values = confidences(*(cone((40, 30 + 60 * k), 15, reach=15 + 8 * k) for k in range(3)))
    assert values[0] > values[1] > values[2]


def test_confidence_is_the_harmonic_mean_of_its_parts():
    labels, distance_map = picture(cone((40, 60), 20), cone((40, 85), 20, height=0.7))
    table = measure(labels=labels, distance_map=distance_map)
    parts = np.stack([table[n] for n in ("peak_height", "saddle_depth", "border_contrast")])
    np.testing.assert_allclose(table["confidence"], 3 / (1 / parts).sum(0))


def test_parts_are_those_computed_by_hand():
    labels = np.array([[1, 1, 2, 2, 0]])
    distance_map = np.array([[0.8, 0.4, 0.2, 0.6, 0.1]])
    first, second = measure(labels=labels, distance_map=distance_map)
    # The pass between the two is the lower of the two pixels at their border: 0.2.
    assert (first["peak_height"], second["peak_height"]) == (0.8, 0.6)
    assert first["saddle_depth"] == pytest.approx(1 - 0.2 / 0.8)
    assert second["saddle_depth"] == pytest.approx(1 - 0.2 / 0.6)
    # The first has no free border, the second has one edge to 0.1.
    assert first["border_contrast"] == 1
    assert second["border_contrast"] == pytest.approx((0.4 - 0.1) / (0.4 + 0.1))


def test_the_highest_pass_counts_also_where_cells_meet_at_a_corner():
    labels = np.array([[1, 0], [0, 2]])
    table = measure(labels=labels, distance_map=np.array([[0.9, 0], [0, 0.3]]))
    np.testing.assert_allclose(table["saddle_depth"], [1 - 0.3 / 0.9, 0])


def test_a_cell_that_covers_the_image_is_judged_by_its_peak():
    table = measure(labels=np.ones((4, 4), int), distance_map=np.full((4, 4), 0.5))
    assert table["confidence"].tolist() == [3 / (1 / 0.5 + 1 + 1)]


def test_a_cell_where_the_map_is_zero_has_no_confidence():
    table = measure(labels=np.ones((4, 4), int), distance_map=np.zeros((4, 4)))
    assert table["confidence"].tolist() == [0]


def test_values_outside_the_range_of_a_map_are_clipped(crowd, rng):
    table = measure(labels=crowd, distance_map=rng.normal(size=crowd.shape) * 5)
    assert ((table["confidence"] >= 0) & (table["confidence"] <= 1)).all()


def test_without_a_distance_map_there_is_no_confidence(crowd):
    assert np.isnan(measure(labels=crowd)["confidence"]).all()
