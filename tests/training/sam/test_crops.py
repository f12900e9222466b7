"""What the network is shown."""

import cv2
import numpy as np
import pytest

from samcell_core.models.contrast import published_contrast
from samcell_core.training import make_example
from samcell_core.training.sam import SamTrainingSettings, count_validation_crops
from samcell_core.training.sam.crops import training_batch, validation_batch

UNCHANGED = {
    "rotation": 0.0,
    "scale": (1.0, 1.0),
    "brightness": (1.0, 1.0),
    "mirror": 0.0,
    "inversion": 0.0,
    "tile": 128,
}


def settings(**changes):
    return SamTrainingSettings.from_dict({"tile": 128, "batch": 2, "seed": 5, **changes})


def names_in_epoch(images, epoch):
    """Names of the images in their order; three batches make an epoch."""
    numbers = range(3 * epoch, 3 * epoch + 3)
    return tuple(name for n in numbers for name in training_batch(images, settings(), n).names)


@pytest.fixture(scope="module")
def images(example):
    return [example(seed, f"discs/{seed}", 160) for seed in range(5)]


@pytest.fixture(scope="module")
def exact(example):
    """One image of the size of a crop, of which there is therefore one crop alone."""
    return [example(1, "discs/1", 128)]


def test_a_batch_follows_from_seed_and_number(images):
    one, other = (training_batch(images, settings(), 7) for _ in range(2))
    assert one.names == other.names
    assert one.image.equal(other.image)


def test_each_image_is_seen_once_in_an_epoch(images):
    assert sorted(names_in_epoch(images, 0)) == sorted(example.name for example in images)


def test_the_last_batch_of_an_epoch_holds_what_is_left(images):
    assert [len(training_batch(images, settings(), number)) for number in range(3)] == [2, 2, 1]


def test_epochs_have_orders_of_their_own(images):
    assert len({names_in_epoch(images, epoch) for epoch in range(6)}) > 3


def test_an_image_is_cut_otherwise_in_each_epoch(exact):
    one, other = (training_batch(exact, settings(), number) for number in range(2))
    assert not one.image.equal(other.image)


def test_a_crop_is_prepared_as_a_tile_is(exact):
    crop = training_batch(exact, settings(**UNCHANGED), 0)
    np.testing.assert_array_equal(crop.image[0].numpy(), published_contrast(exact[0].image))


def test_a_crop_comes_with_its_own_distance_map(exact):
    crop = training_batch(exact, settings(**UNCHANGED), 0)
    wanted = exact[0].levels[0][..., 1] / np.float32(255)
    np.testing.assert_allclose(crop.distance[0].numpy(), wanted, atol=1e-6)


def test_a_negative_is_made_before_the_contrast_step(exact):
    crop = training_batch(exact, settings(**UNCHANGED | {"inversion": 1.0}), 0)
    wanted = published_contrast(cv2.bitwise_not(exact[0].image))
    np.testing.assert_array_equal(crop.image[0].numpy(), wanted)


def test_a_crop_is_made_brighter_after_the_contrast_step(exact):
    crop = training_batch(exact, settings(**UNCHANGED | {"brightness": (1.05, 1.05)}), 0)
    wanted = np.minimum(np.rint(published_contrast(exact[0].image) * 1.05), 255)
    np.testing.assert_allclose(crop.image[0].numpy(), wanted, atol=1)


def test_the_mirror_turns_image_and_distance_map(exact):
    crop = training_batch(exact, settings(**UNCHANGED | {"mirror": 1.0}), 0)
    wanted = exact[0].levels[0][:, ::-1, 1] / np.float32(255)
    np.testing.assert_allclose(crop.distance[0].numpy(), wanted, atol=1e-6)


def test_the_distance_map_is_turned_and_enlarged_with_the_image():
    rows, columns = np.mgrid[:160, :160]
    labels = ((rows - 80) ** 2 + (columns - 70) ** 2 < 50**2).astype(int)
    distance = make_example(np.zeros((160, 160), np.uint8), labels, name="a", set_name="a")
    image = distance.levels[0][..., 1]  # an image that is its own target
    same = make_example(np.ascontiguousarray(image), labels, name="a", set_name="a")
    crop = training_batch([same], settings(inversion=0.0, brightness=(1.0, 1.0)), 3)
    inside = crop.distance[0].numpy() > 0
    pixels, wanted = crop.image[0].numpy()[inside], crop.distance[0].numpy()[inside]
    assert np.corrcoef(pixels, wanted)[0, 1] > 0.95


def test_a_validation_crop_is_a_tile_as_it_is(exact):
    crop = validation_batch(exact, settings(), 0)
    np.testing.assert_array_equal(crop.image[0].numpy(), published_contrast(exact[0].image))


@pytest.mark.parametrize(("side", "count"), [(96, 1), (128, 1), (192, 2), (256, 4), (400, 4)])
def test_an_image_gives_one_to_four_validation_crops(example, side, count):
    assert count_validation_crops([example(1, "discs/1", side)], settings()) == count


def test_validation_crops_lie_inside_their_image(example):
    large = example(1, "discs/1", 200)
    crop = validation_batch([large], settings(), 0)
    found = cv2.matchTemplate(
        large.levels[0][..., 1].astype(np.float32) / 255, crop.distance[0].numpy(), cv2.TM_SQDIFF
    )
    assert found.min() < 1e-3


def test_an_image_smaller_than_a_crop_is_mirrored_around(example):
    small = example(1, "discs/1", 96)
    crop = validation_batch([small], settings(), 0)
    wanted = np.pad(small.image, 16, mode="symmetric")
    np.testing.assert_array_equal(crop.image[0].numpy(), published_contrast(wanted))
