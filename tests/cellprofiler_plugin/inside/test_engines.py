"""One engine a process, its share of the cores, its life and its sudden death."""

import os
import signal
import sys
import threading
import time

import psutil
import pytest
from cellprofiler_core.utilities.core.modules import instantiate_module

from conftest import discs

TWO = discs((60, 60, 30), (130, 140, 30))


@pytest.fixture
def engine(engines):
    return engines.engine_at("", lambda: 1)


def process_of(engine):
    """The one process of the engine."""
    assert engine.hello["protocol"] == 1  # it runs
    children = psutil.Process().children()
    [process] = [each for each in children if "samcell_core.worker" in each.cmdline()]
    return process


def test_two_modules_share_an_engine(run, engine, workspace):
    before = process_of(engine).pid
    run(TWO)
    other = instantiate_module("RunSAMCell")
    other.x_name.value, other.y_name.value = "Phase", "Again"
    other.run(workspace(TWO))
    assert process_of(engine).pid == before


def test_the_engine_ends_with_the_run(run, module, engine, workspace):
    made = run(TWO)
    process = process_of(engine)
    module.post_run(made)
    process.wait(10)
    assert not process.is_running()


def test_what_test_mode_left_ends_before_a_run(module, engine, workspace):
    process = process_of(engine)
    assert module.prepare_run(workspace(TWO))
    process.wait(10)
    assert not process.is_running()


def test_the_engine_stays_in_test_mode(module, engine, workspace):
    before = process_of(engine).pid
    made = workspace(TWO)
    made.pipeline.test_mode = True
    assert module.prepare_run(made)
    assert process_of(engine).pid == before


def test_a_run_after_the_end_starts_it_anew(run, module):
    module.post_run(run(TWO))
    assert run(TWO).object_set.get_objects("Cells").count == 2


def test_an_engine_that_was_killed_is_started_anew(run, engine):
    os.kill(process_of(engine).pid, signal.SIGKILL)
    assert run(TWO).object_set.get_objects("Cells").count == 2


def test_an_engine_killed_in_the_middle_gets_the_image_again(run, engine):
    run(TWO)  # the model is loaded
    victim = process_of(engine).pid
    # A large image keeps it busy until the signal comes.
    large = discs((60, 60, 30), (130, 140, 30), shape=(1500, 1500))
    killer = threading.Timer(0.3, os.kill, (victim, signal.SIGKILL))
    killer.start()
    try:
        workspace = run(large)
    finally:
        killer.join()
    assert process_of(engine).pid != victim
    assert workspace.object_set.get_objects("Cells").count == 2


def test_one_process_has_all_cores(engines):
    assert engines.analysis_workers(lambda: 7) == 1
    assert engines.threads_for(1) is None


@pytest.mark.parametrize(("workers", "threads"), [(2, 4), (3, 2), (8, 1), (50, 1)])
def test_workers_share_the_cores(engines, monkeypatch, workers, threads):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert engines.threads_for(workers) == threads


def test_workers_of_the_same_analysis_are_counted(engines, monkeypatch):
    address = f"tcp://127.0.0.1:{os.getpid()}"
    monkeypatch.setattr(sys, "argv", ["worker", "--work-announce", address])
    others = [
        psutil.Popen([sys.executable, "-c", "input()", "--work-announce", each], stdin=-1)
        for each in (address, address, "tcp://127.0.0.1:1")
    ]
    # They are children of this process, as it is one of its parent.
    monkeypatch.setattr(psutil.Process, "parent", lambda _: psutil.Process())
    try:
        time.sleep(0.3)
        assert engines.analysis_workers(lambda: 9) == 2
    finally:
        for other in others:
            other.communicate(b"\n")


def test_workers_that_cannot_be_counted_are_as_many_as_usual(engines, monkeypatch):
    def denied(self):
        raise psutil.AccessDenied

    monkeypatch.setattr(sys, "argv", ["worker", "--work-announce", "tcp://127.0.0.1:1"])
    monkeypatch.setattr(psutil.Process, "parent", denied)
    assert engines.analysis_workers(lambda: 3) == 3
