import itertools

import numpy as np
import pytest

from samcell_core.tiling import AxisPlan, TilePlan, blend, cut


class ArrayPlane:
    def __init__(self, pixels):
        self.pixels = pixels
        self.shape = pixels.shape

    def read(self, top, bottom, left, right):
        assert 0 <= top < bottom <= self.shape[0]
        assert 0 <= left < right <= self.shape[1]
        return self.pixels[top:bottom, left:right]


def stitched(pixels, change=lambda tile: tile):
    """Cut, change each tile, blend."""
    plan = TilePlan.of(pixels.shape)
    out = np.full(pixels.shape, np.nan, np.float32)

    def keep(top, rows):
        out[top : top + len(rows)] = rows

    blend(plan, (change(tile.astype(np.float32)) for tile in cut(ArrayPlane(pixels), plan)), keep)
    return out


def published_weight(start, length, pixel, repeats):
    """Weight of a tile in a pixel, from the description, one pixel at a time."""
    local = pixel - start
    if not 0 <= local < 256:
        return 0.0
    weight = float(repeats)
    if local < 32 and start > 0:
        weight *= 0.5 * (1 - np.cos(np.pi * local / 32))
    if local >= 224:
        weight *= 0.5 * (1 - np.cos(np.pi * (255 - local) / 32))
    return weight


@pytest.mark.parametrize("length", [*range(1, 1200), 20_000, 99_999, 100_000])
def test_shares_of_all_tiles_add_up_to_one_in_every_pixel(length):
    plan = AxisPlan(length)
    total = np.zeros(length)
    for index, weight in enumerate(plan.weights):
        total[slice(*plan.inside(index))] += weight
    np.testing.assert_allclose(total, 1, atol=1e-6)


@pytest.mark.parametrize(
    ("length", "starts"),
    [
        (1, (-127,)),
        (100, (-78,)),
        (192, (-32,)),
        (200, (-24,)),
        (224, (0,)),
        (225, (0, 1)),
        (256, (0, 32)),
        (400, (0, 176)),
        (416, (0, 192)),
        (512, (0, 192, 288)),
        (704, (0, 192, 384, 480)),
        (777, (0, 192, 384, 553)),
    ],
)
def test_tiles_start_where_the_grid_says(length, starts):
    assert AxisPlan(length).starts == starts


@pytest.mark.parametrize(("length", "count"), [(256, 2), (512, 3), (520, 3), (704, 4), (2048, 11)])
def test_tile_count_is_the_published_one(length, count):
    assert len(AxisPlan(length).starts) == count


@pytest.mark.parametrize("length", [225, 256, 300, 400, 416, 512, 777, 1360])
def test_shares_are_those_of_a_pixel_by_pixel_computation(length):
    plan = AxisPlan(length)
    wished = [min(192 * i, length - 224) for i in range(-(-length // 192))]
    for pixel in {*range(0, length, 7), 0, 1, 31, 32, 33, length - 1}:
        weights = [published_weight(s, length, pixel, wished.count(s)) for s in plan.starts]
        for index, weight in enumerate(weights):
            low, high = plan.inside(index)
            share = plan.weights[index][pixel - low] if low <= pixel < high else 0.0
            assert share == pytest.approx(weight / sum(weights), abs=1e-6)


SIDES = (1, 2, 31, 63, 100, 191, 192, 193, 223, 224, 225, 255, 256, 257, 300, 400, 416, 520)


@pytest.mark.parametrize(
    "shape", [*zip(SIDES, reversed(SIDES), strict=True), (1, 1), (1, 777), (777, 1), (60, 90)]
)
def test_unchanged_tiles_give_the_image_back_at_every_size(shape):
    pixels = np.random.default_rng(1).random(shape).astype(np.float32)
    np.testing.assert_allclose(stitched(pixels), pixels, atol=1e-6)


@pytest.mark.parametrize("shape", [(400, 300), (256, 777), (193, 225)])
def test_tiles_that_differ_are_mixed_by_their_shares(shape):
    numbers = itertools.count()
    levels = []

    def flat(tile):
        levels.append(next(numbers) % 5 / 5)
        return np.full_like(tile, levels[-1])

    out = stitched(np.zeros(shape, np.float32), flat)
    plan = TilePlan.of(shape)
    expected = np.zeros(shape)
    level = iter(levels)
    for row, column in itertools.product(
        range(len(plan.rows.starts)), range(len(plan.columns.starts))
    ):
        share = np.outer(plan.rows.weights[row], plan.columns.weights[column])
        expected[slice(*plan.rows.inside(row)), slice(*plan.columns.inside(column))] += (
            share * next(level)
        )
    np.testing.assert_allclose(out, expected, atol=1e-5)


def test_tiles_are_mirrored_beyond_the_border():
    pixels = np.arange(512 * 512, dtype=np.int64).reshape(512, 512)
    *_, last = cut(ArrayPlane(pixels), TilePlan.of(pixels.shape))
    np.testing.assert_array_equal(last[224:], last[223:191:-1])


def test_every_tile_is_a_full_square_at_every_size():
    for side in SIDES:
        plane = ArrayPlane(np.zeros((side, 300), np.uint8))
        assert {tile.shape for tile in cut(plane, TilePlan.of(plane.shape))} == {(256, 256)}


def test_rows_come_in_order_and_each_once():
    seen = []
    plan = TilePlan.of((1000, 300))
    tiles = (np.zeros((256, 256), np.float32) for _ in range(len(plan)))
    blend(plan, tiles, lambda top, rows: seen.append((top, len(rows))))
    assert [top for top, _ in seen] == list(np.cumsum([0, *(n for _, n in seen[:-1])]))
    assert sum(n for _, n in seen) == 1000


def test_a_huge_plane_is_planned_at_once():
    assert len(TilePlan.of((100_000, 100_000))) == 521**2
