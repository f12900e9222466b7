"""Checkpoints of the SAM-based network with a header."""

import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import samcell_core as sc
from samcell_core.models import registry
from samcell_core.models.lite_file import read_lite_header
from samcell_core.models.naming import to_hugging_face_names
from samcell_core.models.registry import ModelEntry
from samcell_core.models.samcell_file import SamcellHeader, read_samcell_header, samcell_bytes

HEADER = SamcellHeader(
    name="mine", peak=0.5, fill=0.1, licence="CC0", training={"settings": {"seed": 3}}
)


@pytest.fixture(scope="module")
def state(tiny_model):
    return tiny_model.network.state_dict()


@pytest.fixture
def checkpoint(state, tmp_path):
    path = tmp_path / "tiny.safetensors"
    path.write_bytes(samcell_bytes(state, HEADER))
    return path


@pytest.fixture
def changed(checkpoint):
    """The checkpoint with other values in its header."""

    def write(**values):
        with safe_open(checkpoint, framework="pt") as file:
            said = json.loads(file.metadata()["samcell"])
        save_file(load_file(checkpoint), checkpoint, {"samcell": json.dumps(said | values)})
        return checkpoint

    return write


def test_the_header_is_read_as_it_was_written(checkpoint):
    assert read_samcell_header(checkpoint) == HEADER


def test_the_engine_takes_name_thresholds_and_licence_from_the_header(checkpoint):
    info = sc.load_model(checkpoint).info
    assert (info.name, info.peak, info.fill, info.licence) == ("mine", 0.5, 0.1, "CC0")


def test_the_weights_are_read_to_the_bit(checkpoint, state):
    loaded = sc.load_model(checkpoint).network.state_dict()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in state.items())


def test_the_tensors_have_the_names_of_hugging_face_the_copy_included(checkpoint, state):
    assert load_file(checkpoint).keys() == to_hugging_face_names(state).keys()


def test_tensors_by_hugging_faces_names_give_the_same_file(checkpoint, state):
    assert samcell_bytes(to_hugging_face_names(state), HEADER) == checkpoint.read_bytes()


def test_the_same_network_gives_the_same_file_each_time(state):
    assert len({samcell_bytes(state, HEADER) for _ in range(8)}) == 1


def test_hugging_face_is_told_who_wrote_it(checkpoint):
    with safe_open(checkpoint, framework="pt") as file:
        assert file.metadata()["format"] == "pt"


def test_a_file_without_a_header_has_the_usual_thresholds(state, tmp_path):
    save_file(dict(state), tmp_path / "plain.safetensors")
    info = sc.load_model(tmp_path / "plain.safetensors").info
    assert (info.name, info.peak, info.fill, info.licence) == ("plain", 0.47, 0.09, "")


def test_a_file_without_a_header_has_none(state, tmp_path):
    save_file(dict(state), tmp_path / "plain.safetensors")
    assert read_samcell_header(tmp_path / "plain.safetensors") is None


def test_a_file_of_the_small_network_has_no_such_header():
    assert read_samcell_header(registry.find_model("samcell-lite")[0]) is None


def test_a_file_of_this_network_has_no_header_of_the_small_one(checkpoint):
    assert read_lite_header(checkpoint) is None


def test_the_name_and_licence_of_a_named_model_are_those_of_its_entry(
    checkpoint, monkeypatch, tmp_path
):
    entry = ModelEntry(
        name="listed",
        file=checkpoint.name,
        url="",
        licence="MIT",
        citation="nobody",
        summary="Cells of a test.",
    )
    monkeypatch.setattr(registry, "MODELS", (entry,))
    monkeypatch.setattr(registry, "_BUILT_IN", tmp_path)
    info = sc.load_model("listed").info
    assert (info.name, info.licence, info.peak, info.fill) == ("listed", "MIT", 0.5, 0.1)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"peak": 0}, "damaged"),
        ({"peak": "high"}, "damaged"),
        ({"fill": 0.6}, "above the peak threshold"),
        ({"training": 3}, "damaged"),
        ({"tile": 10**9}, "a tile of 1000000000 pixels"),
        ({"tile": 384}, "not a multiple"),
        ({"network": "huge"}, "update samcell-suite"),
        ({"network": None}, "update samcell-suite"),
    ],
)
def test_a_damaged_header_is_refused_by_the_files_name(changed, values, message):
    with pytest.raises(sc.ModelError, match=rf"tiny\.safetensors.*{message}"):
        sc.load_model(changed(**values))
