"""Defines tasks for the workers of a comparison."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ReturnValue:
    """Returns a value."""

    value: Any

    def prepare(self, threads: int) -> Callable[[], Any]:
        return lambda: self.value


@dataclass(frozen=True)
class HearsInterrupts:
    """Returns whether Ctrl-C reaches the process."""

    def prepare(self, threads: int) -> Callable[[], bool]:
        return lambda: signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@dataclass(frozen=True)
class CountRuns:
    """Returns the number of its runs."""

    def prepare(self, threads: int) -> Callable[[], int]:
        runs: list[None] = []

        def run() -> int:
            runs.append(None)
            return len(runs)

        return run


@dataclass(frozen=True)
class ReturnEnvironment:
    """Returns the number of threads and an environment variable."""

    variable: str

    def prepare(self, threads: int) -> Callable[[], tuple[int, str | None]]:
        return lambda: (threads, os.environ.get(self.variable))


@dataclass(frozen=True)
class RaiseError:
    """Raises an exception when it is prepared."""

    message: str

    def prepare(self, threads: int) -> Callable[[], Any]:
        raise ValueError(self.message)


@dataclass(frozen=True)
class EndProcess:
    """Ends the process of its worker."""

    def prepare(self, threads: int) -> Callable[[], Any]:
        os._exit(1)
