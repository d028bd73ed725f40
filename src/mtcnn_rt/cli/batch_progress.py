"""Shows how far a batch is: a bar with the rate on terminals, else a line now and then."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any

from mtcnn_rt._closing import Closing
from mtcnn_rt.cli.messages import notify
from mtcnn_rt.cli.progress import progress_bar

if TYPE_CHECKING:
    from rich.console import Console

LINES = 20  # failures that get a line each
EVERY = 60.0  # seconds between lines where there is no terminal


class BatchProgress(Closing):
    """Reports records; use it in a `with` block.

    Args:
        console: The place where it appears.
        done: Number of images that an earlier run has done.
        count: Returns the number of images, or None; it is called in a thread, as it takes long.
    """

    def __init__(self, console: Console, done: int, count: Callable[[], int | None]) -> None:
        from rich.progress import TextColumn

        self._console = console
        self._done, self._new, self._problems = done, 0, 0
        self._total: int | None = None
        self._count = count
        self._bar = progress_bar(console, TextColumn("{task.fields[rate]}"))
        self._task = self._bar.add_task("", total=None, completed=done, rate="")
        self._start = self._last = monotonic()

    def __enter__(self) -> BatchProgress:
        """Starts to count the images, and shows the bar."""
        threading.Thread(target=self._find_total, daemon=True).start()
        self._bar.start()
        return self

    def close(self) -> None:
        """Ends the bar."""
        self._bar.stop()

    def report(self, record: dict[str, Any]) -> None:
        """Counts a record, and prints a line for a failure, up to `LINES`."""
        self._new += 1
        if problem := record["error"] or record["note"]:
            self._problems += 1
            if self._problems <= LINES:
                notify(problem, self._console)
            if self._problems == LINES:
                notify("further failures are in the results only", self._console)
        rate = self._rate()
        self._bar.update(self._task, advance=1, total=self._total, rate=f"{rate:.1f} a second")
        if not self._console.is_terminal and monotonic() - self._last > EVERY:
            self._last = monotonic()
            notify(self.line(), self._console)

    def line(self) -> str:
        """Returns the number of images that are done, the rate, and the time left."""
        done, rate = self._done + self._new, self._rate()
        if self._total is None:
            return f"{done} images, {rate:.1f} a second"
        left = max(0, self._total - done) / rate if rate else 0.0
        return f"{done} of {self._total} images, {rate:.1f} a second, {_duration(left)} left"

    def _rate(self) -> float:
        return self._new / max(monotonic() - self._start, 1e-9)

    def _find_total(self) -> None:
        try:
            self._total = self._count()
        except Exception:  # the search reports it; a thread would print its stack
            self._total = None


def _duration(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
