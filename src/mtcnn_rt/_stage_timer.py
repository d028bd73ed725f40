"""Measures the time that each stage of the cascade takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import perf_counter

Timer = Callable[[str], AbstractContextManager[None]]
"""Returns a context manager that surrounds the work of the named stage."""

_NOTHING = nullcontext()


def untimed(stage: str) -> AbstractContextManager[None]:
    """Measures nothing; the timer of a detector unless it is given another one."""
    return _NOTHING


class StageTimer:
    """Adds up the seconds of each stage.

    Attributes:
        seconds: Seconds by the name of the stage, since the last `reset`.

    Example:
        >>> timer = StageTimer()
        >>> with timer("NMS"):
        ...     pass
        >>> timer.seconds["NMS"] < 1
        True
    """

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Adds the time of the block to the stage."""
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += perf_counter() - start

    def reset(self) -> None:
        """Sets the seconds of all stages to 0."""
        self.seconds.clear()
