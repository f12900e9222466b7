"""What the running worker answers."""

import json

import numpy as np
import psutil
import pytest
import tifffile
from click.testing import CliRunner

import samcell_core as sc
from samcell_core.metrics import COLUMNS

HOW = {"device": "cpu", "precision": "fp32", "threads": 1}


def segment(wire, image, mask=None, **fields):
    arrays = {"image": image} if mask is None else {"image": image, "mask": mask}
    header, arrays = wire.ask("segment", arrays, **{**HOW, **fields})
    assert header["type"] == "result", header
    return header, arrays


def test_hello_says_who_is_there(wire):
    header, _ = wire.ask("hello", protocol=1, client="a test")
    assert (header["protocol"], header["engine"]) == (1, sc.__version__)
    assert header["pid"] == wire.process.pid
    assert "samcell-lite" in [model["name"] for model in header["models"] if model["present"]]


def test_hello_describes_every_setting(wire):
    told = wire.ask("hello", protocol=1)[0]["settings"]
    assert [each["name"] for each in told] == [option.name for option in sc.Settings.options()]
    [fill] = [each for each in told if each["name"] == "fill"]
    assert (fill["types"], fill["low"], fill["high"], fill["default"]) == (["float"], 0, 1, None)


def test_another_protocol_is_refused(wire):
    header, _ = wire.ask("hello", protocol=2)
    assert header["kind"] == "protocol"
    assert "install the same version" in header["message"]
    assert wire.works()


def test_models_are_listed(wire):
    told = wire.ask("models")[0]["models"]
    assert [each["name"] for each in told] == [model.entry.name for model in sc.list_models()]


def test_devices_are_listed(wire):
    devices = wire.ask("devices")[0]["devices"]
    assert devices[0]["name"] == "cpu"
    assert [device["automatic"] for device in devices].count(True) == 1


def test_labels_are_those_of_the_segmenter(wire, lite, cells):
    header, arrays = segment(wire, cells, outputs=["labels", "distance"])
    expected = lite.segment(cells)
    assert expected.count == header["count"] == 6
    np.testing.assert_array_equal(arrays["labels"], expected.labels, strict=True)
    np.testing.assert_array_equal(arrays["distance"], expected.distance_map, strict=True)


def test_labels_are_those_of_the_command(wire, cells, tmp_path):
    from samcell_cli.main import cli

    tifffile.imwrite(tmp_path / "a.tif", cells.astype(np.uint16) * 13)
    command = (
        f"run {tmp_path / 'a.tif'} -o {tmp_path / 'out'} --save labels --min-size 300 --peak 0.5"
    )
    outcome = CliRunner().invoke(cli, [*command.split(), "--device=cpu", "--precision=fp32"])
    assert outcome.exit_code == 0, outcome.output
    [file] = (tmp_path / "out" / "labels").glob("*.tif")
    _, arrays = segment(wire, cells.astype(np.uint16) * 13, settings={"min_size": 300, "peak": 0.5})
    np.testing.assert_array_equal(arrays["labels"], tifffile.imread(file))


@pytest.mark.parametrize("dtype", ["bool", "uint8", "uint16", "int32", "float32", "float64"])
def test_pixels_of_every_type_are_taken_as_they_are(wire, lite, cells, dtype):
    image = cells > 100 if dtype == "bool" else cells.astype(dtype)
    np.testing.assert_array_equal(segment(wire, image)[1]["labels"], lite.segment(image).labels)


def test_colour_is_taken_as_it_is(wire, lite, cells):
    image = np.stack([cells, cells // 2, cells // 3], -1)
    header, arrays = segment(wire, image)
    assert header["axes"] == "YX"
    np.testing.assert_array_equal(arrays["labels"], lite.segment(image).labels)


def test_several_planes_are_segmented_one_by_one(wire, lite, cells):
    stack = np.stack([cells, cells[::-1], np.zeros_like(cells)])
    header, arrays = segment(wire, stack, settings={"axes": "TYX"})
    expected = lite.segment(stack, axes="TYX")
    assert (header["axes"], header["counts"]) == ("TYX", [6, 6, 0])
    np.testing.assert_array_equal(arrays["labels"], expected.labels)


def test_a_channel_is_chosen(wire, lite, cells):
    channels = np.stack([np.zeros_like(cells), cells])
    _, arrays = segment(wire, channels, settings={"axes": "CYX", "channel": 1})
    np.testing.assert_array_equal(arrays["labels"], lite.segment(cells).labels)


def test_a_mask_says_where_cells_may_be(wire, lite, cells):
    mask = np.zeros(cells.shape, bool)
    mask[:, :150] = True
    header, arrays = segment(wire, cells, mask)
    assert arrays["labels"][:, 150:].max() == 0
    np.testing.assert_array_equal(arrays["labels"], lite.segment(cells, mask=mask).labels)
    assert header["count"] == 4


def test_cells_that_were_dropped_are_told(wire, lite, cells):
    settings = {"min_size": 300, "discard_border": True}
    header, arrays = segment(
        wire, cells, settings=settings, outputs=["labels", "unfiltered", "small_removed"]
    )
    np.testing.assert_array_equal(arrays["unfiltered"], lite.segment(cells).labels)
    np.testing.assert_array_equal(arrays["small_removed"], lite.segment(cells, min_size=300).labels)
    np.testing.assert_array_equal(arrays["labels"], lite.segment(cells, **settings).labels)
    assert header["count"] < arrays["small_removed"].max() < arrays["unfiltered"].max()


def test_cells_that_were_dropped_are_told_of_each_plane(wire, cells):
    stack = np.stack([cells, np.zeros_like(cells)])
    _, arrays = segment(
        wire, stack, settings={"axes": "ZYX", "min_size": 300}, outputs=["small_removed"]
    )
    assert list(arrays) == ["small_removed"]
    assert arrays["small_removed"].shape == stack.shape


def test_cells_are_measured(wire, lite, cells):
    header, arrays = segment(wire, cells, outputs=["cells"], pixel_size=[0.5, 0.25])
    image = sc.as_image(cells)
    expected = sc.measure(lite.segment(cells), image, pixel_size=(0.5, 0.25))
    assert [f"cells.{name}" for name in expected.names] == list(arrays)
    for name in expected.names:
        np.testing.assert_array_equal(arrays[f"cells.{name}"], expected[name])
    assert header["summary"]["count"] == 6
    assert header["pixel_size"] == [0.5, 0.25]


def test_the_columns_of_a_table_are_explained(wire, cells):
    columns = segment(wire, cells, outputs=["cells"])[0]["columns"]
    known = {column.name: column.unit for column in COLUMNS}
    assert {each["name"]: known[each["name"]] for each in columns} == {
        each["name"]: each["unit"] for each in columns
    }


def test_an_image_without_cells_has_an_empty_table(wire):
    header, arrays = segment(wire, np.zeros((64, 64), np.uint8), outputs=["labels", "cells"])
    assert (header["count"], header["summary"]["area_mean"]) == (0, None)
    assert arrays["cells.area"].shape == (0,)


def test_what_was_used_is_told(wire, cells):
    header, _ = segment(wire, cells, settings={"min_size": 5})
    used = header["settings"]
    assert (used["min_size"], used["peak"]) == (5, header["model"]["peak"])
    assert 0.1 < used["scale"] < 5
    assert (header["device"], header["precision"], header["threads"]) == ("cpu", "fp32", 1)
    assert set(header["seconds"]) == {"load", "segment", "measure"}


def test_a_checkpoint_is_a_model_too(wire, checkpoint, clouds):
    image = clouds((100, 130))
    header, arrays = segment(wire, image, model=str(checkpoint), outputs=["distance"])
    assert header["model"]["name"] == checkpoint.stem
    with sc.Segmenter(checkpoint, device="cpu", precision="fp32", threads=1) as segmenter:
        np.testing.assert_array_equal(arrays["distance"], segmenter.predict(image))


def test_the_number_of_threads_changes_no_label(wire, cells):
    labels = [segment(wire, cells, threads=count)[1]["labels"] for count in (1, 3)]
    np.testing.assert_array_equal(*labels)


def test_a_model_is_read_once(wire):
    wire.ask("load", **HOW)
    number = wire.send("load", **HOW)
    header, _ = wire.reply()
    assert (header["id"], header["type"]) == (number, "result")  # no progress of reading
    assert header["model"]["name"] == "samcell-lite"


def test_a_model_whose_file_has_changed_is_read_again(wire, checkpoint, tmp_path, tiny_shape):
    import torch

    path = tmp_path / "model.pt"
    path.write_bytes(checkpoint.read_bytes())
    before = wire.ask("load", model=str(path), **HOW)[0]["model"]["sha256"]
    state = sc.random_model(tiny_shape).network.state_dict()
    torch.save({name: values + 1 for name, values in state.items()}, path)
    assert wire.ask("load", model=str(path), **HOW)[0]["model"]["sha256"] != before


def test_released_models_are_read_again(wire, cells):
    assert wire.ask("release")[0]["type"] == "result"
    assert segment(wire, cells)[0]["count"] == 6


def test_labels_are_measured(wire):
    labels = np.array([[1, 1, 0, 2]], np.uint16)
    header, arrays = wire.ask("measure", {"labels": labels}, pixel_size=[2, 3])
    assert arrays["cells.area"].tolist() == [2, 1]
    assert arrays["cells.area_um2"].tolist() == [12, 6]
    assert header["count"] == header["summary"]["count"] == 2


def test_labels_are_held_against_the_truth(wire):
    predicted, truth = np.array([[1, 1, 1, 0, 5]]), np.array([[1, 1, 2, 0, 0]])
    header, arrays = wire.ask("evaluate", {"predicted": predicted, "truth": truth})
    assert header["scores"]["seg"] == pytest.approx(0.5)
    assert arrays["merged"].tolist() == [[0, 1, 1], [0, 1, 2]]
    assert arrays["spurious"].tolist() == [[0, 5]]
    assert (arrays["missed"].shape, arrays["split"].shape) == ((0, 2), (0, 3))


def test_thresholds_of_the_evaluation_are_chosen(wire):
    labels = np.array([[1, 0]], np.uint8)
    header, _ = wire.ask("evaluate", {"predicted": labels, "truth": labels}, thresholds=[0.6])
    assert header["scores"]["f1_0.6"] == 1
    assert "f1_0.5" not in header["scores"]


def test_progress_is_told_from_nothing_to_all(wire, cells):
    stack = np.stack([cells] * 4)
    number = wire.send("segment", {"image": stack}, **HOW, settings={"axes": "TYX", "scale": 1})
    told = []
    while True:
        header, _ = wire.reply()
        assert header["id"] == number
        if header["type"] != "progress":
            break
        if header["what"] == "tiles":
            told.append((header["done"], header["total"]))
    assert header["type"] == "result"
    assert (told[0], told[-1]) == ((0, 4), (4, 4))
    assert told == sorted(told)


REFUSED = {
    "labels for an image": (
        "segment",
        {
            "image": np.kron(np.arange(1, 13).reshape(3, 4), np.pad(np.ones((8, 8)), 4)).astype(
                np.uint16
            )
        },
        {},
        "image",
    ),
    "no pixels": ("segment", {"image": np.zeros((0, 5), np.uint8)}, {}, "image"),
    "unexplained axes": ("segment", {"image": np.zeros((9, 8, 7), np.uint8)}, {}, "image"),
    "a mask of another size": (
        "segment",
        {"image": np.zeros((9, 9), np.uint8), "mask": np.zeros((9, 8), np.uint8)},
        {},
        "image",
    ),
    "a value out of range": (
        "segment",
        {"image": np.zeros((9, 9), np.uint8)},
        {"settings": {"peak": 2}},
        "settings",
    ),
    "an unknown setting": (
        "segment",
        {"image": np.zeros((9, 9), np.uint8)},
        {"settings": {"size": 2}},
        "settings",
    ),
    "threads out of range": ("load", {}, {"threads": 0}, "settings"),
    "an unknown model": ("load", {}, {"model": "samcell-giant"}, "model"),
    "no checkpoint": ("load", {}, {"model": __file__}, "model"),
    "no such device": ("load", {}, {"device": "cuda:99"}, "device"),
    "an unknown operation": ("dance", {}, {}, "request"),
    "an unknown field": ("load", {}, {"modell": "samcell-lite"}, "request"),
    "a field of the wrong type": ("load", {}, {"model": 3}, "request"),
    "truth for a number": ("load", {}, {"threads": True}, "request"),
    "no image": ("segment", {}, {}, "request"),
    "an unknown array": ("models", {"image": np.zeros((9, 9), np.uint8)}, {}, "request"),
    "an unknown output": (
        "segment",
        {"image": np.zeros((9, 9), np.uint8)},
        {"outputs": ["outlines"]},
        "request",
    ),
    "outputs are no list": (
        "segment",
        {"image": np.zeros((9, 9), np.uint8)},
        {"outputs": "labels"},
        "request",
    ),
    "a pixel of one side": (
        "measure",
        {"labels": np.zeros((9, 9), np.uint8)},
        {"pixel_size": [1]},
        "request",
    ),
    "labels that are no numbers of cells": (
        "measure",
        {"labels": np.zeros((9, 9), np.float32)},
        {},
        "image",
    ),
    "a reply that is too long": (
        "evaluate",
        {"predicted": np.ones((1, 1), np.uint8), "truth": np.ones((1, 1), np.uint8)},
        {"thresholds": np.linspace(0.1, 1, 8000).tolist()},
        "internal",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_told_in_a_sentence_and_does_no_harm(wire, case):
    op, arrays, fields, kind = REFUSED[case]
    header, _ = wire.ask(op, arrays, **fields)
    assert (header["type"], header["kind"]) == ("error", kind), header
    assert header["message"].count("\n") == 0
    assert len(header["message"]) > 20
    assert wire.works()


def test_a_model_that_is_not_here_is_not_downloaded(start, monkeypatch, tmp_path):
    monkeypatch.setenv("SAMCELL_HOME", str(tmp_path))
    header, _ = start().ask("load", model="samcell-generalist")
    assert header["kind"] == "model"
    assert "samcell-cli models download samcell-generalist" in header["message"]


@pytest.mark.parametrize(
    "number", [None, True, 1.5, [], "x" * 300], ids=["none", "truth", "part", "list", "long"]
)
def test_a_request_without_a_proper_id_is_refused(wire, make_frame, number):
    wire.raw(make_frame(json.dumps({"id": number, "op": "hello", "protocol": 1})))
    header, _ = wire.answer(None)
    assert header["kind"] == "request"
    assert wire.works()


def test_an_id_may_be_a_text(wire, make_frame):
    wire.raw(make_frame('{"id": "Bild ä", "op": "models"}'))
    assert wire.answer("Bild ä")[0]["type"] == "result"


def test_null_stands_for_a_field_that_is_left_out(wire):
    assert wire.ask("load", model=None, **HOW)[0]["model"]["name"] == "samcell-lite"


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        ("{]", b"abc"),
        ("[]", b""),
        ('{"id": 1}', b"abc"),
        ('{"id": 1, "arrays": [{"name": "a", "dtype": "object", "shape": [1]}]}', b"abc"),
    ],
)
def test_a_broken_frame_is_skipped(wire, make_frame, header, payload):
    wire.raw(make_frame(header, payload))
    assert wire.reply()[0]["type"] == "error"
    assert wire.works()


def test_requests_are_answered_in_order(wire):
    numbers = [wire.send("models") for _ in range(20)]
    assert [wire.answer(number)[0]["id"] for number in numbers] == numbers


def test_an_image_beyond_the_memory_is_refused_and_the_next_one_is_not(start, cells):
    import resource

    own = start()
    assert segment(own, cells)[0]["count"] == 6
    used = psutil.Process(own.process.pid).memory_info().vms
    before = resource.prlimit(
        own.process.pid, resource.RLIMIT_AS, (used + 120_000_000, resource.RLIM_INFINITY)
    )
    for side in (6_000, 12_000):  # too large for the result, and for the image itself
        header, _ = own.ask("segment", {"image": np.zeros((side, side), np.uint8)}, **HOW)
        assert header["kind"] == "memory", header
    resource.prlimit(own.process.pid, resource.RLIMIT_AS, before)
    assert segment(own, cells)[0]["count"] == 6


def test_a_running_request_is_cancelled_within_a_tile(wire, long_work, cells):
    arrays, fields = long_work
    number = wire.send("segment", arrays, **fields)
    wire.until_computing(number)
    cancel = wire.send("cancel", target=number)
    replies = {}
    while len(replies) < 2:
        header, _ = wire.reply()
        if header["type"] != "progress":
            replies[header["id"]] = header
    assert replies[cancel]["cancelled"] is True
    assert replies[number]["kind"] == "cancelled"
    assert segment(wire, cells)[0]["count"] == 6


def test_a_waiting_request_is_cancelled(wire, long_work):
    arrays, fields = long_work
    running = wire.send("segment", arrays, **fields)
    waiting = wire.send("models")
    for number in (waiting, running):
        wire.send("cancel", target=number)
    assert wire.answer(running)[0]["kind"] == "cancelled"
    assert wire.answer(waiting)[0]["kind"] == "cancelled"


def test_nothing_is_there_to_be_cancelled(wire):
    assert wire.ask("cancel", target=10**6)[0]["cancelled"] is False


def test_an_id_in_use_is_refused(wire, make_frame, long_work):
    arrays, fields = long_work
    running = wire.send("segment", arrays, **fields)
    wire.raw(make_frame(json.dumps({"id": running, "op": "models"})))
    assert wire.answer(running)[0]["kind"] == "request"
    wire.send("cancel", target=running)
    assert wire.answer(running)[0]["kind"] == "cancelled"


def test_more_requests_than_may_wait_are_refused(wire, long_work):
    arrays, fields = long_work
    running = wire.send("segment", arrays, **fields)
    numbers = [wire.send("models") for _ in range(70)]
    wire.send("cancel", target=running)
    kinds = []
    while len(kinds) < 71:
        header, _ = wire.reply()
        if header["id"] in (running, *numbers) and header["type"] != "progress":
            kinds.append(header.get("kind", "result"))
    assert sorted(kinds) == ["cancelled"] + ["request"] * 7 + ["result"] * 63


NOISY = """
import ctypes, os, sys, threading, time
def noise():
    while True:
        print("python", flush=True)
        os.write(1, b"descriptor\\n")
        ctypes.CDLL(None).puts(b"library")
        ctypes.CDLL(None).fflush(None)
        time.sleep(0.001)
from samcell_core.worker import process, streams
def take_over():
    pipes = streams.take_over()
    threading.Thread(target=noise, daemon=True).start()
    return pipes
process.take_over = take_over
process.main()
"""


def test_what_libraries_print_never_gets_between_frames(start, lite, cells):
    import sys

    noisy = start(command=(sys.executable, "-c", NOISY))
    _, arrays = segment(noisy, np.stack([cells] * 3), settings={"axes": "TYX"})
    np.testing.assert_array_equal(arrays["labels"][2], lite.segment(cells).labels)
    assert noisy.works()
    log = noisy.log.read_text()
    assert all(word in log for word in ("python", "descriptor", "library"))


def test_libraries_find_an_empty_input(start):
    import sys

    code = (
        "from samcell_core.worker import process, streams\n"
        "def take_over():\n"
        "    pipes = streams.take_over()\n"
        "    import os, sys; sys.stderr.write(repr((sys.stdin.read(), os.read(0, 5))))\n"
        "    return pipes\n"
        "process.take_over = take_over; process.main()"
    )
    own = start(command=(sys.executable, "-c", code))
    assert own.works()
    assert own.log.read_text() == "('', b'')"


def test_ctrl_c_is_left_to_the_client(start):
    import signal

    own = start()
    assert own.works()
    own.process.send_signal(signal.SIGINT)
    assert own.works()


def test_an_operation_that_is_no_text_is_refused(wire, make_frame):
    wire.raw(make_frame('{"id": "n", "op": 3}'))
    assert wire.answer("n")[0]["kind"] == "request"
    assert wire.works()
