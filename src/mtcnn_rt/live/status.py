"""Collects the status of a live view: how fast it is, what it does, and its news."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

NEWS_SECONDS = 3.0
"""Seconds for which a view shows a line of news."""


@dataclass(frozen=True)
class Status:
    """The numbers and states that a view shows beside the image.

    Attributes:
        fps: Images shown per second, over the last seconds.
        latency: Milliseconds from the capture of an image until it is shown, over the last
            seconds.
        dropped: Frames that newer ones have replaced so far.
        faces: Faces in the image.
        paused: The image stands still.
        tracking: Faces have ids.
        anonymize: Method by which faces are covered, or "off".
        always_covered: No action uncovers the faces.
        recording: The shown images are written to a file, or sent on.
        message: News, such as the name of a snapshot; empty if there are none.
    """

    fps: float = 0.0
    latency: float = 0.0
    dropped: int = 0
    faces: int = 0
    paused: bool = False
    tracking: bool = False
    anonymize: str = "off"
    always_covered: bool = False
    recording: bool = False
    message: str = ""

    def lines(self) -> list[str]:
        """Returns the status as lines of text for `draw_status`; some may be empty."""
        numbers = f"{self.fps:.1f} fps   {self.latency:.0f} ms   {self.dropped} dropped"
        states = [
            "paused" if self.paused else "",
            "recording" if self.recording else "",
            "" if self.tracking else "no tracking",
            "" if self.anonymize == "off" else self.anonymize,
        ]
        return [numbers, "   ".join(filter(None, states)), self.message]


class News:
    """Holds the last line of news for a few seconds.

    Args:
        echo: Is called with every line at once.
    """

    def __init__(self, echo: Callable[[str], None]) -> None:
        self._echo = echo
        self._line, self._end = "", 0.0

    def add(self, line: str, seconds: float = NEWS_SECONDS) -> None:
        """Replaces the line of news, for `seconds`. Any thread may call it."""
        self.show(line, seconds)
        self._echo(line)

    def show(self, line: str, seconds: float = NEWS_SECONDS) -> None:
        """Replaces the line of news without an echo: viewers may cause any number of it."""
        self._line, self._end = line, time.perf_counter() + seconds

    @property
    def line(self) -> str:
        """The last line of news; empty when its time is over."""
        return self._line if time.perf_counter() < self._end else ""


class Rates:
    """Measures frames per second and latency over the last two seconds."""

    SPAN = 2.0

    def __init__(self) -> None:
        self._shown: deque[tuple[float, float]] = deque()  # time shown, latency, in seconds

    def shown(self, captured: float | None) -> None:
        """Counts an image that is shown now.

        Args:
            captured: Time of its capture, in `time.perf_counter()`; None if it is unknown.
        """
        now = time.perf_counter()
        self._shown.append((now, 0.0 if captured is None else now - captured))

    def lately(self) -> tuple[float, float]:
        """Returns frames per second, and the mean latency in ms; 0 without two images."""
        now = time.perf_counter()
        while self._shown and self._shown[0][0] < now - self.SPAN:
            self._shown.popleft()
        if len(self._shown) < 2:
            return 0.0, 0.0
        seconds = self._shown[-1][0] - self._shown[0][0]
        latency = sum(latency for _, latency in self._shown) / len(self._shown)
        return (len(self._shown) - 1) / max(seconds, 1e-3), 1e3 * latency
