"""How the worker ends."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

SOON = 10.0  # seconds: the page says one, but machines that test are busy. The work takes minutes.


def gone(pid, seconds=SOON):
    """Whether a process, maybe nobody's child any more, has ended in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def test_the_end_of_the_input_is_the_end(start):
    own = start()
    assert own.works()
    assert own.end() == 0


def test_the_end_of_the_input_ends_work_at_once(start, long_work):
    own = start()
    arrays, fields = long_work
    own.until_computing(own.send("segment", arrays, **fields))
    begin = time.monotonic()
    assert own.end() == 0
    assert time.monotonic() - begin < SOON


def test_shutdown_is_answered(start):
    own = start()
    assert own.ask("shutdown")[0]["type"] == "result"
    assert own.process.wait(SOON) == 0


def test_shutdown_does_not_wait_for_work(start, long_work):
    own = start()
    arrays, fields = long_work
    own.until_computing(own.send("segment", arrays, **fields))
    assert own.answer(own.send("shutdown"))[0]["type"] == "result"
    assert own.process.wait(SOON) == 0


def test_shutdown_with_unknown_fields_is_refused(start):
    own = start()
    assert own.ask("shutdown", now=True)[0]["kind"] == "request"
    assert own.works()


BROKEN = {
    "wrong magic": {"magic": b"SAMCELL9"},
    "no header": {"length": 0},
    "a header of 4 GB": {"length": 2**32 - 1},
    "a payload of 1 TB": {"size": 10**12},
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_stream_that_nobody_can_follow_ends_with_3(start, make_frame, case):
    own = start()
    own.raw(make_frame('{"id": 1, "op": "models"}', **BROKEN[case]))
    header, _ = own.reply()
    assert (header["id"], header["kind"], header["fatal"]) == (None, "protocol", True)
    assert own.process.wait(SOON) == 3


def test_an_input_that_ends_within_a_frame_ends_with_3(start, make_frame):
    own = start()
    described = [{"name": "image", "dtype": "uint8", "shape": [1000]}]
    header = json.dumps({"id": 1, "op": "segment", "arrays": described})
    own.raw(make_frame(header, bytes(1000))[:-1])
    own.process.stdin.close()
    assert own.reply()[0]["fatal"] is True
    assert own.process.wait(SOON) == 3


def test_a_client_that_reads_no_more_is_gone(start):
    own = start()
    assert own.works()
    own.process.stdout.close()
    own.send("models")
    assert own.process.wait(SOON) == 0


def test_it_is_wrongly_called_with_2(start):
    assert start("--dance").process.wait(60) == 2


def test_nobody_is_to_type_into_it():
    import pty

    ours, theirs = pty.openpty()
    outcome = subprocess.run(
        [sys.executable, "-I", "-m", "samcell_core.worker"],
        stdin=theirs,
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(ours)
    os.close(theirs)
    assert outcome.returncode == 2
    assert "docs/worker.md" in outcome.stderr


PARENT = """
import os, struct, subprocess, sys, json
worker = [sys.executable, "-I", "-m", "samcell_core.worker", *sys.argv[2:]]
process = subprocess.Popen(worker, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
if sys.argv[1] == "shared":  # another child keeps the worker's input open
    sleeper = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"], pass_fds=[process.stdin.fileno()]
    )
    print(sleeper.pid)
print(process.pid)
side = 1500
header = json.dumps({"id": 1, "op": "segment", "threads": 1, "settings": {"scale": 12}, "device":
    "cpu", "arrays": [{"name": "image", "dtype": "uint8", "shape": [side, side]}]}).encode()
process.stdin.write(struct.pack("<8sIQ", b"SAMCELL1", len(header), side * side) + header)
process.stdin.write(os.urandom(side * side))
process.stdin.flush()
while True:
    _, length, size = struct.unpack("<8sIQ", process.stdout.read(20))
    reply = json.loads(process.stdout.read(length))
    if reply.get("what") == "tiles" and reply["done"] > 0:
        break
print("computing", flush=True)
process.wait()
"""


def start_parent(*arguments):
    return subprocess.Popen(
        [sys.executable, "-c", PARENT, *arguments], stdout=subprocess.PIPE, text=True
    )


def test_it_computes_no_longer_than_its_parent_lives():
    with start_parent("alone") as parent:
        worker = int(parent.stdout.readline())
        assert parent.stdout.readline() == "computing\n"
        parent.send_signal(signal.SIGKILL)
        assert gone(worker)


def test_it_notices_the_end_of_its_parent_also_where_its_input_stays_open():
    code = f"import os, sys; sys.argv += ['--parent', str(os.getpid())]\n{PARENT}"
    with subprocess.Popen(
        [sys.executable, "-c", code, "shared"], stdout=subprocess.PIPE, text=True
    ) as parent:
        sleeper = int(parent.stdout.readline())
        worker = int(parent.stdout.readline())
        assert parent.stdout.readline() == "computing\n"
        parent.send_signal(signal.SIGKILL)
        ended = gone(worker)
        os.kill(sleeper, signal.SIGKILL)
        assert ended


def test_it_ends_with_another_process_that_is_not_its_parent(start):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        own = start("--parent", str(other.pid))
        assert own.works()
        other.kill()
        other.wait()
        assert own.process.wait(SOON) == 0


def test_a_parent_that_was_never_there_is_no_reason_to_end(start):
    with subprocess.Popen([sys.executable, "-c", ""]) as other:
        other.wait()
    own = start("--parent", str(other.pid))
    time.sleep(0.1)
    assert own.works()


def test_the_command_is_the_same_process(start):
    own = start(command=(sys.executable, "-m", "samcell_cli", "worker"))
    labels = np.array([[1, 1, 0, 2]], np.uint16)
    _, arrays = own.ask("measure", {"labels": labels})
    assert arrays["cells.area"].tolist() == [2, 1]
    assert own.end() == 0
