"""When the whole frame is searched for faces."""

from __future__ import annotations

import math

LEAST_FRAMES = 2
MOST_SECONDS = 0.5
"""However few frames a second there are, a new face is found within this time."""


class Schedule:
    """Says for each frame whether a full detection is due.

    every        one every so many frames. None adapts the interval: it grows by a frame when a
                 full detection finds just the faces that are followed, and shrinks by one, to every
                 second frame at least, when there is a new face or one is lost. So a quiet scene
                 costs little, and one in which faces come and go is looked at closely.
    most_frames  the longest interval that adapts; nor is it longer than `MOST_SECONDS`."""

    def __init__(self, every: int | None, most_frames: int) -> None:
        self._every, self._most_frames = every, most_frames
        self._interval = every or min(LEAST_FRAMES, most_frames)
        self._frames = math.inf
        self._time = -math.inf

    def due(self, time: float) -> bool:
        """For the next frame, at `time` in seconds."""
        self._frames += 1
        late = self._every is None and time - self._time >= MOST_SECONDS
        return late or self._frames >= self._interval

    def detected(self, time: float, confirmed: bool) -> None:
        """This frame was searched in full. confirmed: it has just the faces that are followed."""
        self._frames, self._time = 0, time
        if self._every is None:
            interval = self._interval + (1 if confirmed else -1)
            self._interval = min(max(interval, LEAST_FRAMES), self._most_frames)
