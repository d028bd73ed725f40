"""Reads the times and rates of an input, with usual values where it has none."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

_CLOCK_STARTS_ANYWHERE = 0x0200  # FFmpeg's AVFMT_TS_DISCONT, such as of transport streams
_HIGHEST_FPS = 1000  # a higher one is the unit of the times, not a rate
_USUAL_FPS = Fraction(25)


def offset(container: InputContainer) -> Fraction:
    """Returns the time in seconds to subtract from all times.

    It is the start of the input if its clock starts anywhere, else 0.
    """
    if not container.format.flags & _CLOCK_STARTS_ANYWHERE:
        return Fraction(0)
    return Fraction(max(0, container.start_time or 0), av.time_base)


def fraction(value: Any) -> Fraction:
    """Returns PyAV's rational number, whose type depends on its version; 0 for None."""
    return Fraction(value.numerator, value.denominator) if value else Fraction(0)


def rate(stream: VideoStream) -> Fraction:
    """Returns the average frames per second; 25 if the input has no rate that makes sense."""
    rates = (fraction(stream.average_rate), fraction(stream.guessed_rate))
    return next((fps for fps in rates if 0 < fps <= _HIGHEST_FPS), _USUAL_FPS)


def duration(container: InputContainer, stream: VideoStream) -> float:
    """Returns the duration in seconds; 0 if the input has none."""
    if stream.duration and stream.time_base:
        return float(stream.duration * fraction(stream.time_base))
    return max(0, container.duration or 0) / av.time_base


def next_pts(frame: VideoFrame, previous: int, step: int, shift: int) -> int:
    """Returns the presentation time of a decoded frame, later than that of the frame before.

    Args:
        frame: The frame.
        previous: Presentation time of the frame before.
        step: Usual time between frames, for a frame that has no time, or one that goes back.
        shift: Time that is subtracted from the frame's own.
    """
    pts = previous if frame.pts is None else frame.pts - shift
    return pts if pts > previous else previous + step
