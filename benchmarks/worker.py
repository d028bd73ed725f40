"""A detector in a process of its own, told over a pipe when to work.

One process a detector and thread count, because TensorFlow fixes its threads once a process, and
because in one process the thread pools of PyTorch, OpenCV and ONNX Runtime would compete. While
one works the others are blocked reading their pipe.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from benchmarks import peers

_WARM_UPS = 3
_POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class WorkerError(Exception):
    """The detector failed; the message is the one of its own exception."""


@dataclass(frozen=True)
class Configure:
    """Build the detector, run it on the image until it is warm, return what it finds."""

    image: peers.Image
    min_face_size: int


@dataclass(frozen=True)
class Measure:
    """Return the seconds of one detection, after some that are not timed."""

    untimed: int


class Worker:
    """The parent's end of the pipe."""

    def __init__(self, peer: str, threads: int) -> None:
        """Start the process. Libraries read their environment early, so it is set before."""
        context = multiprocessing.get_context("spawn")
        self._pipe, pipe = context.Pipe()
        os.environ.update(dict.fromkeys(_POOLS, str(threads)))
        self._process = context.Process(target=_serve, args=(pipe, peer, threads), daemon=True)
        self._process.start()
        pipe.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        """Closing the pipe ends the process."""
        self._pipe.close()
        self._process.join()

    def configure(self, image: peers.Image, min_face_size: int) -> peers.Detections:
        """Get ready for an image and say what is found on it."""
        found: peers.Detections = self._ask(Configure(image, min_face_size))
        return found

    def measure(self, untimed: int) -> float:
        """Seconds of one detection, measured inside the process."""
        seconds: float = self._ask(Measure(untimed))
        return seconds

    def _ask(self, request: Configure | Measure) -> Any:
        try:
            self._pipe.send(request)
            answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise WorkerError("the process died") from error
        if isinstance(answer, WorkerError):
            raise answer
        return answer


def _serve(pipe: Connection, peer: str, threads: int) -> None:
    """Answer requests until the parent closes the pipe."""
    bench = _Bench(peer, threads)
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
    """The detector and the image of the setting that is measured."""

    def __init__(self, peer: str, threads: int) -> None:
        self._peer = peer
        self._threads = threads
        self._detect: Callable[[], peers.Detections] | None = None

    def answer(self, request: Configure | Measure) -> peers.Detections | float:
        if isinstance(request, Configure):
            return self._configure(request)
        if self._detect is None:
            raise RuntimeError("not configured")
        for _ in range(request.untimed):
            self._detect()
        start = time.perf_counter()
        self._detect()
        return time.perf_counter() - start

    def _configure(self, request: Configure) -> peers.Detections:
        self._detect = None
        detect = peers.load(self._peer, request.min_face_size, self._threads)
        for _ in range(_WARM_UPS):
            found = detect(request.image)
        self._detect = partial(detect, request.image)
        return found


def _one_line(error: Exception, limit: int = 100) -> str:
    """An exception's message without its line breaks and terminal colours."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", f"{type(error).__name__}: {error}")
    text = " ".join(plain.split())
    return text if len(text) <= limit else f"{text[:limit]}..."
