"""That the SAM-based network learns from nothing."""

import pytest

from samcell_core.images import as_image, eight_bit
from samcell_core.synthetic import make_scene
from samcell_core.training import make_example
from samcell_core.training.sam import SamcellShape, SamTrainingSettings, train_sam

SIDE = 256


def nuclei(seed):
    scene = make_scene(
        "fluorescent nuclei", seed=seed, shape=(SIDE, SIDE), diameter=48, crowding=0.3
    )
    plane = as_image(scene.image).planes()[0]
    grey = eight_bit(plane, "percentile").read(0, SIDE, 0, SIDE)
    return make_example(grey, scene.labels, name=f"nuclei/{seed}", set_name="nuclei")


@pytest.fixture(scope="module")
def train(tmp_path_factory):
    """Train a new network of two blocks for some epochs at a learning rate."""
    shape = SamcellShape(
        width=48,
        depth=2,
        heads=3,
        mlp_width=96,
        global_blocks=(1,),
        window=8,
        image_size=SIDE,
        channels=32,
        decoder_mlp_width=64,
        quality_width=16,
        mask_channels=8,
    )
    training = {"nuclei": [nuclei(seed) for seed in range(24)]}
    validation = {"nuclei": [nuclei(seed) for seed in range(100, 104)]}

    def run(epochs, learning_rate):
        settings = SamTrainingSettings(
            epochs=epochs,
            batch=4,
            at_once=4,
            checkpointing=False,
            learning_rate=learning_rate,
            warm_up=20,
            inversion=0.0,
            precision="fp32",
        )
        return train_sam(
            training,
            validation,
            tmp_path_factory.mktemp("learning"),
            settings,
            shape=shape,
            device="cpu",
        )

    return run


def test_a_new_network_learns_synthetic_nuclei_to_an_op_csb_of_six_tenths(train):
    assert train(epochs=18, learning_rate=0.002).validation.score > 0.6


def test_the_same_network_untrained_stays_below_three_tenths(train):
    assert train(epochs=1, learning_rate=0.0).validation.score < 0.3
