"""A worker, spoken to byte by byte, and images that keep it busy."""

from __future__ import annotations

import itertools
import json
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import pytest
import torch

import samcell_core as sc

WORKER = (sys.executable, "-I", "-m", "samcell_core.worker")


class Wire:
    """A running worker; what goes through its pipes is made and read here, without any client."""

    HOW: ClassVar = {"device": "cpu", "precision": "fp32", "threads": 1}

    def __init__(self, command: tuple[str, ...], log: Path) -> None:
        self.log = log
        self._numbers = itertools.count(1)
        with log.open("wb") as stderr:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr
            )

    def raw(self, data: bytes) -> None:
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, op: str, arrays: dict[str, np.ndarray] | None = None, **fields: Any) -> int:
        """Send a request and return its id."""
        arrays = arrays or {}
        number = next(self._numbers)
        described = [
            {"name": name, "dtype": array.dtype.name, "shape": array.shape}
            for name, array in arrays.items()
        ]
        header = {"id": number, "op": op, "arrays": described, **fields}
        self.raw(frame(json.dumps(header), b"".join(array.tobytes() for array in arrays.values())))
        return number

    def reply(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        start = self.process.stdout.read(20)
        if not start:
            raise EOFError
        magic, length, size = struct.unpack("<8sIQ", start)
        assert magic == b"SAMCELL1"
        header = json.loads(self.process.stdout.read(length))
        payload = self.process.stdout.read(size)
        arrays, place = {}, 0
        for each in header.pop("arrays", []):
            count = int(np.prod(each["shape"], dtype=int))
            array = np.frombuffer(payload[place:], each["dtype"], count) if count else np.empty(0)
            arrays[each["name"]] = array.reshape(each["shape"])
            place += count * np.dtype(each["dtype"]).itemsize
        assert place == len(payload)
        return header, arrays

    def answer(self, number: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """The result or error of a request; what comes before it is progress."""
        while True:
            header, arrays = self.reply()
            if header["id"] == number and header["type"] != "progress":
                return header, arrays

    def ask(self, op: str, arrays: dict[str, np.ndarray] | None = None, **fields: Any):
        return self.answer(self.send(op, arrays, **fields))

    def segment(self, image: np.ndarray, mask: np.ndarray | None = None, **fields: Any):
        """The result for an image, the same on every computer."""
        arrays = {"image": image} if mask is None else {"image": image, "mask": mask}
        header, arrays = self.ask("segment", arrays, **{**self.HOW, **fields})
        assert header["type"] == "result", header
        return header, arrays

    def works(self) -> bool:
        """Whether it still answers."""
        return self.ask("hello", protocol=1)[0]["type"] == "result"

    def until_computing(self, number: int) -> None:
        """Wait until the first tile of an image is done."""
        while True:
            header, _ = self.reply()
            assert header["type"] == "progress", header
            if header["id"] == number and header["what"] == "tiles" and header["done"] > 0:
                return

    def end(self) -> int:
        self.process.stdin.close()
        code = self.process.wait(30)
        self.process.stdout.close()
        return code


def frame(header: str | bytes, payload: bytes = b"", **changes: Any) -> bytes:
    """Bytes of a frame, with a magic or lengths of one's own on demand."""
    text = header.encode() if isinstance(header, str) else header
    magic = changes.get("magic", b"SAMCELL1")
    lengths = changes.get("length", len(text)), changes.get("size", len(payload))
    return struct.pack("<8sIQ", magic, *lengths) + text + payload


@pytest.fixture(scope="session")
def make_frame() -> Callable[..., bytes]:
    return frame


@pytest.fixture(scope="session")
def wire(tmp_path_factory) -> Iterator[Wire]:
    """A worker that many tests share, because PyTorch takes long to start."""
    shared = Wire(WORKER, tmp_path_factory.mktemp("worker") / "stderr.txt")
    yield shared
    assert shared.end() == 0


@pytest.fixture
def start(tmp_path) -> Iterator[Callable[..., Wire]]:
    """Start a worker of one's own, or another command that is to behave like one."""
    started: list[Wire] = []

    def begin(*arguments: str, command: tuple[str, ...] = WORKER) -> Wire:
        started.append(Wire((*command, *arguments), tmp_path / f"stderr{len(started)}.txt"))
        return started[-1]

    yield begin
    for each in started:
        each.process.kill()
        each.process.wait()
        each.process.stdin.close()
        each.process.stdout.close()


@pytest.fixture(scope="session")
def lite() -> Iterator[sc.Segmenter]:
    with sc.Segmenter(device="cpu", precision="fp32", threads=1) as segmenter:
        yield segmenter


@pytest.fixture(scope="session")
def cells() -> np.ndarray:
    """Bright discs of several sizes, one of them at the border."""
    image = np.full((200, 260), 30, np.uint8)
    places = (
        (40, 40, 16),
        (100, 50, 12),
        (160, 60, 20),
        (60, 130, 18),
        (200, 140, 8),
        (255, 20, 15),
    )
    for x, y, radius in places:
        cv2.circle(image, (x, y), radius, 200, -1)
    noise = np.random.default_rng(3).normal(0, 4, image.shape)
    return np.clip(cv2.GaussianBlur(image, (0, 0), 2) + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def long_work() -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and fields of a request that takes minutes."""
    image = np.random.default_rng(1).integers(0, 255, (1500, 1500), np.uint8)
    return {"image": image}, {"settings": {"scale": 12}, "threads": 1, "device": "cpu"}


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory, tiny_shape) -> Path:
    """File of a tiny SAM-based model with random weights."""
    path = tmp_path_factory.mktemp("model") / "Zellen äöü.pt"
    torch.save(sc.random_model(tiny_shape).network.state_dict(), path)
    return path
