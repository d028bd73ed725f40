"""Calls a function in several processes."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

from mtcnn_rt._signals import children_without_interrupts

Job = TypeVar("Job")
Result = TypeVar("Result")


def map_in_order(
    function: Callable[[Job], Result], jobs: Sequence[Job], workers: int
) -> Iterator[Result]:
    """Calls a function for each job, and yields the results in the order of the jobs.

    Processes start anew ("spawn"), since copies of a process with threads may hang. An interrupt
    or an error cancels the jobs that did not begin.

    Args:
        function: The function; with several workers it must be picklable. Every process has its
            own, so that what it loads for a job is there for the next.
        jobs: The arguments of the calls.
        workers: Number of processes; 1: this one.

    Yields:
        The results.
    """
    if workers == 1 or len(jobs) <= 1:
        yield from map(function, jobs)
        return
    processes = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(function,),
    )
    try:
        with children_without_interrupts():
            results = processes.map(_call, jobs)
        yield from results
    finally:
        processes.shutdown(cancel_futures=True)


_function: Callable[[Any], Any]


def _start(function: Callable[[Any], Any]) -> None:
    """Keeps the function of this process. Ctrl-C is for the process that started it."""
    global _function
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _function = function


def _call(job: Any) -> Any:
    return _function(job)
