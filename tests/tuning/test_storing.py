"""Thresholds become the defaults of a new checkpoint; nothing else changes."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import samcell_core as sc
from samcell_core.models.lite import LiteNetwork, LiteShape
from samcell_core.models.lite_file import LiteHeader, lite_bytes, read_lite_header
from samcell_core.models.registry import MODELS, place_of
from samcell_core.models.samcell_file import read_samcell_header
from samcell_core.tuning import store_thresholds

BUILT_IN = next(place_of(entry) for entry in MODELS if not entry.url)


@pytest.fixture
def lite(tmp_path):
    """A small checkpoint of the small network."""
    shape = LiteShape(widths=(8, 8, 12, 12), depths=(0, 1, 1, 1))
    header = LiteHeader(
        "mine", shape, diameter=30.0, licence="CC0", training={"steps": 5, "seed": 1}
    )
    torch.manual_seed(0)
    path = tmp_path / "mine.safetensors"
    path.write_bytes(lite_bytes(LiteNetwork(shape), header, half=True))
    return path


@pytest.fixture
def sam(tmp_path, tiny_model):
    """A SAM-based checkpoint without a header, as published ones are."""
    path = tmp_path / "sam.pt"
    torch.save(tiny_model.network.state_dict(), path)
    return path


def test_the_new_checkpoint_has_the_thresholds(lite, tmp_path):
    out = store_thresholds(lite, tmp_path / "tuned.safetensors", peak=0.6, fill=0.12)
    info = sc.load_model(out).info
    assert (info.name, info.peak, info.fill, info.diameter) == ("tuned", 0.6, 0.12, 30.0)


def test_its_weights_and_all_else_stay(lite, tmp_path):
    out = store_thresholds(
        lite, tmp_path / "tuned.safetensors", peak=0.6, fill=0.12, told={"images": 4}
    )
    before, after = load_file(lite), load_file(out)
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert {tensor.dtype for tensor in after.values()} == {torch.float16, torch.float32}
    header = read_lite_header(out)
    assert header.licence == "CC0"
    assert header.training == {"steps": 5, "seed": 1, "thresholds": {"images": 4}}


def test_a_sam_based_model_gets_a_header(sam, tmp_path):
    out = store_thresholds(sam, tmp_path / "tuned.safetensors", peak=0.6, fill=0.12)
    header = read_samcell_header(out)
    assert (header.name, header.peak, header.fill) == ("tuned", 0.6, 0.12)


def test_a_sam_based_model_with_other_thresholds_sees_the_same(sam, tmp_path, clouds):
    out = store_thresholds(sam, tmp_path / "tuned.safetensors", peak=0.6, fill=0.12)
    maps = []
    for model in (sam, out):
        with sc.Segmenter(model, device="cpu", precision="fp32", threads=1) as segmenter:
            maps.append(segmenter.predict(clouds((100, 120))))
            last = segmenter.resolve()
    np.testing.assert_array_equal(*maps)
    assert (last.peak, last.fill) == (0.6, 0.12)


def test_thresholds_are_stored_over_earlier_ones(sam, tmp_path):
    once = store_thresholds(sam, tmp_path / "once.safetensors", peak=0.6, fill=0.12)
    twice = store_thresholds(once, tmp_path / "twice.safetensors", peak=0.3, fill=0.1)
    assert sc.load_model(twice).info.peak == 0.3


def test_an_existing_file_is_replaced_only_if_asked(lite, tmp_path):
    out = tmp_path / "tuned.safetensors"
    out.write_text("mine")
    with pytest.raises(sc.SettingsError, match="exists"):
        store_thresholds(lite, out, peak=0.6, fill=0.1)
    assert out.read_text() == "mine"
    store_thresholds(lite, out, peak=0.6, fill=0.1, overwrite=True)
    assert sc.load_model(out).info.peak == 0.6


def test_the_model_itself_is_never_replaced(lite):
    before = lite.read_bytes()
    with pytest.raises(sc.SettingsError, match="is the model itself"):
        store_thresholds(lite, lite, peak=0.6, fill=0.1, overwrite=True)
    assert lite.read_bytes() == before


def test_the_built_in_model_is_never_replaced(lite):
    before = BUILT_IN.read_bytes()
    with pytest.raises(sc.SettingsError, match="stay as they are"):
        store_thresholds(lite, BUILT_IN, peak=0.6, fill=0.1, overwrite=True)
    assert BUILT_IN.read_bytes() == before


def test_nothing_is_written_beside_downloaded_models(lite, tmp_path, monkeypatch):
    monkeypatch.setenv("SAMCELL_HOME", str(tmp_path / "home"))
    folder = tmp_path / "home" / "models"
    folder.mkdir(parents=True)
    with pytest.raises(sc.SettingsError, match="stay as they are"):
        store_thresholds(lite, folder / "tuned.safetensors", peak=0.6, fill=0.1)


@pytest.mark.parametrize(
    ("peak", "fill"), [(0.1, 0.2), (1.0, 0.2), (0.5, 0.0), (float("nan"), 0.1)]
)
def test_thresholds_out_of_range_are_refused(lite, tmp_path, peak, fill):
    with pytest.raises(sc.SettingsError, match="cannot be stored"):
        store_thresholds(lite, tmp_path / "tuned.safetensors", peak=peak, fill=fill)


def test_another_ending_is_refused(lite, tmp_path):
    with pytest.raises(sc.SettingsError, match=r"end in \.safetensors"):
        store_thresholds(lite, tmp_path / "tuned.pt", peak=0.6, fill=0.1)


def test_a_folder_that_does_not_exist_is_refused(lite, tmp_path):
    with pytest.raises(sc.TrainingError, match="There is no folder"):
        store_thresholds(lite, tmp_path / "no" / "tuned.safetensors", peak=0.6, fill=0.1)


def test_a_model_of_flows_is_refused_in_one_sentence(tmp_path):
    path = tmp_path / "cpsam.pt"
    torch.save({"encoder.blocks.0.norm1.weight": torch.zeros(3), "W2": torch.zeros(3)}, path)
    with pytest.raises(sc.ModelError, match="Cellpose-SAM"):
        store_thresholds(path, tmp_path / "tuned.safetensors", peak=0.6, fill=0.1)
