"""Makes the next mini-batches while the network learns from one."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")

AHEAD = 2  # mini-batches


class Steps(Protocol[T_co]):
    """Gives the mini-batch of each step."""

    def __getitem__(self, step: int) -> T_co:
        """Returns the mini-batch of a step."""


def read_ahead(batches: Steps[T], steps: Iterable[int]) -> Generator[T, None, None]:
    """Yields the mini-batches of steps, in order; a thread makes the next two meanwhile.

    Args:
        batches: Gives the mini-batch of each step.
        steps: The steps.

    Yields:
        The mini-batches.
    """
    thread = ThreadPoolExecutor(1, thread_name_prefix="batches")
    waiting: deque[Future[T]] = deque()
    try:
        for step in steps:
            waiting.append(thread.submit(batches.__getitem__, step))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        thread.shutdown(cancel_futures=True)
