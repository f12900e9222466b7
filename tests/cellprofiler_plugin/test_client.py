"""The client and a real engine."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
import torch

import samcell_client
import samcell_core as sc
from samcell_client import Engine, EngineError

HOW = {"device": "cpu", "precision": "fp32"}


@pytest.fixture(scope="module")
def engine():
    """An engine that many tests share, because PyTorch takes long to start."""
    with Engine(sys.executable, threads=1) as running:
        yield running


@pytest.fixture(scope="module")
def cells():
    image = np.full((160, 200), 30, np.uint8)
    for x, y, radius in ((40, 40, 16), (100, 50, 12), (160, 60, 20), (60, 120, 18)):
        cv2.circle(image, (x, y), radius, 200, -1)
    return cv2.GaussianBlur(image, (0, 0), 2)


@pytest.fixture(scope="module")
def expected(cells):
    with sc.Segmenter(device="cpu", precision="fp32", threads=1) as segmenter:
        return segmenter.segment(cells).labels


@pytest.fixture(scope="module")
def long_work():
    """Arguments of a segmentation that takes minutes."""
    image = np.random.default_rng(1).integers(0, 255, (1500, 1500), np.uint8)
    return {"image": image, "settings": {"scale": 12}, "device": "cpu"}


def kill(engine):
    psutil.Process(engine.hello["pid"]).kill()


def test_hello_is_what_the_engine_says(engine):
    assert (engine.hello["protocol"], engine.hello["engine"]) == (1, sc.__version__)


def test_labels_are_those_of_the_engine(engine, cells, expected):
    reply = engine.segment(cells, **HOW)
    np.testing.assert_array_equal(reply.arrays["labels"], expected, strict=True)
    assert reply.header["count"] == expected.max()


@pytest.mark.parametrize(
    "image",
    [
        lambda cells: np.repeat(cells, 2, 1)[:, ::2],
        lambda cells: np.asfortranarray(cells),
        lambda cells: cells.astype(">u2"),
    ],
    ids=["not contiguous", "columns first", "big endian"],
)
def test_arrays_of_every_layout_are_sent(engine, cells, expected, image):
    np.testing.assert_array_equal(engine.segment(image(cells), **HOW).arrays["labels"], expected)


def test_half_floats_are_sent_as_floats(engine, cells):
    half = (cells / 255).astype(np.float16)
    labels = [engine.segment(i, **HOW).arrays["labels"] for i in (half, half.astype(np.float32))]
    np.testing.assert_array_equal(*labels)


def test_the_mask_is_sent(engine, cells):
    labels = engine.segment(cells, np.zeros(cells.shape, bool), **HOW).arrays["labels"]
    assert labels.max() == 0


def test_all_outputs_come_back(engine, cells):
    outputs = ("labels", "unfiltered", "small_removed", "distance", "cells")
    reply = engine.segment(cells, outputs=outputs, settings={"min_size": 600}, **HOW)
    sizes = [int(reply.arrays[name].max()) for name in ("labels", "small_removed", "unfiltered")]
    assert sizes == [3, 3, 4]
    assert reply.arrays["distance"].dtype == np.float32
    assert len(reply.arrays["cells.confidence"]) == 3


def test_a_model_is_loaded(engine):
    assert engine.load(**HOW)["model"]["name"] == "samcell-lite"


def test_a_checkpoint_is_found_beside_the_client(engine, tiny_shape, tmp_path, monkeypatch):
    torch.save(sc.random_model(tiny_shape).network.state_dict(), tmp_path / "mine.pt")
    monkeypatch.chdir(tmp_path)
    assert engine.load("mine.pt", **HOW)["model"]["source"] == str(tmp_path / "mine.pt")


def test_what_the_engine_refuses_is_an_error_with_its_sentence(engine, cells):
    with pytest.raises(EngineError, match=r"peak=2 is not allowed") as refusal:
        engine.segment(cells, settings={"peak": 2}, **HOW)
    assert (refusal.value.kind, refusal.value.message) == ("settings", str(refusal.value))


def test_arrays_that_cannot_be_sent_are_refused(engine):
    with pytest.raises(EngineError) as refusal:
        engine.segment(np.zeros((9, 9), complex), **HOW)
    assert refusal.value.kind == "request"


def test_progress_is_told(engine, cells):
    told = []
    stack = np.stack([cells] * 3)
    engine.segment(
        stack,
        settings={"axes": "TYX", "scale": 1},
        progress=lambda *what: told.append(what),
        **HOW,
    )
    assert (told[0], told[-1]) == (("tiles", 0, 3), ("tiles", 3, 3))


def test_work_is_cancelled(engine, long_work, cells, expected):
    begun = threading.Event()
    with pytest.raises(EngineError) as refusal:
        engine.segment(
            **long_work,
            progress=lambda what, done, _: begun.set() if what == "tiles" and done else None,
            cancelled=begun.is_set,
        )
    assert refusal.value.kind == "cancelled"
    np.testing.assert_array_equal(engine.segment(cells, **HOW).arrays["labels"], expected)


def test_an_exception_of_the_caller_passes_and_stops_the_work(engine, long_work, cells, expected):
    def stop(what, done, total):
        raise LookupError(what)

    before = engine.hello["pid"]
    with pytest.raises(LookupError):
        engine.segment(**long_work, progress=stop)
    np.testing.assert_array_equal(engine.segment(cells, **HOW).arrays["labels"], expected)
    assert engine.hello["pid"] == before


def test_threads_share_an_engine(engine, cells, expected):
    with ThreadPoolExecutor(4) as pool:
        labels = list(
            pool.map(lambda shift: engine.segment(np.roll(cells, shift, 1), **HOW), range(0, 40, 5))
        )
    for shift, reply in zip(range(0, 40, 5), labels, strict=True):
        alone = engine.segment(np.roll(cells, shift, 1), **HOW)
        np.testing.assert_array_equal(reply.arrays["labels"], alone.arrays["labels"])
    np.testing.assert_array_equal(labels[0].arrays["labels"], expected)


def test_an_engine_that_was_killed_is_started_anew(engine, cells, expected):
    before = engine.hello["pid"]
    kill(engine)
    np.testing.assert_array_equal(engine.segment(cells, **HOW).arrays["labels"], expected)
    assert engine.hello["pid"] != before


def test_an_image_is_repeated_where_the_engine_is_killed_over_it(engine, cells, expected):
    killed = []

    def kill_once(what, done, total):
        if not killed:
            killed.append(engine._process._process.pid)
            os.kill(killed[0], signal.SIGKILL)

    reply = engine.segment(cells, progress=kill_once, **HOW)
    np.testing.assert_array_equal(reply.arrays["labels"], expected)
    assert engine.hello["pid"] not in killed


def test_an_image_over_which_the_engine_is_killed_twice_is_given_up(engine, cells):
    def kill_always(what, done, total):
        os.kill(engine._process._process.pid, signal.SIGKILL)

    with pytest.raises(EngineError, match=r"ended 2 times .* \(exit code -9, .*memory") as refusal:
        engine.segment(cells, progress=kill_always, **HOW)
    assert refusal.value.kind == "died"
    assert engine.hello["protocol"] == 1


def test_a_closed_engine_is_started_anew(cells):
    engine = Engine(sys.executable)
    before = engine.hello["pid"]
    engine.close()
    assert not psutil.pid_exists(before)
    assert engine.hello["pid"] != before
    engine.close()
    engine.close()


def test_closing_ends_what_another_thread_waits_for(long_work):
    engine = Engine(sys.executable, threads=1)
    begun = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(engine.segment, **long_work, progress=lambda *_: begun.set())
        assert begun.wait(120)
        engine.close()
        with pytest.raises(EngineError, match="closed while it worked"):
            work.result(60)


SHARED = """
import os, sys
from samcell_client import Engine
engine = Engine.shared(sys.argv[1])
assert Engine.shared(sys.argv[1]) is engine
assert Engine.shared(sys.argv[1], threads=1) is not engine
print(engine.hello["pid"], flush=True)
child = os.fork()
if child == 0:
    assert Engine.shared(sys.argv[1]) is not engine
    print(engine.hello["pid"], flush=True)
    engine.close()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
print(engine.hello["pid"], flush=True)
"""


@pytest.fixture(scope="module")
def shared_pids():
    """Engines of a process that shares one: its own, that of a fork of it, and its own again."""
    folder = str(Path(samcell_client.__file__).parents[1])
    outcome = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", SHARED, sys.executable],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": folder},
    )
    return [int(line) for line in outcome.stdout.split()]


def test_an_engine_is_shared_within_a_process_and_not_with_a_fork(shared_pids):
    own, of_the_fork, own_again = shared_pids
    assert own == own_again != of_the_fork


def test_shared_engines_end_with_their_process(shared_pids):
    assert [pid for pid in shared_pids if psutil.pid_exists(pid)] == []


def test_a_reply_beyond_the_memory_is_told_and_the_next_one_comes(engine, cells, monkeypatch):
    def full(*_):
        raise MemoryError

    engine.hello  # noqa: B018
    with monkeypatch.context() as patch:
        patch.setattr("samcell_client.frames.numpy.empty", full)
        with pytest.raises(EngineError) as refusal:
            engine.request("measure", {}, {"labels": np.ones((3, 4), np.uint8)})
    assert refusal.value.kind == "memory"
    assert engine.request("models", {}, {}).header["type"] == "result"
