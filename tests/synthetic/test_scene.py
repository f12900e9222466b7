from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy import ndimage

from samcell_core.errors import SamcellError
from samcell_core.synthetic import MODALITIES, Scene, make_scene

SEEDS = range(6)


def small(modality: str | None = None, *, seed: int = 0, **given) -> Scene:
    return make_scene(modality, seed=seed, shape=given.pop("shape", (192, 224)), **given)


@pytest.mark.parametrize("modality", MODALITIES)
def test_the_same_arguments_give_the_same_image(modality):
    first, second = small(modality, seed=3), small(modality, seed=3)
    assert first.image.tobytes() == second.image.tobytes()


@pytest.mark.parametrize("modality", MODALITIES)
def test_the_same_arguments_give_the_same_labels(modality):
    first, second = small(modality, seed=3), small(modality, seed=3)
    np.testing.assert_array_equal(first.labels, second.labels)


def test_another_seed_gives_another_scene():
    assert not np.array_equal(small(seed=1).labels, small(seed=2).labels)


def test_a_scene_leaves_the_global_generator_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    small(seed=1)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("modality", MODALITIES)
def test_the_modality_asked_for_is_given(modality):
    assert small(modality).modality == modality


def test_all_modalities_are_drawn_when_none_is_asked_for():
    drawn = {make_scene(seed=seed, shape=(64, 64), diameter=16).modality for seed in range(80)}
    assert drawn == set(MODALITIES)


def test_most_drawn_modalities_need_no_label():
    drawn = [make_scene(seed=seed, shape=(64, 64), diameter=16).modality for seed in range(80)]
    assert 0.55 < np.mean([not name.startswith("fluorescent") for name in drawn]) < 0.95


@pytest.mark.parametrize("seed", SEEDS)
def test_image_and_labels_have_the_shape_asked_for(seed):
    scene = small(seed=seed, shape=(96, 144))
    assert scene.image.shape == scene.labels.shape == (96, 144)


def test_quantitative_phase_is_float32():
    assert small("quantitative phase").image.dtype == np.float32


@pytest.mark.parametrize("modality", [name for name in MODALITIES if "quantitative" not in name])
def test_a_camera_gives_whole_numbers(modality):
    kinds = {small(modality, seed=seed, shape=(64, 64)).image.dtype.name for seed in range(20)}
    assert "uint8" in kinds
    assert kinds <= {"uint8", "uint16"}


def test_some_images_have_more_than_8_bits():
    kinds = {
        small("phase contrast", seed=seed, shape=(64, 64)).image.dtype.name for seed in range(40)
    }
    assert "uint16" in kinds


@pytest.mark.parametrize("modality", MODALITIES)
def test_all_values_are_finite(modality):
    for seed in SEEDS:
        assert np.isfinite(small(modality, seed=seed).image).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_labels_are_int32_from_1_without_gaps(seed):
    labels = small(seed=seed).labels
    assert labels.dtype == np.int32
    np.testing.assert_array_equal(np.unique(labels[labels > 0]), np.arange(1, labels.max() + 1))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_label_is_one_piece(seed):
    labels = small(seed=seed, crowding=0.9).labels
    for number in range(1, labels.max() + 1):
        pieces, _ = cv2.connectedComponents((labels == number).astype(np.uint8), connectivity=4)
        assert pieces == 2


@pytest.mark.parametrize("seed", SEEDS)
def test_no_label_is_a_crumb(seed):
    assert np.bincount(small(seed=seed, crowding=0.9).labels.ravel())[1:].min() >= 20


@pytest.mark.parametrize("seed", SEEDS)
def test_cells_are_cut_by_the_border(seed):
    labels = small(seed=seed, diameter=30, crowding=0.8).labels
    rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    assert len(np.unique(rim[rim > 0])) > 3


@pytest.mark.parametrize("crowding", [0.2, 0.5, 0.95])
@pytest.mark.parametrize("diameter", [16.0, 32.0, 48.0])
def test_the_diameter_asked_for_is_kept(diameter, crowding):
    for seed in range(3):
        scene = make_scene(seed=seed, shape=(256, 256), diameter=diameter, crowding=crowding)
        assert scene.diameter == pytest.approx(diameter, rel=0.25)


def test_the_diameter_is_that_of_cells_clear_of_the_border():
    scene = small(seed=4, diameter=24, crowding=0.6)
    labels = scene.labels
    rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    areas = [(labels == n).sum() for n in np.unique(labels) if n and n not in rim]
    assert scene.diameter == pytest.approx(2 * np.sqrt(np.median(areas) / np.pi))


def test_more_crowding_covers_more_ground():
    covered = [
        np.mean([(small(seed=s, diameter=22, crowding=c).labels > 0).mean() for s in SEEDS])
        for c in (0.1, 0.4, 0.7, 1.0)
    ]
    assert covered == sorted(covered)


def test_full_crowding_leaves_little_ground():
    for seed in SEEDS:
        assert (small(seed=seed, diameter=24, crowding=1.0).labels > 0).mean() > 0.8


def _local_variety(image: np.ndarray) -> np.ndarray:
    plain = image.astype(np.float32)
    mean = cv2.GaussianBlur(plain, (0, 0), 2)
    return np.sqrt(np.maximum(cv2.GaussianBlur(plain**2, (0, 0), 2) - mean**2, 0))


@pytest.mark.parametrize("modality", [name for name in MODALITIES if "fluor" not in name])
def test_cells_have_more_texture_than_the_ground(modality):
    richer = []
    for seed in range(12):
        scene = small(modality, seed=seed, diameter=28, crowding=0.4)
        variety = _local_variety(scene.image)
        far = ndimage.distance_transform_edt(scene.labels == 0) > 6
        richer.append(np.median(variety[scene.labels > 0]) > np.median(variety[far]))
    assert np.mean(richer) > 0.7


@pytest.mark.parametrize("modality", [name for name in MODALITIES if "fluor" in name])
def test_stained_cells_are_brighter_than_the_ground(modality):
    for seed in SEEDS:
        scene = small(modality, seed=seed, diameter=28, crowding=0.4)
        assert scene.image[scene.labels > 0].mean() > scene.image[scene.labels == 0].mean()


def test_cells_delay_light():
    for seed in SEEDS:
        scene = small("quantitative phase", seed=seed, diameter=28, crowding=0.4)
        assert scene.image[scene.labels > 0].mean() > scene.image[scene.labels == 0].mean()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"modality": "electron"}, "Unknown modality 'electron'"),
        ({"shape": (63, 200)}, "too small"),
        ({"shape": (200,)}, "height and a width"),
        ({"diameter": 0}, "does not fit"),
        ({"diameter": -3.0}, "does not fit"),
        ({"diameter": 1000}, "does not fit"),
        ({"diameter": float("nan")}, "does not fit"),
        ({"crowding": 0}, "out of range"),
        ({"crowding": 1.5}, "out of range"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(given, said):
    with pytest.raises(SamcellError, match=said):
        make_scene(**{"seed": 0, **given})
