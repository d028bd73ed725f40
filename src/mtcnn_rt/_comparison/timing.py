"""Times several tasks in turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mtcnn_rt._comparison.worker import Task, Worker, WorkerError

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class TimingSettings:
    """Sets how tasks are timed.

    Attributes:
        rounds: The number of timed turns of each task.
        untimed: The number of runs that are not timed before each timed run.
        pause: Seconds of rest before each turn.
    """

    rounds: int
    untimed: int = 1
    pause: float = 0.25


@dataclass
class Timing:
    """Holds what is measured of one task.

    Attributes:
        output: What the task returned; None where it failed before.
        seconds: The time of each timed run.
        error: Why the task failed; None where it did not.
    """

    output: Any = None
    seconds: list[float] = field(default_factory=list)
    error: str | None = None

    @property
    def median(self) -> float:
        """The median of the timed runs, in seconds."""
        return statistics.median(self.seconds)

    def relative_to(self, other: Timing) -> float | None:
        """Divides this task's times by another's, round by round.

        Args:
            other: The times of the other task, from the same rounds.

        Returns:
            The median of the rounds' ratios, or None where one of the two failed.
        """
        if self.error is not None or other.error is not None:
            return None
        pairs = zip(self.seconds, other.seconds, strict=True)
        return statistics.median(own / reference for own, reference in pairs)


def time_in_turn(
    tasks: Mapping[Name, tuple[Worker, Task]], settings: TimingSettings
) -> dict[Name, Timing]:
    """Times tasks in turn, A B C A B C, so that a drift of the machine affects all alike.

    All tasks are prepared first. The pause before each turn lets the threads of the task before
    stop spinning; the runs that are not timed then bring caches and clock frequencies back, as in
    continuous use.

    Args:
        tasks: The worker of each task and the task, by name.
        settings: The number of rounds and what happens before a timed run.

    Returns:
        The times of each task, by name. A task that fails takes no further turns.
    """
    timings = {name: _prepare(name, worker, task) for name, (worker, task) in tasks.items()}
    for _ in range(settings.rounds):
        for name, (worker, _task) in tasks.items():
            timing = timings[name]
            if timing.error is not None:
                continue
            time.sleep(settings.pause)
            try:
                timing.seconds.append(worker.time(name, settings.untimed))
            except WorkerError as error:
                timing.error = str(error)
    return timings


def _prepare(name: Hashable, worker: Worker, task: Task) -> Timing:
    try:
        return Timing(output=worker.prepare(name, task))
    except WorkerError as error:
        return Timing(error=str(error))
