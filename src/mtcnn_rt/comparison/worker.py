"""A process of its own for what is timed, told over a pipe when to work.

One process a detector and thread count, because TensorFlow fixes its threads once a process, and
because in one process the thread pools of PyTorch, OpenCV and ONNX Runtime would compete. While
one works the others are blocked reading their pipe.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import re
import signal
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Protocol

_WARM_UPS = 3
_SHORTEST = 0.01
"""Seconds of a turn; a shorter run is repeated."""
_POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Task(Protocol):
    """What a worker is to do; pickled on its way there."""

    def prepare(self, threads: int) -> Callable[[], Any]:
        """Everything that is not timed. The function that it returns is."""


class WorkerError(Exception):
    """The task failed; the message is the one of its own exception."""


@dataclass(frozen=True)
class _Prepare:
    """Get the task ready under this name, run it until it is warm, return what it gives."""

    name: Hashable
    task: Task


@dataclass(frozen=True)
class _Time:
    """Return the seconds of one run, after some turns that are not timed."""

    name: Hashable
    untimed: int


class Worker:
    """The parent's end of the pipe."""

    def __init__(self, threads: int, environment: Mapping[str, str] | None = None) -> None:
        """Starts the process. Libraries read their environment when they are loaded."""
        context = multiprocessing.get_context("spawn")
        self._pipe, pipe = context.Pipe()
        self._process = context.Process(target=_serve, args=(pipe, threads), daemon=True)
        with _environment({**dict.fromkeys(_POOLS, str(threads)), **(environment or {})}):
            self._process.start()
        pipe.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        """Closing the pipe ends the process."""
        self._pipe.close()
        self._process.join()

    def prepare(self, name: Hashable, task: Task) -> Any:
        """Gets ready for a task, in place of the one that had this name. What the task gives."""
        return self._ask(_Prepare(name, task))

    def time(self, name: Hashable, untimed: int) -> float:
        """Seconds of one run in a turn, measured inside the process, after so many turns that are
        not timed."""
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
    """What a process that is started in this block inherits."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _serve(pipe: Connection, threads: int) -> None:
    """Answer requests until the parent closes the pipe; Ctrl-C is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bench = _Bench(threads)
    while True:
        try:
            request = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(bench.answer(request))
        except Exception as error:  # whatever a package raises is a result to report
            pipe.send(WorkerError(_one_line(error)))


class _Bench:
    """The tasks that are ready, and how often each runs in a turn."""

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
    """Of one run, the mean."""
    start = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - start) / repeats


def _one_line(error: Exception, limit: int = 100) -> str:
    """An exception's message without its line breaks and terminal colors."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", f"{type(error).__name__}: {error}")
    text = " ".join(plain.split())
    return text if len(text) <= limit else f"{text[:limit]}..."
