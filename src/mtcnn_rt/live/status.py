"""What a live view tells: how fast it is, and news."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

NEWS_SECONDS = 3.0
"""How long a line of news can be read."""


class News:
    """The last line of news, for whoever draws it; `say` gets every line at once."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._line, self._end = "", 0.0

    def tell(self, line: str, seconds: float = NEWS_SECONDS) -> None:
        """From any thread. Another line may come before `seconds` are over."""
        self._line, self._end = line, time.perf_counter() + seconds
        self._say(line)

    @property
    def line(self) -> str:
        return self._line if time.perf_counter() < self._end else ""


class Rates:
    """Frames a second and latency, over the last two seconds."""

    SPAN = 2.0

    def __init__(self) -> None:
        self._shown: deque[tuple[float, float]] = deque()  # when, latency, both in seconds

    def shown(self, captured: float | None) -> None:
        """A picture is, now; captured: when it was, in `time.perf_counter()`."""
        now = time.perf_counter()
        self._shown.append((now, 0.0 if captured is None else now - captured))

    def lately(self) -> tuple[float, float]:
        """Frames a second, and the mean latency in milliseconds; 0 where there were none."""
        now = time.perf_counter()
        while self._shown and self._shown[0][0] < now - self.SPAN:
            self._shown.popleft()
        if len(self._shown) < 2:
            return 0.0, 0.0
        seconds = self._shown[-1][0] - self._shown[0][0]
        latency = sum(latency for _, latency in self._shown) / len(self._shown)
        return (len(self._shown) - 1) / max(seconds, 1e-3), 1e3 * latency
