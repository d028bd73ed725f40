"""Runs tasks in processes of their own, to time them.

Each detector and number of threads has one process, because TensorFlow sets its threads once a
process, and because in one process the thread pools of PyTorch, OpenCV and ONNX Runtime would
compete. While one process works, the others wait for a request from their pipe.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import re
import signal
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from mtcnn_rt._closing import Closing
from mtcnn_rt._comparison.foreign import start
from mtcnn_rt._signals import children_without_interrupts

_WARM_UPS = 3
_LONGEST = 100  # characters of a reason
_SHORTEST = 0.01
"""The least seconds of a turn. Shorter runs are repeated."""
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Task(Protocol):
    """Describes what a worker runs. It is pickled on its way to the worker."""

    def prepare(self, threads: int) -> Callable[[], Any]:
        """Does everything that is not timed.

        Args:
            threads: The number of threads to use.

        Returns:
            The function that is timed.
        """


class WorkerError(Exception):
    """Reports that a task failed, with the message of the task's own exception."""


@dataclass(frozen=True)
class _Prepare:
    """Asks to prepare a task under a name, run it until it is warm and return its output."""

    name: Hashable
    task: Task


@dataclass(frozen=True)
class _Time:
    """Asks for the seconds of one run, after some turns that are not timed."""

    name: Hashable
    untimed: int


class Worker(Closing):
    """Starts a process that runs tasks, and ends it at the end of a `with` block.

    Args:
        threads: The number of threads of the tasks.
        environment: Environment variables of the process. Libraries read them when they are loaded.
        python: Interpreter of another environment that the process runs in; None is this one.

    Raises:
        OSError: There is no such interpreter.
    """

    def __init__(
        self,
        threads: int,
        environment: Mapping[str, str] | None = None,
        python: Path | None = None,
    ) -> None:
        variables = {**dict.fromkeys(_THREAD_VARIABLES, str(threads)), **(environment or {})}
        if python is not None:
            self._pipe, foreign = start(python, threads, {**os.environ, **variables})
            self._wait: Callable[[], object] = foreign.wait
            return
        context = multiprocessing.get_context("spawn")
        self._pipe, pipe = context.Pipe()
        process = context.Process(target=serve, args=(pipe, threads), daemon=True)
        with children_without_interrupts(), _environment(variables):
            process.start()
        pipe.close()
        self._wait = process.join

    def close(self) -> None:
        """Ends the process."""
        self._pipe.close()
        self._wait()

    def prepare(self, name: Hashable, task: Task) -> Any:
        """Prepares a task and runs it until it is warm.

        Args:
            name: The name of the task. It replaces a task with the same name.
            task: The task.

        Returns:
            The output of the task.

        Raises:
            WorkerError: The task failed, or the process died.
        """
        return self._ask(_Prepare(name, task))

    def time(self, name: Hashable, untimed: int) -> float:
        """Runs a task and measures the time inside the process.

        Args:
            name: The name of a task that is prepared.
            untimed: The number of turns before that are not timed.

        Returns:
            Seconds of one run.

        Raises:
            WorkerError: The task failed, or the process died.
        """
        seconds: float = self._ask(_Time(name, untimed))
        return seconds

    def _ask(self, request: _Prepare | _Time) -> Any:
        try:
            self._pipe.send(request)
            answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise WorkerError("the process died") from error
        if isinstance(answer, WorkerError):
            raise answer
        return answer


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Sets variables that a process started in this block inherits."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def serve(pipe: Connection, threads: int) -> None:
    """Answers requests until the parent closes the pipe.

    Args:
        pipe: The requests come, and the answers go, through it.
        threads: The number of threads of the tasks.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    runner = _Runner(threads)
    while True:
        try:
            request = pipe.recv()
        except (EOFError, OSError):  # the parent has ended
            return
        try:
            pipe.send(runner.answer(request))
        except Exception as error:  # reported, whatever a package raises
            with suppress(OSError):  # the parent has ended
                pipe.send(WorkerError(_one_line(error)))


@contextmanager
def open_workers(
    names: Iterable[str], threads: int, pythons: Mapping[str, Path] | None = None
) -> Iterator[dict[str, Worker]]:
    """Starts a worker for each name, and ends them at the end of a `with` block.

    Args:
        names: The names, such as those of detectors.
        threads: The number of threads of the tasks.
        pythons: Interpreters of other environments, by name; the other workers run in this one.

    Yields:
        The workers by name.
    """
    others = pythons or {}
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(Worker(threads, python=others.get(name))) for name in names
        }


class _Runner:
    """Holds the prepared tasks, and how often each runs in a turn."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._runs: dict[Hashable, tuple[Callable[[], Any], int]] = {}

    def answer(self, request: _Prepare | _Time) -> Any:
        if isinstance(request, _Prepare):
            return self._prepare(request)
        run, repeats = self._runs[request.name]
        for _ in range(request.untimed):
            _seconds(run, repeats)
        return _seconds(run, repeats)

    def _prepare(self, request: _Prepare) -> Any:
        self._runs.pop(request.name, None)
        run = request.task.prepare(self._threads)
        for _ in range(_WARM_UPS):
            result = run()
        repeats = math.ceil(_SHORTEST / max(_seconds(run, 1), 1e-9))
        self._runs[request.name] = run, repeats
        return result


def _seconds(run: Callable[[], Any], repeats: int) -> float:
    """Returns the mean seconds of one run."""
    start = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - start) / repeats


def _one_line(error: Exception) -> str:
    """Returns an exception's message without its line breaks and terminal colors."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", f"{type(error).__name__}: {error}")
    text = " ".join(plain.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
