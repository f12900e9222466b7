"""Frames that do not keep to the page, taken apart in this process."""

import io
import json
import struct
import tracemalloc

import numpy as np
import pytest

from samcell_core.worker.faults import FaultError
from samcell_core.worker.frames import (
    BrokenStreamError,
    EndOfStreamError,
    encode,
    read_frame,
)

LIMIT = 1000


def read(data, *, room=LIMIT):
    return read_frame(io.BytesIO(data), limit=LIMIT, room=room)


def described(dtype="uint8", shape=(3,), name="image"):
    return json.dumps({"id": 1, "arrays": [{"name": name, "dtype": dtype, "shape": shape}]})


def test_arrays_come_back_as_they_were_sent():
    sent = {
        "image": np.arange(6, dtype=np.uint16).reshape(2, 3),
        "mask": np.array([[True, False]]),
        "none": np.empty((0, 4), np.float32),
        "odd": np.array([1.5, -2.5]),
    }
    received = read(b"".join(encode({"id": 7}, sent)))
    assert received.header == {"id": 7}
    for name, array in sent.items():
        np.testing.assert_array_equal(received.arrays[name], array, strict=True)


def test_arrays_can_be_used_by_libraries_wherever_they_lay(make_frame):
    header = json.dumps(
        {
            "arrays": [
                {"name": "a", "dtype": "uint8", "shape": [3]},
                {"name": "b", "dtype": "float64", "shape": [2]},
            ]
        }
    )
    arrays = read(make_frame(header, b"abc" + struct.pack("<2d", 1, 2))).arrays
    assert arrays["b"].flags.aligned
    assert arrays["b"].tolist() == [1, 2]


def test_truth_is_any_byte_but_0(make_frame):
    arrays = read(make_frame(described("bool"), b"\x00\x01\x02")).arrays
    assert arrays["image"].view(np.uint8).tolist() == [0, 1, 1]


def test_what_is_no_number_becomes_null():
    [data] = encode({"a": float("nan"), "b": [np.float32("inf"), np.int64(3)], "c": (1,)}, {})
    assert json.loads(data[20:]) == {"a": None, "b": [None, 3], "c": [1]}


SKIPPED = {
    "no JSON": ("{'id': 1}", b"abc", "protocol"),
    "no text": (b"\xff\xfe\xfd", b"abc", "protocol"),
    "no object": ("[1]", b"abc", "protocol"),
    "endless brackets": ("[" * 100_000, b"abc", "protocol"),
    "arrays are no list": ('{"id": 1, "arrays": {}}', b"abc", "protocol"),
    "an array is no object": ('{"id": 1, "arrays": [3]}', b"abc", "protocol"),
    "no arrays, but a payload": ('{"id": 1}', b"abc", "protocol"),
    "no name": (described(name=None), b"abc", "protocol"),
    "unknown type": (described("complex64"), b"abc", "request"),
    "objects": (described("object"), b"abc", "request"),
    "negative shape": (described(shape=(-3,)), b"abc", "protocol"),
    "shape of floats": (described(shape=(3.0,)), b"abc", "protocol"),
    "shape of truths": (described(shape=(True, 3)), b"abc", "protocol"),
    "shape is a number": (described(shape=3), b"abc", "protocol"),
    "too many axes": (described(shape=(1,) * 8 + (3,)), b"abc", "protocol"),
    "too few bytes": (described(shape=(4,)), b"abc", "protocol"),
    "too many bytes": (described(shape=(2,)), b"abc", "protocol"),
    "a shape beyond all numbers": (described(shape=(2**62, 2**62, 4)), b"abc", "protocol"),
    "payload above the limit": (described(shape=(1001,)), bytes(1001), "memory"),
}


@pytest.mark.parametrize("case", SKIPPED)
def test_a_frame_that_cannot_be_used_is_skipped(make_frame, case):
    header, payload, kind = SKIPPED[case]
    source = io.BytesIO(make_frame(header, payload) + make_frame('{"id": 2}'))
    with pytest.raises(FaultError) as refusal:
        read_frame(source, limit=LIMIT, room=LIMIT)
    assert refusal.value.kind == kind
    assert read_frame(source, limit=LIMIT, room=LIMIT).header == {"id": 2}


def test_two_arrays_of_one_name_are_refused(make_frame):
    one = {"name": "a", "dtype": "uint8", "shape": [1]}
    with pytest.raises(FaultError, match="same name"):
        read(make_frame(json.dumps({"arrays": [one, one]}), b"ab"))


def test_the_fault_of_a_readable_header_has_its_id(make_frame):
    with pytest.raises(FaultError) as refusal:
        read(make_frame(described("complex64"), b"abc"))
    assert refusal.value.number == 1


def test_images_that_wait_leave_less_room(make_frame):
    with pytest.raises(FaultError, match="sent before") as refusal:
        read(make_frame(described(shape=(101,)), bytes(101)), room=100)
    assert refusal.value.kind == "memory"


@pytest.mark.parametrize(
    "changes",
    [
        {"magic": b"SAMCELL2"},
        {"magic": b"GET / HT"},
        {"length": 0},
        {"length": (1 << 20) + 1},
        {"length": 2**32 - 1},
        {"size": 8 * LIMIT + 1},
        {"size": 10**12},
        {"size": 2**64 - 1},
    ],
)
def test_a_stream_without_a_next_frame_is_given_up(make_frame, changes):
    with pytest.raises(BrokenStreamError):
        read(make_frame('{"id": 1}', **changes))


def test_a_length_that_is_a_lie_takes_no_memory(make_frame):
    data = make_frame(described(), b"abc", size=10**12)
    tracemalloc.start()
    with pytest.raises(BrokenStreamError):
        read_frame(io.BytesIO(data), limit=2**33, room=2**33)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1e6


@pytest.mark.parametrize("kept", [1, 8, 19, 25, -1])
def test_a_frame_that_is_cut_off_is_told_from_the_end(make_frame, kept):
    with pytest.raises(BrokenStreamError, match="ended"):
        read(make_frame(described(), b"abc")[:kept])


def test_the_end_between_frames_is_the_end():
    with pytest.raises(EndOfStreamError):
        read(b"")


def test_random_bytes_do_no_harm():
    random = np.random.default_rng(0)
    for _ in range(300):
        data = b"SAMCELL1" + random.bytes(60)
        with pytest.raises((FaultError, BrokenStreamError)):
            read(data)
