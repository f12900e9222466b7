"""The built-in model, as a user gets it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import samcell_core as sc
from samcell_core.synthetic import make_scene

WEIGHTS = Path(sc.__file__).parent / "models" / "weights" / "samcell-lite.safetensors"


@pytest.fixture(scope="module")
def segmenter():
    with sc.Segmenter() as ready:
        yield ready


@pytest.fixture(scope="module")
def nuclei():
    return make_scene("fluorescent nuclei", seed=5, shape=(256, 256), diameter=32, crowding=0.4)


@pytest.fixture(scope="module")
def found(segmenter, nuclei):
    return segmenter.segment(nuclei.image)


def test_it_is_the_default_model(segmenter):
    assert segmenter.model.name == "samcell-lite"


def test_it_needs_no_network(tmp_path, monkeypatch):
    monkeypatch.setenv("SAMCELL_HOME", str(tmp_path))
    assert sc.load_model("samcell-lite", offline=True).info.source == str(WEIGHTS)


def test_its_file_takes_at_most_10_megabytes():
    assert WEIGHTS.stat().st_size <= 10_000_000


def test_it_has_at_most_5_million_parameters():
    network = sc.load_model("samcell-lite").network
    assert sum(each.numel() for each in network.parameters()) <= 5_000_000


def test_its_licence_names_the_data_it_was_trained_on(segmenter):
    assert all(word in segmenter.model.licence for word in ("MIT", "BSD-3-Clause", "CC0"))


def test_it_finds_drawn_nuclei(found, nuclei):
    assert sc.evaluate(found.labels, nuclei.labels).op_csb > 0.75


def test_it_finds_drawn_cells_in_phase_contrast(segmenter):
    scene = make_scene("phase contrast", seed=8, shape=(320, 320), diameter=36, crowding=0.5)
    score = sc.evaluate(segmenter.segment(scene.image).labels, scene.labels)
    assert score.op_csb > 0.55


def test_the_scale_it_chose_is_reported(segmenter, nuclei, found):
    again = segmenter.segment(nuclei.image, found.settings)
    np.testing.assert_array_equal(again.labels, found.labels)


@pytest.mark.parametrize("diameter", [14, 96])
def test_small_and_large_cells_are_scaled_to_what_it_knows(segmenter, diameter):
    side = 200 if diameter < 20 else 640
    scene = make_scene(
        "fluorescent nuclei", seed=5, shape=(side, side), diameter=diameter, crowding=0.4
    )
    scale = segmenter.segment(scene.image).settings.scale
    assert scale == pytest.approx(segmenter.model.diameter / scene.diameter, rel=0.5)


def test_it_parts_cells_at_valleys_of_its_map(found):
    assert found.settings.markers == "summit"


def test_a_given_diameter_is_used(segmenter, nuclei):
    by_diameter = segmenter.segment(nuclei.image, diameter=2 * segmenter.model.diameter)
    by_scale = segmenter.segment(nuclei.image, scale=0.5)
    np.testing.assert_array_equal(by_diameter.labels, by_scale.labels)


def test_a_given_scale_is_used(segmenter, nuclei):
    assert segmenter.segment(nuclei.image, scale=1.7).settings.scale == 1.7


def test_all_planes_of_a_stack_have_one_scale(segmenter, nuclei):
    small = make_scene("fluorescent nuclei", seed=9, shape=(256, 256), diameter=16)
    stack = np.stack([nuclei.image, nuclei.image, small.image.astype(nuclei.image.dtype)])
    single = segmenter.segment(nuclei.image)
    together = segmenter.segment(stack, axes="TYX")
    np.testing.assert_array_equal(together.labels[0], single.labels)


def test_an_empty_image_has_no_cells(segmenter):
    rng = np.random.default_rng(0)
    noise = rng.normal(1000, 5, (256, 256)).astype(np.uint16)
    assert segmenter.segment(noise).count <= 2


def test_labels_do_not_depend_on_the_number_of_threads(nuclei, found):
    with sc.Segmenter(threads=1) as single:
        np.testing.assert_array_equal(single.segment(nuclei.image).labels, found.labels)


@pytest.mark.parametrize(("precision", "most"), [("bf16", 0.02), ("fp16", 0.002)])
def test_it_computes_in_lower_precision_with_little_change(nuclei, precision, most):
    with sc.Segmenter(device="cpu", precision="fp32") as full:
        wanted = full.predict(nuclei.image, scale=1)
    with sc.Segmenter(device="cpu", precision=precision) as lower:
        difference = np.abs(lower.predict(nuclei.image, scale=1) - wanted).max()
    assert 0 < difference <= most


def test_it_loads_within_half_a_second_after_the_imports():
    code = (
        "import time, samcell_core as sc; from samcell_core.engine import Segmenter; "
        "best = 9.0\n"
        "for _ in range(3):\n"
        "    start = time.process_time()\n"
        "    Segmenter()\n"
        "    best = min(best, time.process_time() - start)\n"
        "assert best < 0.5, best"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
