"""The first use of a model that has to be downloaded: a line on the terminal says how far it is."""

import io
import sys

import cv2
import pytest
import torch
from model_server import serving, with_network

import samcell_core as sc
from samcell_cli.main import cli
from samcell_core.models import registry


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def published(tmp_path, tiny_shape, monkeypatch):
    """A tiny model that a server on this machine publishes, slowly enough to be watched."""
    weights = io.BytesIO()
    torch.save(sc.random_model(tiny_shape).network.state_dict(), weights)
    monkeypatch.setenv("SAMCELL_HOME", str(tmp_path / "home"))
    with_network(monkeypatch)
    with serving() as server:
        server.offer("/tiny.pt", content=weights.getvalue(), pace=0.15)
        made = registry.ModelEntry(
            name="tiny",
            file="tiny.pt",
            url=f"{server.address}/tiny.pt",
            licence="MIT",
            citation="nobody",
            summary="A model of a test.",
        )
        monkeypatch.setattr(registry, "MODELS", (*registry.MODELS, made))
        yield made


@pytest.fixture
def pairs(tmp_path, images):
    """Two images, and their labels beside them."""
    folder = tmp_path / "pairs"
    folder.mkdir()
    image = cv2.imread(str(images / "b.png"), cv2.IMREAD_GRAYSCALE)
    labels = cv2.connectedComponents((image > 99).astype("uint8"))[1]
    for name in "ab":
        cv2.imwrite(str(folder / f"{name}_img.png"), image)
        cv2.imwrite(str(folder / f"{name}_masks.png"), labels)
    return folder


@pytest.fixture
def call(monkeypatch):
    """Call ``samcell-cli`` in a terminal, and return what that shows."""

    def run(*arguments):
        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        cli.main([str(each) for each in arguments], standalone_mode=False)
        return terminal.getvalue()

    return run


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "{images}", "-o", "{out}", "--model", "tiny", "--device", "cpu"),
        ("models", "download", "tiny"),
        ("train", "{pairs}", "--start", "tiny", "--dry-run"),
    ],
    ids=["run", "models download", "train"],
)
def test_a_command_tells_how_much_of_its_model_has_arrived(
    call, published, images, pairs, tmp_path, arguments
):
    places = {"images": images, "pairs": pairs, "out": tmp_path / "out"}
    shown = call(*(each.format(**places) for each in arguments))
    assert " MB of " in shown
