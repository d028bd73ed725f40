"""Workers: processes that run tasks."""

import os

import pytest
from helpers.tasks import Counts, Dies, Gives, Raises, Tells

from mtcnn_rt.comparison.worker import Worker, WorkerError


@pytest.fixture(scope="module")
def worker():
    with Worker(threads=3, environment={"MTCNN_TEST": "set"}) as started:
        yield started


def test_what_a_task_gives(worker):
    assert worker.prepare("a", Gives({"faces": 6})) == {"faces": 6}
    assert worker.time("a", untimed=0) > 0


def test_tasks_keep_their_names(worker):
    worker.prepare("a", Gives(1))
    first = worker.prepare("b", Counts())
    assert first == 3  # the warm-up
    assert worker.time("a", untimed=1) > 0
    assert worker.prepare("b", Counts()) == 3  # another in its place


def test_threads_and_environment(worker):
    assert worker.prepare("t", Tells("MTCNN_TEST")) == (3, "set")
    assert worker.prepare("t", Tells("OMP_NUM_THREADS")) == (3, "3")
    assert "MTCNN_TEST" not in os.environ


def test_an_exception_is_told_and_the_worker_goes_on(worker):
    with pytest.raises(WorkerError, match=r"^ValueError: two lines$"):
        worker.prepare("bad", Raises("two\n\x1b[31mlines\x1b[0m"))
    assert worker.prepare("a", Gives(1)) == 1


def test_what_was_never_ready_cannot_be_timed(worker):
    with pytest.raises(WorkerError, match="KeyError"):
        worker.time("never", untimed=0)


def test_a_task_that_failed_leaves_nothing_behind(worker):
    worker.prepare("x", Gives(1))
    with pytest.raises(WorkerError):
        worker.prepare("x", Raises("no"))
    with pytest.raises(WorkerError, match="KeyError"):
        worker.time("x", untimed=0)


def test_a_process_that_dies():
    with Worker(threads=1) as worker, pytest.raises(WorkerError, match="the process died"):
        worker.prepare("a", Dies())
