"""Ours against the published `samcell` 1.2.0: same weights, same images, its own code."""

import warnings

import cv2
import numpy as np
import pytest
import torch
from published_samcell import published_pipeline, random_state, tiny_config, vit_b_config

import samcell_core as sc
from samcell_core.models.contrast import published_contrast
from samcell_core.postprocess import segment_distance

pytestmark = pytest.mark.filterwarnings(
    # The peer's own: its libraries warn when it is imported and when it runs.
    "ignore::DeprecationWarning",
    "ignore::FutureWarning",
)

# The map is steep with random weights; the trained one is smooth.
TOLERANCE = 1e-4


def published_run(peer, image):
    labels, distance = peer.run(image, return_dist_map=True)
    return labels, distance


def away_from_defects(shape):
    """All but the first rows and columns and the corner, where the peer divides by nearly 0."""
    sound = np.ones(shape, bool)
    sound[0, :] = sound[:, 0] = sound[:6, :6] = False
    return sound


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """The peer and ours with the same small network."""
    config = tiny_config()
    path = tmp_path_factory.mktemp("weights") / "tiny.pt"
    torch.save(random_state(config), path)
    with sc.Segmenter(path, device="cpu", precision="fp32", threads=2) as ours:
        yield published_pipeline(config, str(path)), ours


@pytest.fixture(scope="module")
def large_input_pair(tmp_path_factory):
    """The same with SAM's own input of 1024 pixels, which the tiles are enlarged to."""
    config = tiny_config(1024)
    path = tmp_path_factory.mktemp("weights") / "tiny-1024.safetensors"
    from safetensors.torch import save_file

    state = random_state(config, seed=1)
    save_file(state, path)
    with sc.Segmenter(path, device="cpu", precision="fp32", threads=2) as ours:
        yield published_pipeline(config, str(path)), ours


@pytest.mark.parametrize(
    "shape", [(256, 256), (300, 520), (416, 333), (520, 704), (608, 257), (512, 512), (384, 768)]
)
def test_distance_map_is_the_published_one_at_every_sound_size(pair, clouds, shape):
    peer, ours = pair
    image = clouds(shape)
    _, published = published_run(peer, image)
    assert published.std() > 0.1
    difference = np.abs(ours.predict(image) - published)
    assert difference[away_from_defects(shape)].max() < TOLERANCE


def test_distance_map_is_the_published_one_with_sams_own_input_size(large_input_pair, clouds):
    peer, ours = large_input_pair
    image = clouds((256, 300))
    _, published = published_run(peer, image)
    assert published.std() > 0.1
    difference = np.abs(ours.predict(image) - published)
    assert difference[away_from_defects(image.shape)].max() < TOLERANCE


def test_distance_map_is_the_published_one_with_vit_b(tmp_path, clouds):
    config = vit_b_config()
    path = tmp_path / "vit-b.pt"
    torch.save(random_state(config), path)
    image = clouds((256, 256))
    _, published = published_run(published_pipeline(config, str(path)), image)
    with sc.Segmenter(path, device="cpu", precision="fp32") as ours:
        assert ours.model.architecture == "SAM ViT-B"
        difference = np.abs(ours.predict(image) - published)
    assert published.std() > 0.05
    assert difference[away_from_defects(image.shape)].max() < TOLERANCE


@pytest.mark.parametrize("sigma", [2, 4, 8])
def test_centroid_markers_give_the_published_labels_from_the_same_map(pair, sigma):
    peer, _ = pair
    noise = np.random.default_rng(sigma).random((300, 400)).astype(np.float32)
    distance = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), sigma), None, 0, 1, cv2.NORM_MINMAX)
    published = peer.cells_from_dist_map(distance, 0.6, 0.3)
    settings = sc.Settings(peak=0.6, fill=0.3, markers="centroid", fill_holes=False)
    ours = segment_distance(distance, settings)
    assert ours.max() == len(np.unique(published)) - 1 > 5
    # The published numbers have gaps: the same cells, numbered anew.
    pairs = np.unique(np.stack([published.ravel(), ours.ravel()]), axis=1)
    assert pairs.shape[1] == ours.max() + 1
    np.testing.assert_array_equal(np.unique(pairs[1]), np.arange(ours.max() + 1))


def brute_force(ours, image):
    """The map as the rules say, one pixel column and tile at a time, without our tiling."""
    length_y, length_x = image.shape
    total, weight = np.zeros(image.shape), np.zeros(image.shape)
    fade = 0.5 * (1 - np.cos(np.pi * np.arange(32) / 32))

    def tiles(length):
        if length <= 192:
            return [-((256 - length) // 2)]
        return [min(192 * i, length - 224) for i in range(-(-length // 192))]

    def share(start):
        profile = np.ones(256)
        if start > 0:
            profile[:32] = fade
        profile[224:] = fade[::-1]
        return profile

    reflect = np.pad(image, 300, mode="symmetric")
    for top in tiles(length_y):
        for left in tiles(length_x):
            tile = reflect[top + 300 : top + 556, left + 300 : left + 556]
            with torch.inference_mode():
                prepared = torch.from_numpy(published_contrast(tile))[None]
                whole = ours._predictor._network(prepared)[0].numpy()
            mask = np.outer(share(top), share(left))
            ys, xs = np.arange(top, top + 256), np.arange(left, left + 256)
            in_y, in_x = (ys >= 0) & (ys < length_y), (xs >= 0) & (xs < length_x)
            where = np.ix_(ys[in_y], xs[in_x])
            total[where] += (whole * mask)[np.ix_(in_y, in_x)]
            weight[where] += mask[np.ix_(in_y, in_x)]
    return total / weight


@pytest.mark.parametrize("shape", [(400, 300), (300, 777), (90, 300), (100, 60)])
def test_ours_is_right_at_sizes_where_the_published_program_is_not(pair, clouds, shape):
    peer, ours = pair
    image = clouds(shape)
    map_by_ours, expected = ours.predict(image), brute_force(ours, image)
    np.testing.assert_allclose(map_by_ours, expected, atol=TOLERANCE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, published = published_run(peer, image)
    sound = away_from_defects(shape)
    assert published.shape != shape or np.abs(published - expected)[sound].max() > 0.01


def test_the_first_row_and_column_are_right_where_the_published_ones_are_not(pair, clouds):
    peer, ours = pair
    image = clouds((300, 300))
    _, published = published_run(peer, image)
    expected = brute_force(ours, image)
    np.testing.assert_allclose(ours.predict(image)[0], expected[0], atol=TOLERANCE)
    assert np.abs(published - expected)[0].max() > 0.01


def test_colour_images_work_where_the_published_program_gives_nothing(pair, clouds):
    peer, ours = pair
    grey = clouds((256, 256))
    colour = np.stack([grey] * 3, -1)
    assert not np.any(published_run(peer, colour)[0])
    np.testing.assert_array_equal(ours.predict(colour), ours.predict(grey))


def test_16_bit_images_work_where_the_published_program_wraps(pair, clouds):
    peer, ours = pair
    grey = clouds((256, 256))
    deep = (grey.astype(np.uint16) << 8) + 128
    _, wrapped = published_run(peer, deep)
    ours_deep = ours.predict(deep, intensity="full")
    assert np.abs(ours_deep - ours.predict(grey)).mean() < 0.01
    assert np.abs(wrapped - ours.predict(grey)).mean() > 0.1
