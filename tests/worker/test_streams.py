"""What libraries write and read gets nowhere near the frames."""

import sys

import numpy as np

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
    noisy = start(command=(sys.executable, "-c", NOISY))
    _, arrays = noisy.segment(np.stack([cells] * 3), settings={"axes": "TYX"})
    np.testing.assert_array_equal(arrays["labels"][2], lite.segment(cells).labels)
    assert noisy.works()
    log = noisy.log.read_text()
    assert all(word in log for word in ("python", "descriptor", "library"))


def test_libraries_find_an_empty_input(start):
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
