"""Joins the frames of several sources, one after another, into one video."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from mtcnn_rt.video.frame import Frame, VideoFormat
from mtcnn_rt.video.sources.upright import fit


class Timeline:
    """Gives the frames of later sources the size, time base and numbering of the first source.

    Args:
        video: The format of the first source.
    """

    def __init__(self, video: VideoFormat) -> None:
        self._video = video
        self._shift = Fraction(0)
        self._start: Fraction | None = None
        self._last: Frame | None = None

    def restart(self, start: Fraction) -> None:
        """Makes the next frame the first one of another source, at `start` in seconds."""
        self._start = start

    @property
    def end(self) -> Fraction:
        """The end of the last frame, in seconds."""
        return self.time + (self._last.duration if self._last else 0) * self._video.time_base

    @property
    def time(self) -> Fraction:
        """The time of the last frame, in seconds."""
        return (self._last.pts if self._last else self._video.start) * self._video.time_base

    def place(self, frame: Frame) -> Frame:
        """Returns a frame, fitted to the size, time base and numbering."""
        unit, last = self._video.time_base, self._last
        time = frame.pts * frame.time_base
        if self._start is not None:
            self._shift, self._start = self._start - time, None
        pts = round((time + self._shift) / unit)
        if last and pts <= last.pts:
            pts = last.pts + 1
        self._last = replace(
            frame,
            image=fit(frame.image, self._video.size),
            time=float(pts * unit),
            pts=pts,
            duration=max(1, round(frame.duration * frame.time_base / unit)),
            time_base=unit,
            index=last.index + 1 if last else 0,
        )
        return self._last
