"""Models that the running worker reads, keeps and frees."""

import numpy as np

import samcell_core as sc


def test_a_checkpoint_is_a_model_too(wire, checkpoint, clouds):
    image = clouds((100, 130))
    header, arrays = wire.segment(image, model=str(checkpoint), outputs=["distance"])
    assert header["model"]["name"] == checkpoint.stem
    with sc.Segmenter(checkpoint, device="cpu", precision="fp32", threads=1) as segmenter:
        np.testing.assert_array_equal(arrays["distance"], segmenter.predict(image))


def test_a_model_is_read_once(wire):
    wire.ask("load", **wire.HOW)
    number = wire.send("load", **wire.HOW)
    header, _ = wire.reply()
    assert (header["id"], header["type"]) == (number, "result")  # no progress of reading
    assert header["model"]["name"] == "samcell-lite"


def test_a_model_whose_file_has_changed_is_read_again(wire, checkpoint, tmp_path, tiny_shape):
    import torch

    path = tmp_path / "model.pt"
    path.write_bytes(checkpoint.read_bytes())
    before = wire.ask("load", model=str(path), **wire.HOW)[0]["model"]["sha256"]
    state = sc.random_model(tiny_shape).network.state_dict()
    torch.save({name: values + 1 for name, values in state.items()}, path)
    assert wire.ask("load", model=str(path), **wire.HOW)[0]["model"]["sha256"] != before


def test_released_models_are_read_again(wire, cells):
    assert wire.ask("release")[0]["type"] == "result"
    assert wire.segment(cells)[0]["count"] == 6


def test_a_model_that_is_not_here_is_not_downloaded(start, monkeypatch, tmp_path):
    monkeypatch.setenv("SAMCELL_HOME", str(tmp_path))
    header, _ = start().ask("load", model="samcell-generalist")
    assert header["kind"] == "model"
    assert "samcell-cli models download samcell-generalist" in header["message"]
