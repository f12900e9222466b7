"""That a network learns."""

import pytest

from samcell_core.images import as_image, eight_bit
from samcell_core.synthetic import make_scene
from samcell_core.training import TrainingSettings, make_example, train

SIDE = 160


def nuclei(seed):
    scene = make_scene(
        "fluorescent nuclei", seed=seed, shape=(SIDE, SIDE), diameter=24, crowding=0.35
    )
    plane = as_image(scene.image).planes()[0]
    grey = eight_bit(plane, "percentile").read(0, SIDE, 0, SIDE)
    return make_example(grey, scene.labels, name=f"nuclei/{seed}", set_name="nuclei")


@pytest.fixture(scope="module")
def result(tiny_lite, tmp_path_factory):
    settings = TrainingSettings(
        steps=200,
        batch=4,
        crop=64,
        learning_rate=0.01,
        average=0.97,
        warm_up=10,
        usual=(18.0, 32.0),
        diameters=(18.0, 32.0),
        inversion=0.0,
        validate_every=100,
        seed=3,
    )
    return train(
        {"nuclei": [nuclei(seed) for seed in range(12)]},
        {"nuclei": [nuclei(seed) for seed in range(100, 104)]},
        tmp_path_factory.mktemp("learning"),
        settings,
        shape=tiny_lite,
    )


def test_a_tiny_network_learns_synthetic_nuclei_to_an_op_csb_of_one_half(result):
    assert result.score > 0.5
