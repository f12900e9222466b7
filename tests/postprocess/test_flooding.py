"""Every way on a terrain ends; where one did not, the plain watershed would take over."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage.segmentation import watershed

from samcell_core.postprocess import cell_markers, flooding, watershed_labels
from samcell_core.postprocess.pits import Pass
from samcell_core.postprocess.terrain import Terrain


def smooth_noise(shape, seed, sigma):
    noise = np.random.default_rng(seed).random(shape).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), sigma)
    return (smooth - smooth.min()) / np.ptp(smooth)


def framed(plane, outside):
    return np.pad(plane, 1, constant_values=outside)


@pytest.fixture
def ways_end(monkeypatch):
    """Whether all ways ended, for each band labelled in a flood not left early to the queue."""
    found = []
    label = Terrain.label

    def note(terrain, band):
        found.append(label(terrain, band))
        return found[-1]

    monkeypatch.setattr(Terrain, "label", note)
    monkeypatch.setattr(flooding, "FEW", 8)
    monkeypatch.setattr(flooding, "SOME", 1)
    return found


@pytest.mark.parametrize("shape", [(7, 5), (63, 900), (257, 31), (400, 777)])
@pytest.mark.parametrize("markers", ["component", "centroid"])
def test_every_way_ends_in_a_grey_image_full_of_flat_ground(shape, markers, ways_end):
    distance = (smooth_noise(shape, 0, 5) * 255).astype(np.uint8) / np.float32(255)
    seeds = cell_markers(distance, peak=0.5, markers=markers)
    expected = watershed(-distance, seeds, mask=distance > 0.2)
    labels = watershed_labels(distance, peak=0.5, fill=0.2, markers=markers, threads=2)
    np.testing.assert_array_equal(labels, expected)
    assert all(ways_end)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_way_ends_in_wide_pits_between_single_pixel_markers(threads, ways_end):
    distance = smooth_noise((300, 400), 8, 8)
    seeds = cell_markers(distance, peak=0.6, markers="centroid")
    expected = watershed(-distance, seeds, mask=distance > 0.3)
    labels = watershed_labels(distance, peak=0.6, fill=0.3, markers="centroid", threads=threads)
    np.testing.assert_array_equal(labels, expected)
    assert len(ways_end) > 1
    assert all(ways_end)


@pytest.mark.parametrize("length", [2, 3, 5, 8])
def test_pits_that_lead_in_a_circle_are_reported_and_not_followed_for_ever(length):
    height = np.full((1, 2 * length + 1), 3, np.float32)
    height[0, 1::2] = 1
    terrain = Terrain(framed(height, np.inf), framed(np.zeros(height.shape, np.int32), 0))
    for band in terrain.bands:
        terrain.descend(band)
    pits = terrain.find_pits()
    terrain.leave_pits(Pass(np.roll(pits, 1), np.roll(pits, 1)))
    terrain.join_bands()
    assert not all(terrain.label(band) for band in terrain.bands)


def test_the_plain_watershed_is_used_where_ways_lead_in_a_circle(crowd, monkeypatch):
    find_pits, leave_pits = Terrain.find_pits, Terrain.leave_pits
    circle, queued = [], []

    def remember(terrain):
        circle.append(np.roll(find_pits(terrain), 1))
        return find_pits(terrain)

    def by_queue(*arguments, **options):
        queued.append(True)
        return watershed(*arguments, **options)

    monkeypatch.setattr(Terrain, "find_pits", remember)
    monkeypatch.setattr(
        Terrain, "leave_pits", lambda terrain, _: leave_pits(terrain, Pass(circle[0], circle[0]))
    )
    monkeypatch.setattr("samcell_core.postprocess.basins.watershed", by_queue)
    part = crowd[:200, :200]
    labels = watershed_labels(part, peak=0.6, fill=0.09)
    expected = watershed(-part, cell_markers(part, peak=0.6), mask=part > 0.09)
    np.testing.assert_array_equal(labels, expected)
    assert queued
