"""What an input says of its times, and what to make of it where that is not much."""

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
    """When the input starts, in seconds, where that has no meaning; else 0."""
    if not container.format.flags & _CLOCK_STARTS_ANYWHERE:
        return Fraction(0)
    return Fraction(max(0, container.start_time or 0), av.time_base)


def fraction(value: Any) -> Fraction:
    """PyAV's rational number, which is another one in each version; 0 where it is not known."""
    return Fraction(value.numerator, value.denominator) if value else Fraction(0)


def rate(stream: VideoStream) -> Fraction:
    """Frames a second, on average, or what is usual where nothing is known."""
    rates = (fraction(stream.average_rate), fraction(stream.guessed_rate))
    return next((fps for fps in rates if 0 < fps <= _HIGHEST_FPS), _USUAL_FPS)


def duration(container: InputContainer, stream: VideoStream) -> float:
    """Seconds, 0 where the input does not say."""
    if stream.duration and stream.time_base:
        return float(stream.duration * fraction(stream.time_base))
    return max(0, container.duration or 0) / av.time_base


def next_pts(picture: VideoFrame, previous: int, step: int, shift: int) -> int:
    """Its own pts less `shift`, or one step on where it has none or one that goes back."""
    pts = previous if picture.pts is None else picture.pts - shift
    return pts if pts > previous else previous + step
