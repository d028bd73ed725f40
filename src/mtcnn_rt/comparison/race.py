"""Several tasks timed in turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mtcnn_rt.comparison.worker import Task, Worker, WorkerError

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Protocol:
    """How it is measured.

    rounds: timed turns of each task. untimed: turns before each of them. pause: seconds before
    those."""

    rounds: int
    untimed: int = 1
    pause: float = 0.25


@dataclass
class Timing:
    """What is known of one task: what it gave, how long each timed run took, or why it failed."""

    output: Any = None
    seconds: list[float] = field(default_factory=list)
    error: str | None = None

    @property
    def median(self) -> float:
        """Of the timed runs, in seconds."""
        return statistics.median(self.seconds)

    def relative_to(self, other: Timing) -> float | None:
        """The median over the rounds of this time by the other's of the same round."""
        if self.error is not None or other.error is not None:
            return None
        pairs = zip(self.seconds, other.seconds, strict=True)
        return statistics.median(own / reference for own, reference in pairs)


def race(entrants: Mapping[Name, tuple[Worker, Task]], protocol: Protocol) -> dict[Name, Timing]:
    """Times the tasks in turn, A B C A B C, so that a drift of the machine hits all.

    All are made ready first. A pause before each turn lets the threads of the one before stop
    spinning; runs that are not timed then bring caches and clocks back, as in continuous use."""
    timings = {name: _ready(name, *entrant) for name, entrant in entrants.items()}
    for _ in range(protocol.rounds):
        for name, (worker, _task) in entrants.items():
            timing = timings[name]
            if timing.error is not None:
                continue
            time.sleep(protocol.pause)
            try:
                timing.seconds.append(worker.time(name, protocol.untimed))
            except WorkerError as error:
                timing.error = str(error)
    return timings


def _ready(name: Hashable, worker: Worker, task: Task) -> Timing:
    try:
        return Timing(output=worker.prepare(name, task))
    except WorkerError as error:
        return Timing(error=str(error))
