"""Waits that end, and closing while another thread waits."""

import gc
import threading
import time
from queue import SimpleQueue

import pytest

from mtcnn_rt.video.limited_wait import LimitedWait
from mtcnn_rt.video.reader import Reader
from mtcnn_rt.video.sources.close_after_use import CloseAfterUse


def test_results_and_errors_come_in_order():
    wait = LimitedWait(20)
    names = {wait.call(lambda: threading.current_thread().name) for _ in range(3)}
    assert names == {"mtcnn-rt network"}
    with pytest.raises(ZeroDivisionError):
        wait.call(lambda: 1 / 0)
    assert wait.call(lambda: 5) == 5
    wait.end()


def test_a_call_that_does_not_return_is_given_up():
    wait, released = LimitedWait(0.3), threading.Event()
    with pytest.raises(TimeoutError, match="no answer in time"):
        wait.call(lambda: released.wait(20))
    with pytest.raises(TimeoutError, match="no answer in time"):
        wait.call(lambda: 5)
    released.set()
    wait.end()


def test_the_thread_of_a_wait_that_is_never_ended_ends_with_it():
    before = set(threading.enumerate())
    wait = LimitedWait(20)
    assert wait.call(lambda: 5) == 5
    [thread] = set(threading.enumerate()) - before
    del wait
    gc.collect()
    thread.join(20)
    assert not thread.is_alive()


def test_what_comes_too_late_is_discarded():
    wait, released, discarded = LimitedWait(0.3), threading.Event(), SimpleQueue()
    with pytest.raises(TimeoutError, match="no answer in time"):
        wait.call(lambda: released.wait(20) and "late", discarded.put)
    wait.end(lambda: discarded.put("last"))
    assert discarded.empty()
    released.set()
    assert [discarded.get(timeout=20) for _ in range(2)] == ["late", "last"]


def test_what_comes_in_time_is_not_discarded():
    wait = LimitedWait(20)
    assert wait.call(lambda: "in time", lambda _: pytest.fail("it is wanted")) == "in time"
    wait.end()


def test_an_interrupt_ends_the_wait(monkeypatch):
    wait, released = LimitedWait(20), threading.Event()

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("mtcnn_rt.video.limited_wait.wait", interrupt)
    with pytest.raises(KeyboardInterrupt):
        wait.call(lambda: released.wait(20))
    with pytest.raises(TimeoutError):
        wait.call(lambda: 5)
    released.set()
    wait.end()


def test_what_is_in_use_is_closed_by_its_user():
    closed, began, released = [], threading.Event(), threading.Event()

    def items():
        yield 1
        began.set()
        released.wait(20)
        yield 2

    shared = CloseAfterUse(lambda: closed.append(threading.current_thread().name))
    taken = []
    thread = threading.Thread(target=lambda: taken.extend(shared.each(items())), name="user")
    thread.start()
    began.wait(20)
    shared.close()
    assert (closed, shared.closed) == ([], True)
    released.set()
    thread.join(20)
    assert closed == ["user"]
    assert taken == [1, 2]


def test_what_is_not_in_use_is_closed_at_once():
    closed = []
    shared = CloseAfterUse(lambda: closed.append(1))
    items = shared.each(iter([1, 2]))
    assert next(items) == 1
    shared.close()
    assert closed == [1]
    assert list(items) == []


def test_a_reader_leaves_a_silent_source_after_an_interrupt():
    released = threading.Event()

    def silent():
        released.wait(20)
        yield 1

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), Reader(silent()):
        raise KeyboardInterrupt
    assert time.monotonic() - began < 15
    released.set()
