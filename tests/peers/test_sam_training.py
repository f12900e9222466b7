"""A network that was trained here, in our engine and in the published `samcell`."""

import numpy as np
import pytest
import torch
from published_samcell import published_pipeline, random_state, tiny_config

import samcell_core as sc
from samcell_core.training import make_example
from samcell_core.training.sam import SamTrainingSettings, train_sam

pytestmark = pytest.mark.filterwarnings(
    # The peer's own: its libraries warn when it is imported and when it runs.
    "ignore::DeprecationWarning",
    "ignore::FutureWarning",
)


@pytest.fixture(scope="module", params=["all", "lora"])
def trained(request, tmp_path_factory):
    """Checkpoint of a short training from Hugging Face's weights, and where it began."""
    folder = tmp_path_factory.mktemp("training")
    torch.save(random_state(tiny_config()), folder / "start.pt")
    rng = np.random.default_rng(1)
    labels = np.kron(np.arange(1, 17).reshape(4, 4), np.ones((64, 64), int))
    labels[::16] = 0
    images = [
        make_example(rng.integers(0, 256, (256, 256), np.uint8), labels, name=name, set_name="a")
        for name in ("a/1", "a/2")
    ]
    settings = SamTrainingSettings(
        epochs=1, batch=1, learning_rate=1e-3, warm_up=0, precision="fp32", trained=request.param
    )
    result = train_sam(
        {"a": images},
        {"a": images},
        folder / "run",
        settings,
        start=folder / "start.pt",
        device="cpu",
    )
    return result.best, folder / "start.pt"


def test_the_published_program_gives_the_map_that_ours_does(trained, clouds):
    best, start = trained
    image = clouds((320, 300))
    _, published = published_pipeline(tiny_config(), str(best)).run(image, return_dist_map=True)
    maps = []
    for path in (best, start):
        with sc.Segmenter(path, device="cpu", precision="fp32", threads=1) as ours:
            maps.append(ours.predict(image))
    assert np.abs(maps[0] - maps[1]).max() > 1e-3  # training did something
    sound = np.ones(image.shape, bool)  # but for the first row, column and corner of the peer
    sound[0, :] = sound[:, 0] = sound[:6, :6] = False
    assert published.std() > 0.05
    assert np.abs(maps[0] - published)[sound].max() < 1e-4


def test_hugging_face_reads_the_file_without_a_word(trained):
    from safetensors.torch import load_file
    from transformers import SamModel

    model = SamModel(tiny_config())
    model.load_state_dict(load_file(trained[0]), strict=True)
