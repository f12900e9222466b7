"""Reading checkpoints: every format and naming, and what is said of files that are none."""

import pickle
import zipfile

import pytest
import torch
from safetensors.torch import save_file

import samcell_core as sc
from samcell_core.models.naming import to_hugging_face_names, to_meta_names

COPY = "prompt_encoder.shared_embedding.positional_embedding"


@pytest.fixture(scope="module")
def state(tiny_model):
    return tiny_model.network.state_dict()


@pytest.fixture(scope="module")
def tiles():
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (2, 256, 256), dtype=torch.uint8, generator=generator)


def write(tensors, path):
    tensors = {name: tensor.clone() for name, tensor in tensors.items()}
    if path.suffix == ".safetensors":
        save_file(tensors, path)
    else:
        torch.save(tensors, path)
    return path


def namings(state):
    face = to_hugging_face_names(state)
    return {
        "Meta names": state,
        "Hugging Face names": face,
        "Hugging Face names without the copy": {k: v for k, v in face.items() if k != COPY},
        "prefix of DataParallel": {f"module.{k}": v for k, v in face.items()},
        "prefix of torch.compile": {f"_orig_mod.{k}": v for k, v in state.items()},
        "half precision": {k: v.half() for k, v in state.items()},
    }


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".bin", ".safetensors", ".PT"])
def test_every_file_format_gives_the_same_weights(state, tmp_path, suffix):
    loaded = sc.load_model(write(state, tmp_path / f"model{suffix}")).network.state_dict()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in state.items())


@pytest.mark.parametrize("naming", namings({}))
def test_every_naming_gives_the_same_distance_map(state, tiny_model, tiles, tmp_path, naming):
    loaded = sc.load_model(write(namings(state)[naming], tmp_path / "model.pt"))
    tolerance = 0.02 if naming == "half precision" else 0.0
    with torch.inference_mode():
        torch.testing.assert_close(
            loaded.network(tiles), tiny_model.network(tiles), atol=tolerance, rtol=0
        )


@pytest.mark.parametrize("wrapper", ["state_dict", "model_state_dict", "model"])
def test_weights_inside_a_training_checkpoint_are_found(state, tmp_path, wrapper):
    path = tmp_path / "model.pt"
    torch.save({wrapper: dict(state), "epoch": 3}, path)
    assert sc.load_model(path).info.name == "model"


def test_weights_two_dictionaries_deep_are_found(state, tmp_path):
    path = tmp_path / "model.pt"
    torch.save({"model": {"state_dict": dict(state)}}, path)
    assert sc.load_model(path).info.name == "model"


def test_a_safetensors_file_with_another_ending_is_read(state, tmp_path):
    path = write(state, tmp_path / "m.safetensors").rename(tmp_path / "m.pt")
    assert sc.load_model(path).info.name == "m"


ODD = {
    "heads without width": ("image_encoder.blocks.0.attn.rel_pos_h", torch.zeros(11, 0)),
    "no tokens": ("image_encoder.pos_embed", torch.zeros(1, 0, 0, 32)),
    "a sparse tensor": ("image_encoder.neck.1.bias", torch.eye(256)[0].to_sparse()),
    "a block of an absurd number": ("image_encoder.blocks.99999999.attn.x", torch.zeros(1)),
    "a layer of an endless number": (
        "mask_decoder.iou_prediction_head.layers." + "9" * 5000 + ".weight",
        torch.zeros(1),
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_an_odd_tensor_is_refused_at_once(state, tmp_path, case):
    name, tensor = ODD[case]
    path = tmp_path / "m.pt"
    torch.save({**state, name: tensor}, path)
    refused(path)


def test_an_error_page_in_json_is_refused_as_text(tmp_path):
    path = tmp_path / "m.pt"
    path.write_text('{"message": "Not Found"}', encoding="utf-8")
    refused(path, "JSON")


def test_old_torch_files_are_read(state, tmp_path):
    path = tmp_path / "model.pt"
    torch.save(dict(state), path, _use_new_zipfile_serialization=False)
    assert sc.load_model(path).info.architecture == "SAM ViT of width 32 and depth 3"


def test_names_survive_the_way_to_hugging_face_and_back(state):
    assert list(to_meta_names(to_hugging_face_names(state))) == list(state)


def test_the_size_of_sam_is_told_from_the_tensors(state, tiny_shape, tmp_path):
    assert sc.load_model(write(state, tmp_path / "m.pt")).network.shape == tiny_shape


@pytest.mark.parametrize(
    ("width", "depth", "heads", "everywhere", "name"),
    [
        (768, 12, 12, (2, 5, 8, 11), "SAM ViT-B"),
        (1024, 24, 16, (5, 11, 17, 23), "SAM ViT-L"),
        (1280, 32, 16, (7, 15, 23, 31), "SAM ViT-H"),
    ],
)
def test_the_three_published_sizes_are_told_apart(width, depth, heads, everywhere, name):
    from samcell_core.models.recognise import samcell_shape
    from samcell_core.models.samcell import SamcellNetwork

    shape = sc.SamcellShape(
        width=width, depth=depth, heads=heads, mlp_width=4 * width, global_blocks=everywhere
    )
    with torch.device("meta"):
        tensors = SamcellNetwork(shape).state_dict()
    assert samcell_shape(tensors, "it") == shape
    assert shape.name == name


def test_a_vit_b_checkpoint_has_the_published_number_of_tensors():
    from samcell_core.models.samcell import SamcellNetwork

    with torch.device("meta"):
        tensors = SamcellNetwork().state_dict()
    assert (len(tensors), len(to_hugging_face_names(tensors))) == (314, 315)


def test_the_checksum_is_that_of_the_file(state, tmp_path):
    import hashlib

    path = write(state, tmp_path / "m.pt")
    assert sc.load_model(path).info.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def refused(path, *words):
    with pytest.raises(sc.ModelError) as refusal:
        sc.load_model(path)
    message = str(refusal.value)
    assert "\n" not in message
    for word in (path.name, *words):
        assert word in message


def test_a_missing_file_is_refused(tmp_path):
    refused(tmp_path / "none.pt", "no file")


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "weights.h5"
    path.write_bytes(b"\x89HDF")
    refused(path, ".safetensors")


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "m.pt"
    path.touch()
    refused(path, "empty")


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_a_web_page_is_refused_as_one(tmp_path, suffix):
    path = tmp_path / f"m{suffix}"
    path.write_text("\n <!DOCTYPE html><html><body>Sign in</body></html>", encoding="utf-8")
    refused(path, "web page")


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.999])
def test_a_truncated_file_is_refused(state, tmp_path, suffix, share):
    path = write(state, tmp_path / f"m{suffix}")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    refused(path, "again")


def test_bytes_that_mean_nothing_are_refused(tmp_path):
    path = tmp_path / "m.pt"
    path.write_bytes(bytes(range(256)) * 20)
    refused(path)


class Evil:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return (open, (str(self.marker), "w"))


@pytest.mark.parametrize("new_format", [True, False])
def test_code_in_a_checkpoint_is_never_run(state, tmp_path, new_format):
    path, marker = tmp_path / "m.pt", tmp_path / "was-run"
    torch.save({**state, "x": Evil(marker)}, path, _use_new_zipfile_serialization=new_format)
    refused(path, "code")
    assert not marker.exists()


def test_a_plain_pickle_is_never_run(tmp_path):
    path, marker = tmp_path / "m.bin", tmp_path / "was-run"
    path.write_bytes(pickle.dumps(Evil(marker)))
    refused(path)
    assert not marker.exists()


def test_a_zip_of_something_else_is_refused(tmp_path):
    path = tmp_path / "m.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    refused(path, "again")


def test_a_dictionary_of_other_things_is_refused(tmp_path):
    path = tmp_path / "m.pt"
    torch.save({"epoch": 3, "loss": 0.1}, path)
    refused(path, "'epoch'")


def test_another_network_is_refused_with_names_from_it(tmp_path):
    path = write({"conv1.weight": torch.ones(3)}, tmp_path / "m.pt")
    refused(path, "conv1.weight", "not a SAMCell or SAM checkpoint")


def test_cellpose_weights_are_refused_as_such(tmp_path):
    refused(write({"W2": torch.ones(3)}, tmp_path / "m.pt"), "Cellpose-SAM")


def test_missing_tensors_are_named(state, tmp_path):
    name = "mask_decoder.transformer.norm_final_attn.bias"
    path = write({k: v for k, v in state.items() if k != name}, tmp_path / "m.pt")
    refused(path, name, "missing")


def test_a_missing_tensor_that_tells_the_size_is_named(state, tmp_path):
    name = "image_encoder.pos_embed"
    refused(write({k: v for k, v in state.items() if k != name}, tmp_path / "m.pt"), name)


def test_surplus_tensors_are_named(state, tmp_path):
    refused(write({**state, "lora.a": torch.ones(2)}, tmp_path / "m.pt"), "lora.a", "too many")


def test_a_tensor_of_another_shape_is_named(state, tmp_path):
    name = "image_encoder.neck.2.weight"
    path = write({**state, name: state[name][:, :3]}, tmp_path / "m.pt")
    refused(path, name, "(256, 3, 3, 3)")


def test_weights_that_are_not_numbers_are_refused(state, tmp_path):
    name = "image_encoder.neck.1.bias"
    path = write({**state, name: torch.full_like(state[name], float("nan"))}, tmp_path / "m.pt")
    refused(path, "not numbers")


def test_the_file_may_go_once_the_model_is_loaded(state, tiles, tmp_path):
    path = write(state, tmp_path / "m.safetensors")
    network = sc.load_model(path).network
    path.write_bytes(b"")
    with torch.inference_mode():
        assert torch.isfinite(network(tiles)).all()
