"""Tasks for the workers of a comparison."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Gives:
    """Gives a value."""

    value: Any

    def prepare(self, threads: int) -> Callable[[], Any]:
        return lambda: self.value


@dataclass(frozen=True)
class Counts:
    """Gives how often it has run."""

    def prepare(self, threads: int) -> Callable[[], int]:
        runs: list[None] = []

        def run() -> int:
            runs.append(None)
            return len(runs)

        return run


@dataclass(frozen=True)
class Tells:
    """Gives the number of threads and a variable of the environment."""

    variable: str

    def prepare(self, threads: int) -> Callable[[], tuple[int, str | None]]:
        return lambda: (threads, os.environ.get(self.variable))


@dataclass(frozen=True)
class Raises:
    """Fails when it is made ready."""

    message: str

    def prepare(self, threads: int) -> Callable[[], Any]:
        raise ValueError(self.message)


@dataclass(frozen=True)
class Dies:
    """Ends its process."""

    def prepare(self, threads: int) -> Callable[[], Any]:
        os._exit(1)
