"""Tests the processes that run tasks."""

import multiprocessing
import os
import signal
import sys
from pathlib import Path

import pytest
from helpers.tasks import (
    CountRuns,
    EndProcess,
    HearsInterrupts,
    RaiseError,
    ReturnEnvironment,
    ReturnValue,
)

from mtcnn_rt._comparison.worker import Worker, WorkerError, _Time, serve
from mtcnn_rt._signals import handled_signals


@pytest.fixture(scope="module")
def worker():
    with Worker(threads=3, environment={"MTCNN_TEST": "set"}) as started:
        yield started


def test_the_output_of_a_task(worker):
    assert worker.prepare("a", ReturnValue({"faces": 6})) == {"faces": 6}
    assert worker.time("a", untimed=0) > 0


def test_tasks_keep_their_names(worker):
    worker.prepare("a", ReturnValue(1))
    first = worker.prepare("b", CountRuns())
    assert first == 3  # the warm-up
    assert worker.time("a", untimed=1) > 0
    assert worker.prepare("b", CountRuns()) == 3  # replaced by a new task


def test_threads_and_environment(worker):
    assert worker.prepare("t", ReturnEnvironment("MTCNN_TEST")) == (3, "set")
    assert worker.prepare("t", ReturnEnvironment("OMP_NUM_THREADS")) == (3, "3")
    assert "MTCNN_TEST" not in os.environ


def test_an_exception_is_reported_and_the_worker_continues(worker):
    with pytest.raises(WorkerError, match=r"^ValueError: two lines$"):
        worker.prepare("bad", RaiseError("two\n\x1b[31mlines\x1b[0m"))
    assert worker.prepare("a", ReturnValue(1)) == 1


def test_a_task_that_was_not_prepared_cannot_be_timed(worker):
    with pytest.raises(WorkerError, match="KeyError"):
        worker.time("never", untimed=0)


def test_a_task_that_failed_is_removed(worker):
    worker.prepare("x", ReturnValue(1))
    with pytest.raises(WorkerError):
        worker.prepare("x", RaiseError("no"))
    with pytest.raises(WorkerError, match="KeyError"):
        worker.time("x", untimed=0)


def test_a_process_that_dies():
    with Worker(threads=1) as worker, pytest.raises(WorkerError, match="the process died"):
        worker.prepare("a", EndProcess())


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are passed as on POSIX")
def test_a_process_in_another_environment():
    tests = str(Path(__file__).parents[1])
    environment = {"MTCNN_TEST": "set", "PYTHONPATH": tests}
    with Worker(threads=2, environment=environment, python=Path(sys.executable)) as worker:
        assert worker.prepare("t", ReturnEnvironment("MTCNN_TEST")) == (2, "set")
        assert worker.prepare("t", ReturnEnvironment("OMP_NUM_THREADS")) == (2, "2")
        assert worker.time("t", untimed=1) > 0
        with pytest.raises(WorkerError, match=r"^ValueError: no$"):
            worker.prepare("x", RaiseError("no"))
        with pytest.raises(WorkerError, match="the process died"):
            worker.prepare("a", EndProcess())


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are passed as on POSIX")
def test_an_environment_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="no-python"):
        Worker(threads=1, python=tmp_path / "no-python")


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
@pytest.mark.parametrize("python", [None, Path(sys.executable)])
def test_an_interrupt_does_not_reach_a_process_while_it_starts(python):
    tests = {"PYTHONPATH": str(Path(__file__).parents[1])} if python else None
    with Worker(1, tests, python) as worker:
        assert worker.prepare("a", HearsInterrupts()) is False


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_a_process_ends_with_its_parent():
    """Whose end of the pipe is closed while the task runs."""
    ours, theirs = multiprocessing.Pipe()
    ours.send(_Time("a", 0))  # is an error, which is reported
    ours.close()
    with handled_signals(signal.default_int_handler, signal.SIGINT), theirs:
        serve(theirs, 1)
