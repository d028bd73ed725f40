"""Decides how much of the search for new faces each frame does."""

from __future__ import annotations

import math

LEAST_FRAMES = 2
"""Shortest interval, in frames, that adapts."""
MOST_SECONDS = 0.5
"""Longest time between full detections that adapt: new faces are found soon at any frame rate."""


class Schedule:
    """Decides for each frame how much of a full detection is to be done by its end.

    A full detection is spread over the frames of an interval, and ends in the last of them.

    Args:
        every: Interval between full detections, in frames. None adapts it: it grows by a frame when
            a full detection finds exactly the faces that are followed, and shrinks by one, down to
            `LEAST_FRAMES`, when there is a new face or one is lost. So a quiet scene costs little,
            and new faces are found soon where faces come and go.
        most_frames: Longest interval that adapts, in frames. It also stays within `MOST_SECONDS`.
    """

    def __init__(self, every: int | None, most_frames: int) -> None:
        self._every, self._most_frames = every, most_frames
        self._interval = every or min(LEAST_FRAMES, most_frames)
        self._frames = math.inf
        self._time = -math.inf

    def share(self, time: float) -> float:
        """Returns the share of the full detection to be done by the end of the next frame.

        Args:
            time: Of the frame, in seconds.

        Returns:
            More than 0; the full detection ends in this frame from 1 on.
        """
        self._frames += 1
        share = self._frames / self._interval
        if self._every is None:
            share = max(share, (time - self._time) / MOST_SECONDS)
        return share

    def detected(self, time: float, confirmed: bool) -> None:
        """Records that a full detection ended in this frame.

        Args:
            time: Of the frame, in seconds.
            confirmed: True if the frame has exactly the faces that are followed.
        """
        self._frames, self._time = 0, time
        if self._every is None:
            interval = self._interval + (1 if confirmed else -1)
            self._interval = min(max(interval, LEAST_FRAMES), self._most_frames)
