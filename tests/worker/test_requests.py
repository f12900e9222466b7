"""What the running worker answers: who it is, what it refuses, one request after another."""

import json

import numpy as np
import psutil
import pytest

import samcell_core as sc


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
    assert wire.ask("load", model=None, **wire.HOW)[0]["model"]["name"] == "samcell-lite"


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
    assert own.segment(cells)[0]["count"] == 6
    used = psutil.Process(own.process.pid).memory_info().vms
    before = resource.prlimit(
        own.process.pid, resource.RLIMIT_AS, (used + 120_000_000, resource.RLIM_INFINITY)
    )
    for side in (6_000, 12_000):  # too large for the result, and for the image itself
        header, _ = own.ask("segment", {"image": np.zeros((side, side), np.uint8)}, **own.HOW)
        assert header["kind"] == "memory", header
    resource.prlimit(own.process.pid, resource.RLIMIT_AS, before)
    assert own.segment(cells)[0]["count"] == 6


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
    assert wire.segment(cells)[0]["count"] == 6


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
