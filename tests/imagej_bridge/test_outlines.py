"""Outlines along the edges of pixels: exact, closed, valid."""

from __future__ import annotations

import time

import hypothesis.extra.numpy as from_numpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box, union_all
from skimage.draw import polygon2mask

import imagej_bridge as ib

planes = from_numpy.arrays(
    st.sampled_from([np.uint8, np.uint16, np.int64]),
    from_numpy.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9),
    elements=st.integers(0, 3),
)


def painted(rings: list[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """Pixels within an odd number of rings, filled by another program."""
    inside = np.zeros(shape, bool)
    for ring in rings:
        inside ^= polygon2mask(shape, ring[:, ::-1] - 0.5)
    return inside


def test_a_pixel_is_a_square_from_its_upper_left_corner_clockwise():
    ((label, rings),) = ib.trace(np.array([[0, 0, 0], [0, 5, 0]]))
    assert label == 5
    assert [ring.tolist() for ring in rings] == [[[1, 1], [2, 1], [2, 2], [1, 2]]]


def test_straight_lines_have_no_points_in_between():
    ((_, (ring,)),) = ib.trace(np.ones((30, 40), np.uint8))
    assert ring.tolist() == [[0, 0], [40, 0], [40, 30], [0, 30]]


def test_a_hole_is_a_second_ring_the_other_way_round():
    plane = np.ones((3, 3), np.uint8)
    plane[1, 1] = 0
    ((_, (_, hole)),) = ib.trace(plane)
    assert hole.tolist() == [[2, 1], [1, 1], [1, 2], [2, 2]]


def test_pixels_that_touch_at_a_corner_share_a_ring():
    ((_, rings),) = ib.trace(np.eye(2, dtype=np.uint8))
    assert len(rings) == 1


def test_pixels_that_touch_at_a_corner_are_two_polygons():
    ((_, polygons),) = ib.trace_polygons(np.eye(2, dtype=np.uint8))
    assert len(polygons) == 2


def test_an_empty_plane_has_no_outlines():
    assert list(ib.trace(np.zeros((4, 5), np.uint16))) == []
    assert list(ib.trace_polygons(np.zeros((4, 5), np.uint16))) == []


@given(planes)
def test_rings_fill_to_exactly_the_cells_in_ascending_order(plane):
    traced = list(ib.trace(plane))
    assert [label for label, _ in traced] == [label for label in np.unique(plane) if label]
    for label, rings in traced:
        np.testing.assert_array_equal(painted(rings, plane.shape), plane == label)


@given(planes)
@settings(deadline=None)
def test_polygons_are_valid_and_equal_to_the_cells(plane):
    traced = dict(ib.trace_polygons(plane))
    assert list(traced) == [label for label in np.unique(plane) if label]
    for label, polygons in traced.items():
        shape = MultiPolygon([Polygon(outer, holes) for outer, *holes in polygons])
        pixels = [box(x, y, x + 1, y + 1) for y, x in np.argwhere(plane == label).tolist()]
        assert shape.is_valid
        assert shape.symmetric_difference(union_all(pixels)).area == 0


@given(planes)
def test_outer_rings_run_clockwise_and_holes_the_other_way(plane):
    for _, polygons in ib.trace_polygons(plane):
        for outer, *holes in polygons:
            assert signed_area(outer) > 0
            assert all(signed_area(hole) < 0 for hole in holes)


def signed_area(ring: np.ndarray) -> float:
    x, y = ring.T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


@pytest.mark.parametrize("seed", range(3))
def test_blobs_with_holes_and_parts_fill_to_exactly_the_cells(blobs, seed):
    plane = blobs((80, 90), seed=seed)
    for label, rings in ib.trace(plane):
        np.testing.assert_array_equal(painted(rings, plane.shape), plane == label)


def test_a_spiral_of_one_long_ring_is_traced():
    spiral = 401
    plane = np.zeros((spiral, spiral), np.uint8)
    for inset in range(0, spiral // 2, 4):
        plane[inset, inset : spiral - inset] = 1
        plane[inset : spiral - inset, spiral - 1 - inset] = 1
        plane[spiral - 1 - inset, inset : spiral - inset] = 1
        plane[inset + 2 : spiral - inset, inset] = 1
        plane[inset + 2, inset : inset + 3] = 1
    ((_, rings),) = ib.trace(plane)
    assert sum(len(ring) for ring in rings) > spiral
    inside = np.zeros(plane.shape, bool)
    for ring in rings:
        inside ^= polygon2mask(plane.shape, ring[:, ::-1] - 0.5)
    np.testing.assert_array_equal(inside, plane == 1)


def test_ten_thousand_cells_take_seconds_at_most(many_cells):
    started = time.process_time()
    assert sum(1 for _ in ib.trace(many_cells)) == 10_000
    assert time.process_time() - started < 3
