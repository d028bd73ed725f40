"""Tests the turns of timed tasks and the ratios of their times."""

import pytest

from mtcnn_rt._comparison.timing import Timing, TimingSettings, time_in_turn
from mtcnn_rt._comparison.worker import WorkerError


class Script:
    """A worker with prepared times; an exception among them is raised."""

    def __init__(self, turns, times):
        self._turns, self._times = turns, list(times)

    def prepare(self, name, task):
        if isinstance(task, WorkerError):
            raise task
        return task

    def time(self, name, untimed):
        self._turns.append((name, untimed))
        time = self._times.pop(0)
        if isinstance(time, WorkerError):
            raise time
        return time


def test_all_tasks_take_turns():
    turns = []
    tasks = {name: (Script(turns, [1.0, 2.0, 9.0]), name.upper()) for name in "abc"}
    timings = time_in_turn(tasks, TimingSettings(rounds=3, untimed=2, pause=0))
    assert turns == [("a", 2), ("b", 2), ("c", 2)] * 3
    assert [(t.output, t.seconds, t.error) for t in timings.values()] == [
        (name, [1.0, 2.0, 9.0], None) for name in "ABC"
    ]
    assert timings["a"].median == 2.0


def test_a_task_that_fails_stops_and_the_others_continue():
    turns = []
    tasks = {
        "never": (Script(turns, []), WorkerError("not ready")),
        "stops": (Script(turns, [1.0, WorkerError("died")]), "s"),
        "runs": (Script(turns, [1.0, 1.0, 1.0]), "r"),
    }
    timings = time_in_turn(tasks, TimingSettings(rounds=3, pause=0))
    assert [name for name, _ in turns] == ["stops", "runs", "stops", "runs", "runs"]
    assert {name: t.error for name, t in timings.items()} == {
        "never": "not ready",
        "stops": "died",
        "runs": None,
    }
    assert timings["stops"].output == "s"


def test_the_ratio_is_of_the_same_round():
    # The machine is twice as slow in the second round, which the ratio leaves out.
    own, other = Timing(seconds=[2.0, 4.0, 2.2]), Timing(seconds=[1.0, 2.0, 1.0])
    assert own.relative_to(other) == pytest.approx(2.0)
    assert other.relative_to(own) == pytest.approx(0.5)


def test_no_ratio_to_a_task_that_failed():
    assert Timing(seconds=[1.0]).relative_to(Timing(error="died")) is None
    assert Timing(seconds=[1.0], error="died").relative_to(Timing(seconds=[1.0, 2.0])) is None
